// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/crystal_library.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <fmt/ranges.h>
#include <map>
#include <span>
#include <sstream>
#include <string_view>

#include "colonnade/core/error.h"
#include "colonnade/structures/crystal_table.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/symmetry_operation.h"

namespace colonnade {
namespace {

/// "1/3" or "0.3051".
double number(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) return std::strtod(text.c_str(), nullptr);
  return std::strtod(text.c_str(), nullptr) / std::strtod(text.c_str() + slash + 1, nullptr);
}

std::vector<LibrarySite> sites_of(const CrystalRow& row) {
  std::vector<LibrarySite> sites;
  std::istringstream text(row.sites);
  for (std::string one; std::getline(text, one, ';');) {
    std::istringstream words(one);
    LibrarySite site;
    std::string a, b, c;
    if (!(words >> site.element >> site.multiplicity >> site.wyckoff >> a >> b >> c)) {
      fail("crystal {} of the library: site '{}' is not read", row.name, one);
    }
    site.place = {number(a), number(b), number(c)};
    sites.push_back(site);
  }
  return sites;
}

void append(std::vector<LibraryCrystal>& library, std::span<const CrystalRow> rows) {
  for (const CrystalRow& row : rows) {
    const auto& [a, b, c, alpha, beta, gamma] = row.cell;
    library.push_back({row.name,
                       row.common,
                       row.formula,
                       row.space_group,
                       row.hall_number,
                       {a, b, c, alpha, beta, gamma},
                       sites_of(row),
                       row.source});
  }
}

std::string lower(std::string text) {
  for (char& c : text) c = char(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Atoms of each element; empty where the text is no formula.
std::map<std::string, int> counts_of(const std::string& formula) {
  std::map<std::string, int> counts;
  for (std::size_t at = 0; at < formula.size();) {
    std::size_t end = at + 1;
    while (end < formula.size() && std::islower(static_cast<unsigned char>(formula[end])) != 0) ++end;
    const std::string symbol = formula.substr(at, end - at);
    if (find_element(symbol) == nullptr || std::isupper(static_cast<unsigned char>(symbol[0])) == 0) return {};
    int count = 1;
    const auto [after, error] = std::from_chars(formula.data() + end, formula.data() + formula.size(), count);
    if (error == std::errc()) end = std::size_t(after - formula.data());
    if (count < 1 || count > 1000) return {};
    counts[symbol] += count;
    at = end;
  }
  return counts;
}

/// Of each crystal of the library, in its order.
const std::vector<std::map<std::string, int>>& library_counts() {
  static const std::vector<std::map<std::string, int>> counts = [] {
    std::vector<std::map<std::string, int>> all;
    for (const LibraryCrystal& crystal : crystal_library()) all.push_back(counts_of(crystal.formula));
    return all;
  }();
  return counts;
}

template <class Matches>
std::vector<const LibraryCrystal*> those(const Matches& matches) {
  std::vector<const LibraryCrystal*> found;
  for (const LibraryCrystal& crystal : crystal_library()) {
    if (matches(crystal)) found.push_back(&crystal);
  }
  return found;
}

std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const LibraryCrystal& crystal : crystal_library()) {
    names.push_back(crystal.name);
    if (!crystal.common.empty()) names.push_back(crystal.common);
  }
  return names;
}

struct Reference {
  std::string_view key, text;
};

constexpr Reference references[] = {
    {"COD", "Crystallography Open Database (S. Grazulis et al., Nucleic Acids Res. 40, D420 (2012)), entry"},
    {"Mehl 2017", "M. J. Mehl et al., Comput. Mater. Sci. 136, S1 (2017), prototype"},
    {"AFLOW",
     "Encyclopedia of Crystallographic Prototypes (M. J. Mehl et al., Comput. Mater. Sci. 136, S1 (2017); D. Hicks et "
     "al., 161, S1 (2019) and 199, 110450 (2021); H. Eckert et al., 240, 112988 (2024)), prototype"},
    {"Kriegner 2013", "D. Kriegner, E. Wintersberger and J. Stangl, J. Appl. Cryst. 46, 1162 (2013)"},
    {"Cai 2020", "X.-X. Cai and T. Kittelmann, Comput. Phys. Commun. 246, 106851 (2020)"},
    {"Ashcroft 1976", "N. W. Ashcroft and N. D. Mermin, Solid State Physics, Saunders (1976)"},
    {"CRC 2016", "W. M. Haynes (ed.), CRC Handbook of Chemistry and Physics, 97th ed., sections 4 and 12 (2016)"},
    {"Wyckoff 1963", "R. W. G. Wyckoff, Crystal Structures, 2nd ed., vol. 1 and 2, Interscience (1963, 1964)"},
    {"Villars 1991", "P. Villars and L. D. Calvert, Pearson's Handbook of Crystallographic Data, 2nd ed., ASM (1991)"},
    {"Okazaki 1973", "A. Okazaki and M. Kawaminami, Mater. Res. Bull. 8, 545 (1973)"},
    {"Hill 1979", "R. J. Hill, J. R. Craig and G. V. Gibbs, Phys. Chem. Minerals 4, 317 (1979)"},
    {"Evers 1978", "J. Evers, G. Oehlinger and A. Weiss, Angew. Chem. Int. Ed. 17, 538 (1978)"},
    {"Eibenstein 1997", "U. Eibenstein and W. Jung, J. Solid State Chem. 133, 21 (1997)"},
    {"Marin 1994", "S. J. Marin, M. O'Keeffe and D. E. Partin, J. Solid State Chem. 113, 413 (1994)"},
    {"Jackson 1999", "S. K. Jackson, R. C. Layland and H.-C. zur Loye, J. Alloys Compd. 291, 94 (1999)"},
    {"Blake 1966", "R. L. Blake et al., Am. Mineral. 51, 123 (1966)"},
    {"Newnham 1962", "R. E. Newnham and Y. M. de Haan, Z. Kristallogr. 117, 235 (1962)"},
    {"Nakajima 1963", "S. Nakajima, J. Phys. Chem. Solids 24, 479 (1963)"},
    {"Anderson 1974", "T. L. Anderson and H. B. Krause, Acta Cryst. B 30, 1307 (1974)"},
    {"Orman 1984", "H. J. Orman and P. J. Wiseman, Acta Cryst. C 40, 12 (1984)"},
    {"Kubel 1990", "F. Kubel and H. Schmid, Acta Cryst. B 46, 698 (1990)"},
    {"Schutte 1987", "W. J. Schutte, J. L. de Boer and F. Jellinek, J. Solid State Chem. 70, 207 (1987)"},
    {"Bronsema 1986", "K. D. Bronsema, J. L. de Boer and F. Jellinek, Z. Anorg. Allg. Chem. 540, 15 (1986)"},
    {"Bolzan 1997", "A. A. Bolzan et al., Acta Cryst. B 53, 373 (1997)"},
    {"Abrahams 1966", "S. C. Abrahams, J. M. Reddy and J. L. Bernstein, J. Phys. Chem. Solids 27, 997 (1966)"},
    {"Kwei 1993", "G. H. Kwei et al., J. Phys. Chem. 97, 2368 (1993)"},
    {"Enjalbert 1986", "R. Enjalbert and J. Galy, Acta Cryst. C 42, 1467 (1986)"},
    {"Meagher 1979", "E. P. Meagher and G. A. Lager, Can. Mineral. 17, 77 (1979)"},
    {"Shirane 1956", "G. Shirane, R. Pepinsky and B. C. Frazer, Acta Cryst. 9, 131 (1956)"},
};

}  // namespace

