// SPDX-License-Identifier: GPL-3.0-or-later
// Structure files: extended XYZ (also plain XYZ) and CIF, in (CIF by gemmi, symmetry expanded) and out. Lengths in
// Angstrom.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "colonnade/structures/crystal_symmetry.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

/// Reads .xyz, .extxyz or .cif by content and extension; every error names the file and the line.
/// A file with no atoms, an unknown element, or partially occupied sites of a CIF fails with what to do.
Structure read_structure(const std::filesystem::path& path);

/// Extended XYZ: Lattice, pbc and Properties with the species (species, or Z / numbers) and pos columns anywhere; other
/// keys of the comment line become metadata, other columns are left out. Without Properties: symbol or atomic number,
/// x, y, z, then anything; a comment line that is no list of keys is metadata "comment". Of several frames the first is
/// taken, with a warning. `name` stands for the file in messages.
Structure read_xyz(const std::string& text, const std::string& name);

/// The first block with atom sites, its whole unit cell. Symmetry by the file's operations, which must be a group, else
/// by its space group, else none, with a warning.
Structure read_cif(const std::string& text, const std::string& name);

/// A further column of an XYZ file.
struct AtomNumbers {
  std::string name;         ///< of the property, a plain word
  std::vector<int> values;  ///< one per atom
};

/// Extended XYZ; written whole or not at all. Positions with 6 decimals; metadata in the comment line, nested values as
/// "_JSON ..." (the convention of ASE), so that reading gives the same metadata. Fails on metadata named Lattice,
/// Properties or pbc. Further columns (type I) stand behind the positions; read_xyz() leaves them out.
void write_xyz(const std::filesystem::path& path, const Structure& structure,
               const std::vector<AtomNumbers>& columns = {});
std::string to_xyz(const Structure& structure, const std::vector<AtomNumbers>& columns = {});

/// CIF with every atom of the cell, without symmetry (P 1). Fractions of the cell with 10 decimals; how the cell is
/// turned is lost, as in every CIF. Fails without a cell or atoms and on a left-handed cell.
std::string to_cif(const Structure& structure);
void write_cif(const std::filesystem::path& path, const Structure& structure);
/// Whether readers take the operations from a list: their translations are multiples of 1/24 (the origin is on the
/// symmetry), and they are not more than the 192 of the largest space groups (no supercell of such).
bool has_listable_operations(const CrystalSymmetry& symmetry);
/// CIF with the operations of the structure's own symmetry, from symmetry_of(), and one atom of each orbit; the name of
/// the space group only where the cell is the standard one. Fails where has_listable_operations() is false.
std::string to_cif(const Structure& structure, const CrystalSymmetry& symmetry);
void write_cif(const std::filesystem::path& path, const Structure& structure, const CrystalSymmetry& symmetry);

}  // namespace colonnade
