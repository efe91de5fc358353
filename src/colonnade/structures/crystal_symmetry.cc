// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/crystal_symmetry.h"

#include <algorithm>
#include <cmath>
#include <fmt/ranges.h>
#include <memory>
#include <spglib.h>
#include <utility>

#include "colonnade/core/error.h"
#include "colonnade/structures/matrix3.h"

namespace colonnade {
namespace {

// spglib compares each atom with each.
constexpr std::size_t most_atoms = 20000;
constexpr double nearest_A = 0.1;

const std::vector<std::string>& system_names() {
  static const std::vector<std::string> names{"triclinic", "monoclinic", "orthorhombic", "tetragonal",
                                              "trigonal",  "hexagonal",  "cubic"};
  return names;
}

/// A structure as spglib takes it. Its lattice has the vectors as columns, ours as rows.
struct SpglibCell {
  double lattice[3][3] = {};
  std::vector<Vector3> places;
  std::vector<int> types;

  auto* positions() { return reinterpret_cast<double(*)[3]>(places.data()); }
};

void check(const Structure& structure, double tolerance_A) {
  require_cell(structure);
  if (structure.atoms.empty()) fail("the structure has no atoms, so no symmetry");
  if (structure.atoms.size() > most_atoms) {
    fail("{} atoms are too many to look for symmetry (up to {}); give one unit cell", structure.atoms.size(),
         most_atoms);
  }
  if (!(tolerance_A > 0 && tolerance_A <= 1)) {
    fail("a tolerance of {} A for symmetry is outside 0 to 1 A; use 0.001", tolerance_A);
  }
}

SpglibCell spglib_cell(const Structure& structure, double tolerance_A) {
  check(structure, tolerance_A);
  SpglibCell cell;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) cell.lattice[i][j] = structure.cell[j][i];
  }
  const Matrix3 inverse = reciprocal(structure.cell);
  for (const Atom& atom : structure.atoms) {
    const Vector3 place = multiply(inverse, Vector3{atom.position.x, atom.position.y, atom.position.z});
    if (!std::isfinite(place[0] + place[1] + place[2])) fail("an atom's position is not finite");
    cell.places.push_back(place);
    cell.types.push_back(atom.number);
  }
  return cell;
}

[[noreturn]] void refuse(double tolerance_A) {
  fail(
      "no space group fits the structure at a tolerance of {} A: do atoms lie on one another (nearer than {} A), or is "
      "the cell too oblique? Try another tolerance",
      tolerance_A, nearest_A);
}

using Dataset = std::unique_ptr<SpglibDataset, decltype(&spg_free_dataset)>;

Dataset dataset_of(SpglibCell& cell, double tolerance_A) {
  Dataset dataset(
      spg_get_dataset(cell.lattice, cell.positions(), cell.types.data(), int(cell.types.size()), tolerance_A),
      &spg_free_dataset);
  if (dataset == nullptr || dataset->spacegroup_number < 1) refuse(tolerance_A);
  return dataset;
}

bool is_standard(const SpglibDataset& dataset) {
  bool same = true;
  for (int i = 0; i < 3; ++i) {
    same = same && std::abs(std::remainder(dataset.origin_shift[i], 1.0)) < 1e-6;
    for (int j = 0; j < 3; ++j) {
      same = same && std::abs(dataset.transformation_matrix[i][j] - (i == j ? 1 : 0)) < 1e-6;
    }
  }
  return same;
}

/// Of "P 2_1/c = P 1 2_1/c 1" what stands last, without '_' for a subscript and without blanks around.
std::string trimmed(const char* text) {
  std::string symbol(text);
  const auto equals = symbol.rfind('=');
  if (equals != std::string::npos) symbol.erase(0, equals + 1);
  std::erase(symbol, '_');
  symbol.erase(0, std::min(symbol.find_first_not_of(' '), symbol.size()));
  while (!symbol.empty() && symbol.back() == ' ') symbol.pop_back();
  return symbol;
}

/// With the choice of origin or of axes where there is one: "F d -3 m:1", "R 3 m:H".
std::string spaced_symbol(const SpglibSpacegroupType& type) {
  const std::string choice = trimmed(static_cast<const char*>(type.choice));
  const bool named = choice == "1" || choice == "2" || choice == "H" || choice == "R";
  return trimmed(static_cast<const char*>(type.international)) + (named ? ":" + choice : "");
}

