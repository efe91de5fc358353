// SPDX-License-Identifier: GPL-3.0-or-later
// Written for gemmi from 0.5 (headers alone) to 0.7: only what these have in common is used, and the symmetry
// operations of the file are applied here, since older gemmi knows none but those of the space group's name. gemmi's
// headers alone: without this they want a printf library that distributions leave out of the package.
#ifndef USE_STD_SNPRINTF
#define USE_STD_SNPRINTF
#endif

#include <algorithm>
#include <cctype>
#include <cmath>
#include <exception>
#include <gemmi/cif.hpp>
#include <gemmi/smcif.hpp>
#include <gemmi/symmetry.hpp>
#include <string_view>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/neighbours.h"
#include "colonnade/structures/structure_file.h"

namespace colonnade {
namespace {

using Site = gemmi::SmallStructure::Site;

// Images of a site nearer than this are one atom on a symmetry element: coordinates are often rounded to 4 digits.
constexpr double same_site_A = 0.3;
constexpr std::size_t most_operations = 192;  // of the largest space groups, in their conventional cells

std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line) c = std::isprint(static_cast<unsigned char>(c)) != 0 ? c : ' ';
  return line;
}

/// "name:line" of the first line that begins with a label.
std::string place_of(const std::string& text, const std::string& name, const std::string& label) {
  int number = 1;
  for (std::size_t start = 0; start < text.size(); ++number) {
    const auto first = std::min(text.find_first_not_of(" \t'\"", start), text.size());
    const auto end = std::min(text.find('\n', start), text.size());
    const auto behind = first + label.size();
    if (text.compare(first, label.size(), label) == 0 && behind < text.size() &&
        std::string_view(" \t\r\n'\"").find(text[behind]) != std::string_view::npos) {
      return fmt::format("{}:{}", name, number);
    }
    start = end + 1;
  }
  return name;
}

gemmi::cif::Document parse(const std::string& text, const std::string& name) {
  try {
    return gemmi::cif::read_memory(text.data(), text.size(), name.c_str());
  } catch (const std::exception& error) {
    const std::string message = one_line(error.what());
    fail("{}{}: not a valid CIF file", message.starts_with(name) ? "" : name + ": ", message);
  }
}

gemmi::cif::Block& block_with_atoms(gemmi::cif::Document& document, const std::string& name) {
  gemmi::cif::Block* chosen = nullptr;
  int candidates = 0;
  for (gemmi::cif::Block& block : document.blocks) {
    bool complete = block.find_values("_atom_site_label").length() > 0;
    for (const char* tag : {"_atom_site_fract_x", "_atom_site_fract_y", "_atom_site_fract_z"}) {
      complete = complete && block.find_values(tag).length() > 0;
    }
    if (!complete) continue;
    if (candidates++ == 0) chosen = &block;
  }
  if (chosen == nullptr) {
    fail("{}: no atoms: no block has _atom_site_label and _atom_site_fract_x, _y, _z (mmCIF is not read)", name);
  }
  if (candidates > 1) warn("{}: {} structures in the file: only data_{} is read", name, candidates, chosen->name);
  return *chosen;
}

std::string value_of(gemmi::cif::Block& block, std::initializer_list<const char*> tags) {
  for (const char* tag : tags) {
    const std::string* value = block.find_value(tag);
    if (value != nullptr && !gemmi::cif::is_null(*value)) return gemmi::cif::as_string(*value);
  }
  return "";
}

/// Long runs of digits would overflow in the parser of operations.
bool is_sane_operation(const std::string& text) {
  int run = 0, longest = 0;
  for (const unsigned char c : text) longest = std::max(longest, run = std::isdigit(c) != 0 ? run + 1 : 0);
  return longest <= 3 && text.size() <= 80;
}

SymmetryOperation operation_of(const gemmi::Op& op, const std::string& name) {
  SymmetryOperation operation;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      operation.rotation[i][j] = op.rot[i][j] / gemmi::Op::DEN;
      if (op.rot[i][j] % gemmi::Op::DEN != 0) fail("{}: '{}' is no symmetry operation", name, op.triplet());
    }
    operation.translation[i] = double(op.tran[i]) / gemmi::Op::DEN;
  }
  return operation;
}

/// Fails where they are no group, with the line of the file.
std::vector<SymmetryOperation> listed_operations(gemmi::cif::Block& block, const std::string& text,
                                                 const std::string& name) {
  std::vector<SymmetryOperation> operations;
  for (const char* tag : {"_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz"}) {
    const gemmi::cif::Column column = block.find_values(tag);
    if (column.length() == 0) continue;
    if (static_cast<std::size_t>(column.length()) > most_operations) {
      fail("{}: {} symmetry operations; no space group has more than {}", name, column.length(), most_operations);
    }
    for (int i = 0; i < column.length(); ++i) {
      const std::string one = gemmi::cif::as_string(column.at(i));
      if (!is_sane_operation(one)) fail("{}: '{}' is no symmetry operation", name, one_line(one.substr(0, 80)));
      operations.push_back(operation_of(gemmi::parse_triplet(one), name));
    }
    try {
      require_group(operations);
    } catch (const Error& error) {
      fail("{}: {}", place_of(text, name, tag), error.what());
    }
    return operations;
  }
  return operations;
}

