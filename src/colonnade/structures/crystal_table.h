// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of the crystal library as they are written down, one source file per family. crystal_library.h reads them.
#pragma once

#include <array>
#include <span>

namespace colonnade {

struct CrystalRow {
  const char* name;     ///< unique: the formula, with the space group behind it where a formula has several crystals
  const char* common;   ///< mineral or everyday name, or ""
  const char* formula;  ///< of one formula unit
  int space_group;
  int hall_number;             ///< the setting of cell and sites
  std::array<double, 6> cell;  ///< a, b, c in Angstrom, alpha, beta, gamma in degrees
  const char* source;          ///< short; crystal_library.h writes it out
  const char* sites;  ///< "Ti 2a 0 0 0; O 4f 0.3051 0.3051 0": element, Wyckoff position, fractions of the cell
};

std::span<const CrystalRow> cubic_p_rows();
std::span<const CrystalRow> cubic_f_rows();
std::span<const CrystalRow> cubic_d_rows();
std::span<const CrystalRow> cubic_other_rows();
std::span<const CrystalRow> hexagonal_rows();
std::span<const CrystalRow> trigonal_rows();
std::span<const CrystalRow> tetragonal_rows();
std::span<const CrystalRow> orthorhombic_rows();
std::span<const CrystalRow> monoclinic_rows();
std::span<const CrystalRow> triclinic_rows();

}  // namespace colonnade
