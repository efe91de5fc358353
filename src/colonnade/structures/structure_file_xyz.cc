// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>
#include <string_view>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/log.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/structure_file.h"
#include "colonnade/structures/xyz_comment.h"

namespace colonnade {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(xyz_blanks);
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, text.find_last_not_of(xyz_blanks) + 1 - first);
}

void split(std::string_view line, std::vector<std::string_view>& tokens) {
  tokens.clear();
  for (auto start = line.find_first_not_of(xyz_blanks); start != std::string_view::npos;) {
    const auto end = line.find_first_of(xyz_blanks, start);
    tokens.push_back(line.substr(start, end == std::string_view::npos ? end : end - start));
    start = end == std::string_view::npos ? end : line.find_first_not_of(xyz_blanks, end);
  }
}

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> tokens;
  split(line, tokens);
  return tokens;
}

/// What a message shows of a token: its beginning, and no control characters.
std::string shown(std::string_view token) {
  std::string text(token.substr(0, 40));
  for (char& c : text) c = std::isprint(static_cast<unsigned char>(c)) != 0 ? c : '?';
  return text;
}

/// A finite number, with E or Fortran's D before the exponent.
std::optional<double> parsed_real(std::string_view token) {
  std::optional<double> value = parse_number<double>(token);
  if (!value && token.size() < 64 && token.find_first_of("dD") != std::string_view::npos) {
    std::string fortran(token);
    for (char& c : fortran) c = c == 'd' || c == 'D' ? 'e' : c;
    value = parse_number<double>(fortran);
  }
  return value && std::isfinite(*value) ? value : std::nullopt;
}

