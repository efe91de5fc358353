// SPDX-License-Identifier: GPL-3.0-or-later
// The space group of a crystal, found by spglib (A. Togo, K. Shinohara and I. Tanaka, Sci. Technol. Adv. Mater., Meth.
// 4, 2384822 (2024)), and its standard and primitive cells. Lengths in Angstrom.
#pragma once

#include <string>
#include <vector>

#include "colonnade/structures/structure.h"
#include "colonnade/structures/symmetry_operation.h"

namespace colonnade {

enum class CrystalSystem { triclinic, monoclinic, orthorhombic, tetragonal, trigonal, hexagonal, cubic };

/// Of a space group, 1 to 230; fails on any other number.
CrystalSystem crystal_system(int space_group);
std::string name_of(CrystalSystem system);
/// "cubic"; fails on what is no system, with their names.
CrystalSystem crystal_system_of_name(const std::string& name);

struct CrystalSymmetry {
  int space_group = 0;        ///< 1 to 230
  int hall_number = 0;        ///< setting that spglib chose, 1 to 530
  std::string symbol;         ///< Hermann-Mauguin, short: "Fm-3m"
  std::string spaced_symbol;  ///< of the setting: "F m -3 m", "F d -3 m:1"
  std::string hall_symbol;    ///< "-F 4 2 3"
  std::string point_group;    ///< "m-3m"
  CrystalSystem system = CrystalSystem::triclinic;
  char centring = 'P';                        ///< of the setting: P, A, B, C, I, F or R
  bool standard = false;                      ///< the cell's vectors and origin are those of the setting
  std::vector<SymmetryOperation> operations;  ///< in the structure's own cell
  std::vector<std::size_t> equivalent;        ///< per atom: the first atom that symmetry carries it to
  std::vector<char> wyckoff;                  ///< per atom: the letter of its position
};

/// Atoms that lie within the tolerance of an image count as that image. Fails, saying what to do, on a structure
/// without a cell or atoms, on atoms that are not finite or lie on one another, and where no group fits.
CrystalSymmetry symmetry_of(const Structure& structure, double tolerance_A = 1e-3);

/// Setting by its Hall number: symbols, system and operations; no atoms.
CrystalSymmetry symmetry_of_hall(int hall_number);

/// The conventional cell in spglib's standard setting and frame (a along x, b in the plane of x and y), its atoms moved
/// onto the symmetry exactly. Metadata is kept.
Structure standard_cell(const Structure& structure, double tolerance_A = 1e-3);
/// The smallest cell of the same lattice, in the same standard frame.
Structure primitive_cell(const Structure& structure, double tolerance_A = 1e-3);

}  // namespace colonnade
