// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/pattern_materials.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

#include "colonnade/simulate/diffraction/pattern_set.h"
#include "colonnade/structures/crystal_symmetry.h"

namespace colonnade {
namespace {

std::set<std::string> names(const std::vector<PatternMaterial>& materials) {
  std::set<std::string> found;
  for (const PatternMaterial& material : materials) found.insert(material.crystal->name);
  return found;
}

TEST(PatternMaterials, NoMaterialIsOnTwoSides) {
  const MaterialSplit split = split_materials(0.12, 0.2, 7);
  std::set<std::string> all = names(split.training);
  std::size_t sum = all.size();
  for (const auto* part : {&split.validation, &split.test}) {
    const auto more = names(*part);
    sum += more.size();
    all.insert(more.begin(), more.end());
    for (std::size_t group = 0; group <= recognised_groups().size(); ++group) {
      EXPECT_TRUE(std::any_of(part->begin(), part->end(), [&](const auto& m) { return m.group == group; })) << group;
    }
  }
  EXPECT_EQ(all.size(), sum);
  EXPECT_TRUE(names(split.test).contains("Al"));
  EXPECT_TRUE(names(split.test).contains("Fe"));
  EXPECT_EQ(names(split_materials(0.12, 0.2, 7).test), names(split.test));
  EXPECT_NE(names(split_materials(0.12, 0.2, 8).test), names(split.test));
}

TEST(PatternMaterials, OtherElementsKeepTheSymmetry) {
  for (const char* name : {"NaCl", "Cu3Au", "CsCl"}) {
    const LibraryCrystal& crystal = library_crystal(name);
    Random random(3);
    const Structure other = redecorated(crystal, random);
    EXPECT_EQ(symmetry_of(other).space_group, crystal.space_group);
    EXPECT_NE(composition_text(other), composition_text(to_structure(crystal)));
  }
}

TEST(PatternMaterials, GroupsAndTheirMirrorImage) {
  EXPECT_EQ(recognised_index(212), recognised_index(213));
  EXPECT_EQ(recognised_name(recognised_index(229)), "229");
  EXPECT_EQ(recognised_name(recognised_index(194)), "none of these");
}

TEST(PatternMaterials, LooksOfOtherCrystals) {
  const PatternLooks looks = recognised_looks();
  EXPECT_GT(looks.size(), 20u);
  EXPECT_LT(looks.size(), recognised_groups().size() * set_zones().size());
  // Squares of fcc and bcc are one look; a net without a right angle or equal sides is none of the cubic ones.
  const int square = look_of(looks, pattern_material(library_crystal("Al")), {0, 0, 1});
  EXPECT_NE(square, int(looks.size()));
  EXPECT_EQ(look_of(looks, pattern_material(library_crystal("Fe")), {0, 0, 1}), square);
  // The glide planes of rutile take 100 and 010 away.
  const PatternMaterial rutile = pattern_material(library_crystal("TiO2-136"));
  EXPECT_EQ(rutile.group, recognised_groups().size());
  EXPECT_NE(look_of(looks, rutile, {0, 0, 1}), square);
  // A net without symmetry is like that of a cubic zone by chance only.
  int triclinic = 0, alike = 0;
  for (const LibraryCrystal& crystal : crystal_library()) {
    if (crystal.space_group > 2) continue;
    ++triclinic;
    alike += look_of(looks, pattern_material(crystal), {0, 0, 1}) < int(looks.size());
  }
  EXPECT_GT(triclinic, 10);
  EXPECT_LT(alike, triclinic / 3);
}

}  // namespace
}  // namespace colonnade