const std::vector<LibraryCrystal>& crystal_library() {
  static const std::vector<LibraryCrystal> library = [] {
    std::vector<LibraryCrystal> crystals;
    for (const auto rows :
         {cubic_p_rows(), cubic_f_rows(), cubic_d_rows(), cubic_other_rows(), hexagonal_rows(), trigonal_rows(),
          tetragonal_rows(), orthorhombic_rows(), monoclinic_rows(), triclinic_rows()}) {
      append(crystals, rows);
    }
    return crystals;
  }();
  return library;
}

Structure to_structure(const LibraryCrystal& crystal) {
  Structure structure;
  structure.cell = cell_vectors(crystal.cell);
  structure.periodic = {true, true, true};
  const std::vector<SymmetryOperation> operations = operations_of_hall(crystal.hall_number);
  for (const LibrarySite& site : crystal.sites) {
    const int atomic_number = element(site.element).number;
    for (const Fractional& place : orbit(site.place, operations, structure.cell)) {
      structure.atoms.push_back({atomic_number, to_position(structure, place)});
    }
  }
  structure.metadata = {{"crystal", crystal.name},
                        {"formula", crystal.formula},
                        {"space_group", crystal.space_group},
                        {"source", crystal.source}};
  return structure;
}

std::vector<const LibraryCrystal*> find_crystals(const std::string& text) {
  if (text.empty()) return {};
  const std::string small = lower(text);
  const auto counts = counts_of(text);
  const auto search = [&](const auto&... tests) {
    std::vector<const LibraryCrystal*> found;
    ((found.empty() ? void(found = those(tests)) : void()), ...);
    return found;
  };
  return search([&](const LibraryCrystal& c) { return c.name == text; },
                [&](const LibraryCrystal& c) {
                  return !counts.empty() && library_counts()[std::size_t(&c - crystal_library().data())] == counts;
                },
                [&](const LibraryCrystal& c) { return lower(c.name) == small || lower(c.common) == small; },
                [&](const LibraryCrystal& c) { return lower(c.formula) == small; });
}

const LibraryCrystal& library_crystal(const std::string& text) {
  const auto found = find_crystals(text);
  if (found.size() == 1) return *found.front();
  if (found.size() > 1) {
    std::vector<std::string> names;
    for (const LibraryCrystal* crystal : found) names.push_back(display_name(*crystal));
    fail("'{}' is {} crystals of the library: {}; give one of these names", text, found.size(), fmt::join(names, ", "));
  }
  const std::string near = nearest_word(text, all_names());
  fail("'{}' is no crystal of the library{}; `colonnade crystal --list` shows all {}", text,
       near.empty() ? "" : "; did you mean " + near, crystal_library().size());
}

std::string full_source(const std::string& source) {
  for (const Reference& reference : references) {
    if (!source.starts_with(reference.key)) continue;
    std::string behind = source.substr(reference.key.size());
    const auto first = behind.find_first_not_of(": ");
    behind = first == std::string::npos ? "" : " " + behind.substr(first);
    return std::string(reference.text) + behind;
  }
  return source;
}

std::string display_name(const LibraryCrystal& crystal) {
  return crystal.common.empty() ? crystal.name : fmt::format("{} ({})", crystal.common, crystal.name);
}

}  // namespace colonnade
