// SPDX-License-Identifier: GPL-3.0-or-later
// Crystals that the project carries, as a basis for diffraction: space group, cell and sites with the source of each.
// The tables are in crystal_table_*.cc; docs/crystals.md says how to add one. Lengths in Angstrom.
#pragma once

#include <string>
#include <vector>

#include "colonnade/structures/cell_parameters.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

struct LibrarySite {
  std::string element;
  int multiplicity = 0;  ///< of the Wyckoff position, in the conventional cell
  char wyckoff = 'a';
  Fractional place;
};

struct LibraryCrystal {
  std::string name;     ///< unique: "NaCl", "TiO2-136"
  std::string common;   ///< "halite", "rutile"; may be empty
  std::string formula;  ///< "TiO2"
  int space_group = 0;
  int hall_number = 0;  ///< the setting of cell and sites, see operations_of_hall()
  CellParameters cell;
  std::vector<LibrarySite> sites;
  std::string source;  ///< short: "COD 9004141", "Mehl 2017: A_cF136_227_aeg"; see full_source()
};

/// By family, then space group, then formula.
const std::vector<LibraryCrystal>& crystal_library();

/// The conventional cell, every atom of it, a along x and b in the plane of x and y; atoms in the order of the sites.
/// Metadata: name, formula, space group and source.
Structure to_structure(const LibraryCrystal& crystal);

/// The crystals of a name, else of a common name, else of a formula; its elements may stand in any order. Upper and
/// lower case matter only where a text could mean two ("Co", "CO"). Empty where there is none.
std::vector<const LibraryCrystal*> find_crystals(const std::string& text);
/// The one crystal of a name or formula; fails where there is none, with the nearest name, and where a formula has
/// several, with their names.
const LibraryCrystal& library_crystal(const std::string& text);

/// The reference behind a short source.
std::string full_source(const std::string& source);

/// "rutile (TiO2-136)" or "NaCl".
std::string display_name(const LibraryCrystal& crystal);

}  // namespace colonnade
