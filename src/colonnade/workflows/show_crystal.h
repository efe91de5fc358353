// SPDX-License-Identifier: GPL-3.0-or-later
// The job "crystal": what is known of a crystal of the library or of a structure file (cell, space group, sites,
// density), the list of the library, and crystals as structure files, in another cell, repeated or turned.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/structures/crystal_library.h"
#include "colonnade/structures/crystal_symmetry.h"

namespace colonnade {

struct ShowCrystalOptions {
  bool list = false;                       ///< the library instead of single crystals
  int group = 0;                           ///< of the list: only this space group; 0: all
  std::string system;                      ///< of the list: only this crystal system
  std::string element;                     ///< of the list: only crystals that hold it
  bool primitive = false;                  ///< the primitive cell
  bool standard = false;                   ///< spglib's standard cell
  std::vector<double> supercell{1, 1, 1};  ///< whole numbers
  std::string zone;                        ///< direction that goes along the beam; empty: as it stands
  double tolerance_A = 1e-3;               ///< of the symmetry
  OptionTable table();
  void check() const;
};

struct CrystalFacts {
  std::string name;    ///< as it was asked for, or of the library
  std::string source;  ///< written out; empty for files and cells without one
  Structure structure;
  CrystalSymmetry symmetry;
};

/// A crystal of the library by name or formula, else what crystal_from() knows, in the cell that the options ask for.
CrystalFacts show_crystal(const std::string& text, const ShowCrystalOptions& options);
nlohmann::json to_json(const CrystalFacts& facts);
std::string to_text(const CrystalFacts& facts);

/// The crystals of the library that the options let through; fails where there is none.
std::vector<const LibraryCrystal*> listed_crystals(const ShowCrystalOptions& options);
nlohmann::json to_json(const std::vector<const LibraryCrystal*>& crystals);
std::string to_text(const std::vector<const LibraryCrystal*>& crystals);

/// As .cif (with its symmetry where a CIF can hold it) or .xyz, by the extension. Fails on another one, where the file
/// is there and `overwrite` is false, and on a turned crystal as .cif, which cannot say how a crystal is turned.
void write_crystal(const CrystalFacts& facts, const ShowCrystalOptions& options, const std::filesystem::path& out,
                   bool overwrite);

}  // namespace colonnade
