// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/structure_file.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/log.h"
#include "colonnade/structures/neighbours.h"

namespace colonnade {
namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// The first line is one whole number.
bool looks_like_xyz(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  const auto first = line.find_first_not_of(blanks);
  if (first == std::string_view::npos) return false;
  const std::string_view word = line.substr(first, line.find_last_not_of(blanks) + 1 - first);
  return std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// A line opens a data block.
bool looks_like_cif(const std::string& text) {
  for (std::size_t start = 0; start < text.size();) {
    if (lower(text.substr(start, 5)) == "data_") return true;
    const auto end = text.find('\n', start);
    start = end == std::string::npos ? text.size() : end + 1;
  }
  return false;
}

void warn_of_close_atoms(Structure structure, const std::string& name) {
  structure.periodic = {false, false, false};
  constexpr double too_near_A = 0.5;
  const NeighbourList neighbours(structure, too_near_A);
  std::size_t close = 0;
  for (std::size_t i = 0; i < neighbours.size(); ++i) close += neighbours.of(i).empty() ? 0 : 1;
  if (close == 0) return;
  warn("{}: {} of {} atoms lie nearer than {} A to another: are positions in Angstrom, and each atom listed once?",
       name, close, structure.atoms.size(), too_near_A);
}

}  // namespace

Structure read_structure(const std::filesystem::path& path) {
  require_file(path, "structure file");
  std::string text = read_file(path);
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  const std::string name = path.string(), extension = lower(path.extension().string());
  const bool binary = text.find('\0') != std::string::npos;
  const bool xyz = !binary && (looks_like_xyz(text) || extension == ".xyz" || extension == ".extxyz");
  if (!xyz && (binary || (extension != ".cif" && !looks_like_cif(text)))) {
    fail("{}: not a structure file that is read here: give extended XYZ (.xyz) or CIF (.cif)", name);
  }
  const bool as_cif = !looks_like_xyz(text) && (extension == ".cif" || looks_like_cif(text));
  Structure structure = as_cif ? read_cif(text, name) : read_xyz(text, name);
  warn_of_close_atoms(structure, name);
  return structure;
}

}  // namespace colonnade