/// Lines of the text, without their ends, counted from 1.
class Lines {
 public:
  Lines(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

  bool next(std::string_view& line) {
    if (rest_.empty()) return false;
    const auto end = rest_.find('\n');
    line = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
    ++number_;
    return true;
  }
  std::string place() const { return fmt::format("{}:{}", name_, number_); }
  const std::string& name() const { return name_; }

 private:
  std::string_view rest_;
  const std::string& name_;
  int number_ = 0;
};

bool same_key(std::string_view key, std::string_view wanted) {
  return std::equal(key.begin(), key.end(), wanted.begin(), wanted.end(),
                    [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

bool is_reserved(std::string_view key) {
  return same_key(key, "Lattice") || same_key(key, "Properties") || same_key(key, "pbc");
}

/// Columns of an atom's line.
struct Columns {
  std::size_t species = 0, position = 1;
  std::size_t count = 4;
  bool exact = false;  ///< a line has `count` columns, neither fewer nor more
};

Columns parse_properties(const std::string& text, const Lines& lines) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == ':') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  const auto bad = [&]() {
    fail("{}: Properties={} is not understood: write e.g. Properties=species:S:1:pos:R:3", lines.place(), shown(text));
  };
  if (parts.size() % 3 != 0) bad();
  std::optional<std::size_t> species, number, position;
  std::size_t column = 0;
  for (std::size_t i = 0; i < parts.size(); i += 3) {
    const auto width = parse_number<int>(parts[i + 2]);
    if (!width || *width < 1 || *width > 1000) bad();
    if (same_key(parts[i], "species") && *width == 1) species = column;
    if ((same_key(parts[i], "Z") || same_key(parts[i], "numbers")) && *width == 1) number = column;
    if (same_key(parts[i], "pos") && *width == 3) position = column;
    column += static_cast<std::size_t>(*width);
  }
  if (!species) species = number;
  if (!species || !position) {
    fail("{}: Properties must name the columns species:S:1 (or Z:I:1) and pos:R:3", lines.place());
  }
  return {*species, *position, column, true};
}

void parse_lattice(const std::string& text, const Lines& lines, Structure& structure) {
  const auto tokens = split(text);
  if (tokens.size() != 9) {
    fail("{}: Lattice holds {} numbers instead of 9 (the three cell vectors)", lines.place(), tokens.size());
  }
  for (std::size_t i = 0; i < 9; ++i) {
    const auto value = parsed_real(tokens[i]);
    if (!value) fail("{}: '{}' in Lattice is not a number", lines.place(), shown(tokens[i]));
    structure.cell[i / 3][i % 3] = *value;
  }
  try {
    if (structure.has_cell()) require_cell(structure);
  } catch (const Error& error) {
    fail("{}: Lattice: {}", lines.place(), error.what());
  }
}

void parse_periodic(const std::string& text, const Lines& lines, Structure& structure) {
  auto tokens = split(text);
  if (tokens.size() == 1) tokens.resize(3, tokens.front());
  bool understood = tokens.size() == 3;
  for (std::size_t k = 0; k < 3 && understood; ++k) {
    structure.periodic[k] = tokens[k] == "1" || same_key(tokens[k], "T") || same_key(tokens[k], "true");
    understood = structure.periodic[k] || tokens[k] == "0" || same_key(tokens[k], "F") || same_key(tokens[k], "false");
  }
  if (!understood) fail("{}: pbc=\"{}\" is not understood: write e.g. pbc=\"T T F\"", lines.place(), shown(text));
}

/// Fills cell, periodicity and metadata; returns where an atom's line has what.
Columns parse_comment(std::string_view line, const Lines& lines, Structure& structure) {
  const auto pairs = parse_xyz_pairs(line);
  const auto value_of = [&](std::string_view key) -> const std::string* {
    const auto found =
        std::find_if(pairs->begin(), pairs->end(), [&](const auto& p) { return same_key(p.first, key); });
    return found == pairs->end() ? nullptr : &found->second;
  };
  if (!pairs || (value_of("Lattice") == nullptr && value_of("Properties") == nullptr)) {
    if (!pairs && line.find("Properties=") != std::string_view::npos) {
      fail("{}: a quote is opened and not closed", lines.place());
    }
    if (!trimmed(line).empty()) structure.metadata["comment"] = std::string(trimmed(line));
    return {};
  }
  if (const auto* lattice = value_of("Lattice")) parse_lattice(*lattice, lines, structure);
  structure.periodic.fill(structure.has_cell());
  if (const auto* periodic = value_of("pbc")) parse_periodic(*periodic, lines, structure);
  const bool any = structure.periodic[0] || structure.periodic[1] || structure.periodic[2];
  if (any && !structure.has_cell()) fail("{}: pbc asks for periodicity, but there is no Lattice", lines.place());
  for (const auto& [key, value] : *pairs) {
    if (!key.empty() && !is_reserved(key)) structure.metadata[key] = metadata_of(value);
  }
  const auto* properties = value_of("Properties");
  return properties == nullptr ? Columns() : parse_properties(*properties, lines);
}

/// Number of an element given as symbol or as number.
int parse_species(std::string_view token, const Lines& lines) {
  const auto number = parse_number<int>(token);
  const Element* found = number ? find_element(*number) : find_element(token);
  if (found != nullptr) return found->number;
  if (number) fail("{}: there is no element with atomic number {}", lines.place(), *number);
  fail("{}: {}", lines.place(), unknown_element_text(token));
}

Atom parse_atom(const std::vector<std::string_view>& tokens, const Columns& columns, const Lines& lines) {
  if (tokens.size() < columns.count || (columns.exact && tokens.size() > columns.count)) {
    fail("{}: expected {}{} columns for an atom, found {}", lines.place(), columns.exact ? "" : "at least ",
         columns.count, tokens.size());
  }
  Atom atom;
  atom.number = parse_species(tokens[columns.species], lines);
  double* const values[] = {&atom.position.x, &atom.position.y, &atom.position.z};
  for (std::size_t k = 0; k < 3; ++k) {
    const std::string_view token = tokens[columns.position + k];
    const auto value = parsed_real(token);
    if (!value || std::abs(*value) > 1e9) fail("{}: '{}' is not a position in Angstrom", lines.place(), shown(token));
    *values[k] = *value;
  }
  return atom;
}

std::int64_t parse_count(Lines& lines) {
  std::string_view line;
  if (!lines.next(line)) fail("{}: the file is empty: an XYZ file begins with the number of atoms", lines.name());
  const auto count = parse_number<std::int64_t>(trimmed(line));
  if (!count || *count < 0) {
    fail("{}: expected the number of atoms, found '{}'", lines.place(), shown(trimmed(line)));
  }
  if (*count == 0) fail("{}: the file holds no atoms", lines.place());
  return *count;
}

/// Behind the atoms: nothing, or further frames, which are left out.
void check_rest(Lines& lines, std::int64_t count) {
  std::string_view line;
  while (lines.next(line)) {
    if (trimmed(line).empty()) continue;
    if (!parse_number<std::int64_t>(trimmed(line))) {
      fail("{}: the first line says {} atoms, but more lines follow: correct the number", lines.place(), count);
    }
    warn("{}: more than one frame: only the first is read, the next begins in line {}", lines.name(),
         lines.place().substr(lines.name().size() + 1));
    return;
  }
}

/// Six decimals, and no minus before zero.
std::string fixed(double value) {
  if (!std::isfinite(value)) fail("a position or cell vector that is not finite cannot be written to an XYZ file");
  std::string text = fmt::format("{:.6f}", value);
  return text == "-0.000000" ? text.substr(1) : text;
}

/// ":name:I:1" of each further column.
std::string property_text(const Structure& structure, const std::vector<AtomNumbers>& columns) {
  std::string text;
  for (const AtomNumbers& column : columns) {
    const bool plain = !column.name.empty() && std::all_of(column.name.begin(), column.name.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '_';
    });
    if (!plain || column.values.size() != structure.atoms.size()) {
      fail("the property '{}' has {} values for {} atoms; give a plain name and one value per atom", column.name,
           column.values.size(), structure.atoms.size());
    }
    text += ":" + column.name + ":I:1";
  }
  return text;
}

}  // namespace

