// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/pattern_materials.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "colonnade/simulate/diffraction/pattern_set.h"
#include "colonnade/structures/crystal_symmetry.h"

namespace colonnade {

namespace {

constexpr std::size_t most_atoms_in_a_cell = 200;
constexpr int heaviest_drawn = 83;  // bismuth: beyond, crystals are rare

std::size_t atoms_in_cell(const LibraryCrystal& crystal) {
  std::size_t atoms = 0;
  for (const LibrarySite& site : crystal.sites) atoms += std::size_t(site.multiplicity);
  return atoms;
}

bool always_tested(const LibraryCrystal& crystal) {
  return (crystal.formula == "Al" && crystal.space_group == 225) ||
         (crystal.formula == "Fe" && crystal.space_group == 229);
}

}  // namespace

const std::vector<int>& recognised_groups() {
  static const std::vector<int> groups{213, 221, 225, 227, 229};
  return groups;
}

std::size_t recognised_index(int space_group) {
  const auto& groups = recognised_groups();
  const int meant = space_group == 212 ? 213 : space_group;
  return std::size_t(std::find(groups.begin(), groups.end(), meant) - groups.begin());
}

std::string recognised_name(std::size_t index) {
  return index < recognised_groups().size() ? std::to_string(recognised_groups()[index]) : "none of these";
}

const std::vector<Miller>& general_zones() {
  static const std::vector<Miller> zones = [] {
    std::vector<Miller> found;
    for (int u = 0; u <= 2; ++u)
      for (int v = u > 0 ? -2 : 0; v <= 2; ++v)
        for (int w = u > 0 || v > 0 ? -2 : 1; w <= 2; ++w)
          if (std::gcd(std::gcd(u, v), w) == 1) found.push_back({u, v, w});
    return found;
  }();
  return zones;
}

PatternMaterial pattern_material(const LibraryCrystal& crystal) {
  const bool cubic = crystal_system(crystal.space_group) == CrystalSystem::cubic;
  return {&crystal, recognised_index(crystal.space_group), cubic ? set_zones() : general_zones()};
}

MaterialSplit split_materials(double validation_share, double test_share, std::uint64_t seed) {
  std::map<std::size_t, std::vector<PatternMaterial>> by_group;
  MaterialSplit split;
  for (const LibraryCrystal& crystal : crystal_library()) {
    if (atoms_in_cell(crystal) > most_atoms_in_a_cell) continue;
    const PatternMaterial material = pattern_material(crystal);
    if (always_tested(crystal)) {
      split.test.push_back(material);
    } else {
      by_group[material.group].push_back(material);
    }
  }
  for (auto& [group, materials] : by_group) {
    Random(seed).stream(group).shuffle(materials);
    const double count = double(materials.size());
    const auto part = [count](double share) { return std::max<std::size_t>(1, std::size_t(share * count + 0.5)); };
    const std::size_t validation = part(validation_share), test = validation + part(test_share);
    for (std::size_t i = 0; i < materials.size(); ++i) {
      (i < validation ? split.validation : i < test ? split.test : split.training).push_back(materials[i]);
    }
  }
  return split;
}

Structure redecorated(const LibraryCrystal& crystal, Random& random) {
  Structure structure = to_structure(crystal);
  std::map<int, int> becomes;
  std::set<int> taken;
  for (Atom& atom : structure.atoms) {
    auto place = becomes.find(atom.number);
    if (place == becomes.end()) {
      int number = 0;
      do number = 3 + int(random.below(heaviest_drawn - 2));
      while (!taken.insert(number).second);
      place = becomes.emplace(atom.number, number).first;
    }
    atom.number = place->second;
  }
  return structure;
}

PatternLooks recognised_looks() {
  PatternLooks looks;
  const Matrix3 cube{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  const std::map<int, int> hall{{213, 509}, {221, 517}, {225, 523}, {227, 525}, {229, 529}};
  for (const int group : recognised_groups()) {
    const auto operations = operations_of_hall(hall.at(group));
    for (const Miller& zone : set_zones()) looks.add(zone_net(cube, operations, zone), {group, zone});
  }
  return looks;
}

int look_of(const PatternLooks& looks, const PatternMaterial& material, const Miller& zone) {
  const auto operations = operations_of_hall(material.crystal->hall_number);
  const Structure crystal = to_structure(*material.crystal);
  const int look = looks.find(zone_net(crystal.cell, operations, zone));
  return look < 0 ? int(looks.size()) : look;
}

}  // namespace colonnade
