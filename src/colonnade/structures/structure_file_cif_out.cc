// SPDX-License-Identifier: GPL-3.0-or-later
// CIF as the International Union of Crystallography defines it (S. R. Hall, F. H. Allen and I. D. Brown, Acta Cryst. A
// 47, 655 (1991)), core dictionary.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/structures/cell_parameters.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/structure_file.h"

namespace colonnade {
namespace {

void check(const Structure& structure) {
  require_cell(structure);
  if (structure.atoms.empty()) fail("a structure without atoms cannot be written to a CIF file");
  if (determinant(structure.cell) < 0) {
    fail("the cell is left-handed, which a CIF file cannot say: exchange two of its vectors");
  }
}

/// The name of the block: letters, digits, - and _ of the crystal's name.
std::string block_name(const Structure& structure) {
  std::string name;
  const auto given = structure.metadata.find("crystal");
  if (given != structure.metadata.end() && given->is_string()) name = given->get<std::string>();
  for (char& c : name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
    c = plain ? c : '_';
  }
  return name.empty() ? "structure" : name.substr(0, 60);
}

std::string formula_sum(const Structure& structure) {
  std::string text;
  for (const auto& [symbol, count] : composition(structure))
    text += fmt::format("{}{}{}", text.empty() ? "" : " ", symbol, count);
  return text;
}

std::string cell_text(const Structure& structure) {
  const CellParameters cell = cell_parameters(structure);
  return fmt::format(
      "_cell_length_a {:.8f}\n_cell_length_b {:.8f}\n_cell_length_c {:.8f}\n_cell_angle_alpha {:.8f}\n"
      "_cell_angle_beta {:.8f}\n_cell_angle_gamma {:.8f}\n_cell_volume {:.6f}\n",
      cell.a_A, cell.b_A, cell.c_A, cell.alpha_deg, cell.beta_deg, cell.gamma_deg, cell_volume_A3(structure));
}

std::string site_text(const Structure& structure, std::size_t atom, const std::string& label) {
  const Atom& here = structure.atoms[atom];
  const Fractional f = to_fractional(structure, here.position);
  if (!std::isfinite(f.a + f.b + f.c)) fail("a position that is not finite cannot be written to a CIF file");
  return fmt::format("{} {} {:.10f} {:.10f} {:.10f} 1\n", label, element(here.number).symbol, f.a, f.b, f.c);
}

std::string text_of(const Structure& structure, const std::string& group,
                    const std::vector<SymmetryOperation>& operations, const std::vector<std::size_t>& sites) {
  check(structure);
  std::string text =
      fmt::format("data_{}\n_chemical_formula_sum '{}'\n", block_name(structure), formula_sum(structure));
  text += cell_text(structure) + group + "loop_\n_space_group_symop_operation_xyz\n";
  for (const SymmetryOperation& operation : operations) text += fmt::format("'{}'\n", triplet(operation));
  text +=
      "loop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"
      "_atom_site_occupancy\n";
  std::map<int, int> numbered;
  for (const std::size_t atom : sites) {
    const int number = structure.atoms[atom].number;
    text += site_text(structure, atom, fmt::format("{}{}", element(number).symbol, ++numbered[number]));
  }
  return text;
}

constexpr std::size_t most_operations = 192;

}  // namespace

bool has_listable_operations(const CrystalSymmetry& symmetry) {
  const auto rational = [](double shift) { return std::abs(shift * 24 - std::round(shift * 24)) < 24e-4; };
  return symmetry.operations.size() <= most_operations &&
         std::all_of(symmetry.operations.begin(), symmetry.operations.end(), [&](const SymmetryOperation& operation) {
           return std::all_of(operation.translation.begin(), operation.translation.end(), rational);
         });
}

std::string to_cif(const Structure& structure) {
  std::vector<std::size_t> all(structure.atoms.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  const SymmetryOperation identity{{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, {}};
  return text_of(structure, "_space_group_name_H-M_alt 'P 1'\n_space_group_IT_number 1\n", {identity}, all);
}

std::string to_cif(const Structure& structure, const CrystalSymmetry& symmetry) {
  if (symmetry.equivalent.size() != structure.atoms.size()) {
    fail("the symmetry is of {} atoms, the structure has {}", symmetry.equivalent.size(), structure.atoms.size());
  }
  if (!has_listable_operations(symmetry)) {
    fail(
        "the crystal's origin is not on its symmetry, or it has more than {} operations, so a CIF file cannot hold "
        "them: "
        "write the standard cell, or all atoms",
        most_operations);
  }
  std::vector<std::size_t> sites;
  for (std::size_t i = 0; i < structure.atoms.size(); ++i) {
    if (symmetry.equivalent[i] == i) sites.push_back(i);
  }
  std::string group;
  if (symmetry.standard) {
    group = fmt::format("_space_group_name_H-M_alt '{}'\n_space_group_IT_number {}\n", symmetry.spaced_symbol,
                        symmetry.space_group);
  }
  return text_of(structure, group, symmetry.operations, sites);
}

void write_cif(const std::filesystem::path& path, const Structure& structure) { write_file(path, to_cif(structure)); }

void write_cif(const std::filesystem::path& path, const Structure& structure, const CrystalSymmetry& symmetry) {
  write_file(path, to_cif(structure, symmetry));
}

}  // namespace colonnade