Structure read_xyz(const std::string& text, const std::string& name) {
  Lines lines(text, name);
  const std::int64_t count = parse_count(lines);
  std::string_view line;
  if (!lines.next(line)) fail("{}: the file ends before the comment line and the atoms", lines.place());
  Structure structure;
  const Columns columns = parse_comment(line, lines, structure);
  std::vector<std::string_view> tokens;
  for (std::int64_t i = 0; i < count; ++i) {
    if (!lines.next(line)) fail("{}: the file ends after {} of {} atoms", lines.place(), i, count);
    split(line, tokens);
    structure.atoms.push_back(parse_atom(tokens, columns, lines));
  }
  check_rest(lines, count);
  return structure;
}

std::string to_xyz(const Structure& structure, const std::vector<AtomNumbers>& columns) {
  std::string text = fmt::format("{}\n", structure.atoms.size());
  if (structure.has_cell()) {
    std::string numbers;
    for (const auto& row : structure.cell) {
      for (const double value : row) numbers += (numbers.empty() ? "" : " ") + fixed(value);
    }
    text += fmt::format("Lattice=\"{}\" ", numbers);
  }
  const auto& periodic = structure.periodic;
  text += fmt::format("Properties=species:S:1:pos:R:3{} pbc=\"{} {} {}\"", property_text(structure, columns),
                      periodic[0] ? 'T' : 'F', periodic[1] ? 'T' : 'F', periodic[2] ? 'T' : 'F');
  for (const auto& [key, value] : structure.metadata.items()) {
    if (key.empty() || key.find('\n') != std::string::npos || is_reserved(key)) {
      fail("metadata '{}' cannot be a key of an XYZ comment line", shown(key));
    }
    text += fmt::format(" {}={}", key_text(key), text_of(value));
  }
  text += '\n';
  for (std::size_t i = 0; i < structure.atoms.size(); ++i) {
    const Position& p = structure.atoms[i].position;
    text += fmt::format("{} {} {} {}", element(structure.atoms[i].number).symbol, fixed(p.x), fixed(p.y), fixed(p.z));
    for (const AtomNumbers& column : columns) text += fmt::format(" {}", column.values[i]);
    text += '\n';
  }
  return text;
}

void write_xyz(const std::filesystem::path& path, const Structure& structure, const std::vector<AtomNumbers>& columns) {
  write_file(path, to_xyz(structure, columns));
}

}  // namespace colonnade