void copy_per_atom(const SpglibDataset& dataset, CrystalSymmetry& symmetry) {
  for (int i = 0; i < dataset.n_operations; ++i) {
    SymmetryOperation operation;
    for (std::size_t r = 0; r < 3; ++r) {
      operation.translation[r] = dataset.translations[i][r];
      for (std::size_t c = 0; c < 3; ++c) operation.rotation[r][c] = dataset.rotations[i][r][c];
    }
    symmetry.operations.push_back(operation);
  }
  for (int i = 0; i < dataset.n_atoms; ++i) {
    symmetry.equivalent.push_back(std::size_t(dataset.equivalent_atoms[i]));
    symmetry.wyckoff.push_back(char(dataset.wyckoffs[i] < 26 ? 'a' + dataset.wyckoffs[i] : 'A'));
  }
}

Structure standardised(const Structure& structure, double tolerance_A, bool primitive) {
  SpglibCell cell = spglib_cell(structure, tolerance_A);
  const int given = int(cell.types.size());
  // A centred cell holds up to four times the atoms of a primitive one.
  cell.places.resize(4 * std::size_t(given));
  cell.types.resize(4 * std::size_t(given));
  const int count =
      spg_standardize_cell(cell.lattice, cell.positions(), cell.types.data(), given, primitive ? 1 : 0, 0, tolerance_A);
  if (count < 1) refuse(tolerance_A);
  Structure result;
  result.metadata = structure.metadata;
  result.periodic = {true, true, true};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) result.cell[j][i] = cell.lattice[i][j];
  }
  for (std::size_t i = 0; i < std::size_t(count); ++i) {
    const Vector3& f = cell.places[i];
    result.atoms.push_back({cell.types[i], to_position(result, {f[0], f[1], f[2]})});
  }
  return result;
}

}  // namespace

CrystalSystem crystal_system(int space_group) {
  if (space_group < 1 || space_group > 230) fail("there is no space group {}; give one from 1 to 230", space_group);
  constexpr std::array<int, 7> last{2, 15, 74, 142, 167, 194, 230};
  const auto place = std::lower_bound(last.begin(), last.end(), space_group) - last.begin();
  return CrystalSystem(place);
}

std::string name_of(CrystalSystem system) { return system_names()[std::size_t(system)]; }

CrystalSystem crystal_system_of_name(const std::string& name) {
  const auto& names = system_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) fail("there is no crystal system '{}'; there are {}", name, fmt::join(names, ", "));
  return CrystalSystem(found - names.begin());
}

CrystalSymmetry symmetry_of_hall(int hall_number) {
  CrystalSymmetry symmetry;
  symmetry.operations = operations_of_hall(hall_number);
  const SpglibSpacegroupType type = spg_get_spacegroup_type(hall_number);
  symmetry.space_group = type.number;
  symmetry.hall_number = hall_number;
  symmetry.symbol = trimmed(type.international_short);
  symmetry.spaced_symbol = spaced_symbol(type);
  symmetry.hall_symbol = static_cast<const char*>(type.hall_symbol);
  symmetry.point_group = trimmed(type.pointgroup_international);
  symmetry.system = crystal_system(type.number);
  const bool rhombohedral_axes = symmetry.spaced_symbol.ends_with(":R");
  symmetry.centring = rhombohedral_axes ? 'P' : symmetry.spaced_symbol.front();
  symmetry.standard = true;
  return symmetry;
}

CrystalSymmetry symmetry_of(const Structure& structure, double tolerance_A) {
  SpglibCell cell = spglib_cell(structure, tolerance_A);
  const Dataset dataset = dataset_of(cell, tolerance_A);
  CrystalSymmetry symmetry = symmetry_of_hall(dataset->hall_number);
  symmetry.operations.clear();
  symmetry.standard = is_standard(*dataset);
  copy_per_atom(*dataset, symmetry);
  return symmetry;
}

Structure standard_cell(const Structure& structure, double tolerance_A) {
  return standardised(structure, tolerance_A, false);
}

Structure primitive_cell(const Structure& structure, double tolerance_A) {
  return standardised(structure, tolerance_A, true);
}

}  // namespace colonnade
