// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/potential_file.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/ranges.h>
#include <sstream>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"

namespace colonnade {
namespace {

namespace fs = std::filesystem;

void require_names(const fs::path& path, const std::vector<std::string>& names, const std::vector<std::string>& known) {
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    fail(
        "{}: the potential has no {} (it has {}); take another potential, or say its name there, e.g. "
        "--potential-names "
        "{}:{}S",
        path.string(), name, fmt::join(known, ", "), name, name);
  }
}

/// Three lines of comment, the elements, the grid, then numbers.
void check_setfl(const fs::path& path, const std::string& text, bool finnis_sinclair,
                 const std::vector<std::string>& names) {
  std::istringstream lines(text);
  std::string line;
  for (int i = 0; i < 3; ++i) std::getline(lines, line);
  int count = 0;
  lines >> count;
  if (!lines || count < 1 || count > 100) {
    fail("{}: line 4 is not the number and names of elements of an eam/alloy or eam/fs file; check the pair style",
         path.string());
  }
  std::vector<std::string> known(static_cast<std::size_t>(count));
  for (std::string& name : known) lines >> name;
  long rho_points = 0, points = 0;
  double rho_step = 0, step = 0, cutoff = 0;
  lines >> rho_points >> rho_step >> points >> step >> cutoff;
  if (!lines || rho_points < 1 || points < 1) fail("{}: line 5 is not the grid of an EAM file", path.string());
  require_names(path, names, known);
  const long densities = finnis_sinclair ? count * points : points;
  const long needed = count * (4 + rho_points + densities) + count * (count + 1L) / 2 * points;
  long found = 0;
  for (std::string word; found < needed && lines >> word;) ++found;
  if (found < needed) {
    fail("{}: the file is cut short: {} of {} values are there; get it again", path.string(), found, needed);
  }
}

}  // namespace

fs::path find_potential(const std::string& file) {
  std::vector<fs::path> places{fs::path(file)};
  if (const char* folders = std::getenv("LAMMPS_POTENTIALS"); folders != nullptr) {
    std::istringstream list(folders);
    for (std::string folder; std::getline(list, folder, ':');) places.push_back(fs::path(folder) / file);
  }
  places.push_back(fs::path("/usr/share/lammps/potentials") / file);
  std::error_code ignored;
  for (const fs::path& place : places) {
    if (fs::is_regular_file(place, ignored)) return place;
  }
  fail(
      "there is no potential {} here, in $LAMMPS_POTENTIALS or in /usr/share/lammps/potentials (apt install "
      "lammps-data); name the file",
      file);
}

void check_potential(const fs::path& path, const std::string& pair_style, const std::vector<std::string>& names) {
  const std::string text = read_file(path);
  if (text.empty()) fail("{}: the potential is empty; get it again", path.string());
  if (pair_style == "eam/alloy" || pair_style == "eam/fs") {
    check_setfl(path, text, pair_style == "eam/fs", names);
    return;
  }
  if (pair_style == "eam") return;  // one element, by its number; LAMMPS checks the rest
  std::istringstream stream(text);
  const auto unquoted = [](std::string word) {
    std::erase(word, '\'');
    return word;
  };
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(unquoted(word));
  for (const std::string& name : names) {
    if (std::find(words.begin(), words.end(), name) != words.end()) continue;
    fail("{}: the potential has no {}; take another, or say its name there, e.g. --potential-names {}:{}S",
         path.string(), name, name, name);
  }
}

}  // namespace colonnade