std::vector<SymmetryOperation> all_of(const gemmi::GroupOps& group, const std::string& name) {
  std::vector<SymmetryOperation> operations;
  for (const gemmi::Op& operation : group) operations.push_back(operation_of(operation, name));
  return operations;
}

/// From the list in the file, else the Hall symbol, else the Hermann-Mauguin one, else the number of the space group.
std::vector<SymmetryOperation> symmetry(gemmi::cif::Block& block, const gemmi::UnitCell& cell, const std::string& text,
                                        const std::string& name) {
  std::vector<SymmetryOperation> listed = listed_operations(block, text, name);
  if (!listed.empty()) return listed;
  const std::string hall = value_of(block, {"_space_group_name_Hall", "_symmetry_space_group_name_Hall"});
  if (!hall.empty()) return all_of(gemmi::symops_from_hall(hall.c_str()), name);
  const std::string symbol =
      value_of(block, {"_space_group_name_H-M_alt", "_symmetry_space_group_name_H-M", "_space_group_name_H-M_ref"});
  const std::string number = value_of(block, {"_space_group_IT_number", "_symmetry_Int_Tables_number"});
  if (symbol.empty() && number.empty()) {
    warn("{}: no symmetry in the file: its atoms are taken for the whole cell", name);
    return {};
  }
  const gemmi::SpaceGroup* group = gemmi::find_spacegroup_by_name(symbol, cell.alpha, cell.gamma);
  if (group == nullptr) group = gemmi::find_spacegroup_by_name(number, cell.alpha, cell.gamma);
  if (group == nullptr) {
    fail("{}: unknown space group '{}': list its operations under _space_group_symop_operation_xyz", name,
         one_line((symbol.empty() ? number : symbol).substr(0, 40)));
  }
  if (group->ext == '1' && symbol.find(':') == std::string::npos) {
    warn("{}: space group {} has two choices of origin: the first is taken", name,
         one_line(symbol.empty() ? number : symbol));
  }
  return all_of(group->operations(), name);
}

void check_site(const Site& site, const std::string& place) {
  if (site.element.atomic_number() < 1) {
    fail("{}: site {} is of an unknown element '{}'", place, one_line(site.label), one_line(site.type_symbol));
  }
  if (!std::isfinite(site.fract.x + site.fract.y + site.fract.z)) {
    fail("{}: site {} has no position", place, one_line(site.label));
  }
  if (!(std::abs(site.occ - 1) < 1e-3)) {
    fail("{}: site {} is occupied to {}: partial occupation cannot be simulated; write a cell of whole atoms", place,
         one_line(site.label), site.occ);
  }
}

void set_cell(const gemmi::UnitCell& cell, const std::string& name, Structure& structure) {
  // The default 1 x 1 x 1 cell stands for none.
  if (!cell.is_crystal()) fail("{}: no unit cell: _cell_length_a, _b, _c and _cell_angle_alpha, ... are needed", name);
  for (std::size_t k = 0; k < 3; ++k) {
    const auto p = cell.orthogonalize(gemmi::Fractional(k == 0 ? 1 : 0, k == 1 ? 1 : 0, k == 2 ? 1 : 0));
    structure.cell[k] = {p.x, p.y, p.z};
    structure.periodic[k] = true;
  }
  try {
    require_cell(structure);
  } catch (const Error& error) {
    fail("{}: {}", name, error.what());
  }
}

Structure expand(gemmi::cif::Block& block, const std::string& text, const std::string& name) {
  const gemmi::SmallStructure small = gemmi::make_small_structure_from_block(block);
  Structure structure;
  set_cell(small.cell, name, structure);
  const std::vector<SymmetryOperation> operations = symmetry(block, small.cell, text, name);
  std::vector<const Site*> origin;
  for (const Site& site : small.sites) {
    check_site(site, place_of(text, name, site.label));
    const Fractional place{site.fract.x, site.fract.y, site.fract.z};
    for (const Fractional& image : orbit(place, operations, structure.cell, same_site_A)) {
      structure.atoms.push_back({site.element.atomic_number(), to_position(structure, image)});
      origin.push_back(&site);
    }
  }
  const NeighbourList neighbours(structure, same_site_A);
  for (std::size_t i = 0; i < neighbours.size(); ++i) {
    if (neighbours.of(i).empty()) continue;
    const Site &here = *origin[i], &there = *origin[neighbours.of(i).front()];
    fail("{}: sites {} and {} lie on the same place: leave one of them", place_of(text, name, here.label),
         one_line(here.label), one_line(there.label));
  }
  structure.metadata["cif_block"] = one_line(block.name);
  return structure;
}

}  // namespace

Structure read_cif(const std::string& text, const std::string& name) {
  gemmi::cif::Document document = parse(text, name);
  gemmi::cif::Block& block = block_with_atoms(document, name);
  try {
    return expand(block, text, name);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    fail("{}: {}", name, one_line(error.what()));
  }
}

}  // namespace colonnade
