// SPDX-License-Identifier: GPL-3.0-or-later
// The materials whose diffraction patterns are to be told apart: crystals of the library (structures/crystal_library.h)
// in the five cubic groups of Jeong, Ra, Jeong and Lee (RSC Adv. 14, 18489 (2024)), and all others as "none of these".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "colonnade/core/random.h"
#include "colonnade/diffraction/zone_net.h"
#include "colonnade/structures/crystal_library.h"

namespace colonnade {

/// 213, 221, 225, 227, 229. The mirror image of 213, 212, has the same kinematical intensities and counts as 213.
const std::vector<int>& recognised_groups();
/// Index into recognised_groups(), or recognised_groups().size() for any other group.
std::size_t recognised_index(int space_group);
/// "213" ... "none of these".
std::string recognised_name(std::size_t index);

/// Zones of crystals that are not cubic (of cubic ones: set_zones()): coprime, up to 2, one of each pair of opposite
/// ones.
const std::vector<Miller>& general_zones();

struct PatternMaterial {
  const LibraryCrystal* crystal = nullptr;
  std::size_t group = 0;      ///< recognised_index()
  std::vector<Miller> zones;  ///< that its patterns are drawn along
};

/// Of a crystal: its group, and the zones that suit its system.
PatternMaterial pattern_material(const LibraryCrystal& crystal);

struct MaterialSplit {
  std::vector<PatternMaterial> training, validation, test;
};
/// Of every group these shares of the materials, at least one of each; Al and Fe are always of the test. Crystals with
/// more than 200 atoms in a cell are left out. The same seed, the same split.
MaterialSplit split_materials(double validation_share, double test_share, std::uint64_t seed);

/// The crystal with other elements in the places of its own, drawn at random, all different: the same symmetry, other
/// intensities.
Structure redecorated(const LibraryCrystal& crystal, Random& random);

/// The looks of all recognised groups and zones.
PatternLooks recognised_looks();
/// The look of a material's zone; looks.size() where it is none of them.
int look_of(const PatternLooks& looks, const PatternMaterial& material, const Miller& zone);

}  // namespace colonnade
