// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/known_crystals.h"

#include <charconv>
#include <cmath>
#include <filesystem>
#include <fmt/ranges.h>

#include "colonnade/core/error.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/crystal_library.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/structure_file.h"

namespace colonnade {
namespace {

struct Site {
  const char* symbol;
  Vector3 place;  ///< fractions of the cell
};

struct KnownCrystal {
  const char* name;
  const char* kind;  ///< fcc, bcc, diamond, rock salt, zinc blende, perovskite, fluorite, hcp
  std::vector<const char*> elements;
  double a_A, c_A = 0;
};

const std::vector<KnownCrystal>& list() {
  static const std::vector<KnownCrystal> crystals{
      {"SrTiO3", "perovskite", {"Sr", "Ti", "O"}, 3.905},
      {"BaTiO3", "perovskite", {"Ba", "Ti", "O"}, 4.012},
      {"KTaO3", "perovskite", {"K", "Ta", "O"}, 3.9885},
      {"LaAlO3", "perovskite", {"La", "Al", "O"}, 3.79},
      {"C", "diamond", {"C"}, 3.5671},
      {"Si", "diamond", {"Si"}, 5.4310},
      {"Ge", "diamond", {"Ge"}, 5.6575},
      {"GaAs", "zinc blende", {"Ga", "As"}, 5.6533},
      {"GaP", "zinc blende", {"Ga", "P"}, 5.4512},
      {"InP", "zinc blende", {"In", "P"}, 5.8687},
      {"InAs", "zinc blende", {"In", "As"}, 6.0583},
      {"CdTe", "zinc blende", {"Cd", "Te"}, 6.482},
      {"MgO", "rock salt", {"Mg", "O"}, 4.2112},
      {"NaCl", "rock salt", {"Na", "Cl"}, 5.6402},
      {"CeO2", "fluorite", {"Ce", "O"}, 5.411},
      {"Al", "fcc", {"Al"}, 4.0496},
      {"Ni", "fcc", {"Ni"}, 3.5240},
      {"Cu", "fcc", {"Cu"}, 3.6146},
      {"Rh", "fcc", {"Rh"}, 3.8032},
      {"Pd", "fcc", {"Pd"}, 3.8903},
      {"Ag", "fcc", {"Ag"}, 4.0857},
      {"Ir", "fcc", {"Ir"}, 3.8391},
      {"Pt", "fcc", {"Pt"}, 3.9236},
      {"Au", "fcc", {"Au"}, 4.0782},
      {"Pb", "fcc", {"Pb"}, 4.9502},
      {"V", "bcc", {"V"}, 3.0240},
      {"Fe", "bcc", {"Fe"}, 2.8665},
      {"Nb", "bcc", {"Nb"}, 3.3007},
      {"Mo", "bcc", {"Mo"}, 3.1470},
      {"Ta", "bcc", {"Ta"}, 3.3031},
      {"W", "bcc", {"W"}, 3.1651},
      {"Mg", "hcp", {"Mg"}, 3.2093, 5.2107},
      {"Ti", "hcp", {"Ti"}, 2.9503, 4.6836},
      {"Co", "hcp", {"Co"}, 2.5071, 4.0694},
      {"Zn", "hcp", {"Zn"}, 2.6650, 4.9470},
  };
  return crystals;
}

/// Places of each element of a kind, in the order of the elements; centred cells are written out.
std::vector<Site> sites_of(const KnownCrystal& crystal) {
  const std::string kind = crystal.kind;
  std::vector<Site> sites;
  const auto face_centred = [&](const char* symbol, const Vector3& at) {
    for (const Vector3& shift : {Vector3{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}}) {
      sites.push_back({symbol, {at[0] + shift[0], at[1] + shift[1], at[2] + shift[2]}});
    }
  };
  if (kind == "perovskite") {
    sites = {{crystal.elements[0], {0, 0, 0}},
             {crystal.elements[1], {0.5, 0.5, 0.5}},
             {crystal.elements[2], {0, 0.5, 0.5}},
             {crystal.elements[2], {0.5, 0, 0.5}},
             {crystal.elements[2], {0.5, 0.5, 0}}};
  } else if (kind == "hcp") {
    sites = {{crystal.elements[0], {0, 0, 0}}, {crystal.elements[0], {1.0 / 3, 2.0 / 3, 0.5}}};
  } else {
    face_centred(crystal.elements[0], {0, 0, 0});
    if (kind == "rock salt") face_centred(crystal.elements[1], {0.5, 0, 0});
    if (kind == "zinc blende" || kind == "fluorite") face_centred(crystal.elements[1], {0.25, 0.25, 0.25});
    if (kind == "fluorite") face_centred(crystal.elements[1], {0.75, 0.75, 0.75});
  }
  return sites;
}

Structure with_cell(const Matrix3& cell, const std::vector<Site>& sites) {
  Structure crystal;
  crystal.cell = cell;
  crystal.periodic = {true, true, true};
  for (const Site& site : sites) {
    const Vector3 at = combine(site.place, cell);
    crystal.atoms.push_back({element(site.symbol).number, {at[0], at[1], at[2]}});
  }
  return crystal;
}

Structure built(const KnownCrystal& crystal) {
  const std::string kind = crystal.kind;
  if (kind == "fcc" || kind == "bcc" || kind == "diamond") {
    return cubic_crystal(kind, crystal.elements[0], crystal.a_A);
  }
  const double a = crystal.a_A;
  if (kind == "hcp") {
    return with_cell({{{a, 0, 0}, {-a / 2, a * std::sqrt(0.75), 0}, {0, 0, crystal.c_A}}}, sites_of(crystal));
  }
  return with_cell({{{a, 0, 0}, {0, a, 0}, {0, 0, a}}}, sites_of(crystal));
}

/// Numbers separated by commas; none where the text is anything else.
std::vector<double> numbers(const std::string& text) {
  std::vector<double> values;
  const char *at = text.data(), *end = at + text.size();
  while (at < end) {
    double value = 0;
    const auto [after, error] = std::from_chars(at, end, value);
    if (error != std::errc() || (after < end && *after != ',')) return {};
    values.push_back(value);
    at = after + (after < end ? 1 : 0);
  }
  return values;
}

void require_edge(double edge, const std::string& text) {
  if (!(edge >= 1 && edge <= 100)) {
    fail("crystal '{}': a cell's edge of {} A is outside 1 to 100 A; give edges in Angstrom", text, edge);
  }
}

Structure of_edges(std::vector<double> edges, const std::string& text) {
  if (edges.size() == 1) edges.assign(3, edges[0]);
  if (edges.size() != 3) fail("crystal '{}': give one edge, or three, in Angstrom", text);
  for (const double edge : edges) require_edge(edge, text);
  return with_cell({{{edges[0], 0, 0}, {0, edges[1], 0}, {0, 0, edges[2]}}}, {{"Si", {0, 0, 0}}});
}

[[noreturn]] void refuse(const std::string& text) {
  if (!find_crystals(text).empty()) library_crystal(text);  // fails: there are several
  std::vector<std::string> names = known_crystal_names();
  for (const LibraryCrystal& crystal : crystal_library()) {
    names.push_back(crystal.common.empty() ? crystal.name : crystal.common);
  }
  const std::string near = nearest_word(text, names);
  fail(
      "crystal '{}' is not known{}; give a name ({}, or one that `colonnade crystal --list` shows), edges in Angstrom "
      "(3.905 or 3.79,3.79,13.2), fcc:3.92, or a structure file",
      text, near.empty() ? "" : "; did you mean " + near, fmt::join(known_crystal_names(), ", "));
}

}  // namespace

std::vector<std::string> known_crystal_names() {
  std::vector<std::string> names;
  for (const KnownCrystal& crystal : list()) names.emplace_back(crystal.name);
  return names;
}

Structure crystal_from(const std::string& text) {
  for (const KnownCrystal& crystal : list()) {
    if (text == crystal.name) return built(crystal);
  }
  if (const auto edges = numbers(text); !edges.empty()) return of_edges(edges, text);
  if (const auto colon = text.find(':'); colon != std::string::npos) {
    const auto edge = numbers(text.substr(colon + 1));
    if (edge.size() == 1) {
      require_edge(edge[0], text);
      return cubic_crystal(text.substr(0, colon), "Si", edge[0]);
    }
  }
  const auto of_library = find_crystals(text);
  if (of_library.size() == 1) return to_structure(*of_library.front());
  std::error_code error;
  if (std::filesystem::is_regular_file(text, error)) {
    Structure crystal = read_structure(text);
    if (!crystal.has_cell()) fail("{}: a crystal needs a unit cell; give a CIF, or extended XYZ with Lattice", text);
    return crystal;
  }
  refuse(text);
}

}  // namespace colonnade
