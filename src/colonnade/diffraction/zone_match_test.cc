// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/diffraction/zone_match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/test_errors.h"
#include "colonnade/diffraction/test_patterns.h"

namespace colonnade {
namespace {

using testing::HasSubstr;

struct Tally {
  int right = 0, trials = 0;
  std::string wrong;  ///< for people
};

/// Random zones out of a list, rotations, tilts and scales wrong by 2 % of each phase: how often the zone comes first.
Tally tally(const std::vector<std::string>& names, const std::vector<Miller>& axes, int trials, const TestPattern& base,
            double tilt_mrad, Random& random) {
  Tally tally;
  for (const std::string& name : names) {
    const std::vector<Phase> phases{test_phase(name)};
    const auto zones = make_zones(phases, 4);
    const auto laue = laue_operations(phases[0]);
    for (int n = 0; n < trials; ++n) {
      TestPattern how = base;
      how.angle_deg = random.uniform(0, 360);
      how.scale = random.uniform() < 0.5 ? 0.98 : 1.02;
      how.tilt_mrad = {random.uniform(-tilt_mrad, tilt_mrad), random.uniform(-tilt_mrad, tilt_mrad)};
      const Miller axis = axes[random.below(axes.size())];
      const auto pattern = test_measured(test_spots(phases[0], axis, how, random));
      const Indexing indexing = index_pattern_spots(pattern, phases, zones);
      const bool right = !indexing.matches.empty() && same_family(laue, indexing.matches[0].zone, axis);
      ++tally.trials, tally.right += right;
      if (!right) tally.wrong += fmt::format("\n{} {}: {}", name, zone_text(axis), indexing.verdict);
    }
  }
  return tally;
}

TEST(ZoneMatch, FindsTheZoneOfCubicCrystals) {
  Random random(11);
  TestPattern how;
  how.missing = 0.15;
  how.extra = 4;
  const std::vector<Miller> axes{{1, 0, 0}, {1, 1, 0}, {1, 1, 1}, {2, 1, 0}, {2, 1, 1}};
  const Tally found = tally({"Al", "Fe", "Si", "MgO", "SrTiO3"}, axes, 100, how, 8, random);
  EXPECT_EQ(found.trials, 500);
  EXPECT_GT(found.right, 0.95 * found.trials) << found.wrong;
  RecordProperty("right", found.right);
}

TEST(ZoneMatch, FindsHighZonesOfCrystalsWithManyReflections) {
  Random random(12);
  TestPattern how;
  how.missing = 0.1;
  how.extra = 3;
  const std::vector<Miller> axes{{3, 1, 0}, {3, 1, 1}, {3, 2, 1}, {3, 1, 2}, {3, 2, 0}, {3, 3, 1}};
  const Tally found = tally({"Si", "SrTiO3"}, axes, 60, how, 8, random);
  EXPECT_EQ(found.trials, 120);
  EXPECT_GT(found.right, 0.95 * found.trials) << found.wrong;
}

TEST(ZoneMatch, GivesRotationScaleAndIndices) {
  Random random(3);
  const std::vector<Phase> phases{test_phase("Si")};
  TestPattern how;
  how.angle_deg = 37;
  how.scale = 1.015;
  const auto spots = test_spots(phases[0], {1, 1, 0}, how, random);
  const Indexing indexing = index_pattern_spots(test_measured(spots), phases, make_zones(phases, 3));
  ASSERT_FALSE(indexing.matches.empty());
  const ZoneMatch& best = indexing.matches[0];
  EXPECT_EQ(best.zone, (Miller{1, 1, 0}));
  EXPECT_NEAR(best.scale, 1.015, 0.002);
  // The axis is a mirror line of the pattern, so 37 and -37 + 2 x (its azimuth) differ; the map says which was found.
  for (const IndexedSpot& one : best.spots) {
    const Vector3 g = multiply(
        multiply(rotation_about_z(best.in_plane_deg), zone_axis_rotation(phases[0].crystal, best.zone)),
        combine({double(one.hkl[0]), double(one.hkl[1]), double(one.hkl[2])}, reciprocal_cell(phases[0].crystal)));
    EXPECT_NEAR(g[0] * best.scale, spots[one.spot].g[0], 0.02);
    EXPECT_NEAR(g[1] * best.scale, spots[one.spot].g[1], 0.02);
    EXPECT_NEAR(g[2], 0, 1e-9);
  }
  EXPECT_NEAR(std::fmod(best.in_plane_deg - 37 + 360, 180), 0, 0.3);
  EXPECT_LT(best.rms_per_A, 0.005);
}

TEST(ZoneMatch, TellsPhasesApartAndSaysWhereItCannot) {
  Random random(5);
  std::vector<Phase> phases;
  for (const char* name : {"Al", "Cu", "Fe", "Si", "MgO", "Au"}) phases.push_back(test_phase(name));
  const auto zones = make_zones(phases, 3);
  const auto names = [&](const std::string& truth) {
    TestPattern how;
    how.angle_deg = 12;
    const auto& phase = *std::find_if(phases.begin(), phases.end(), [&](const Phase& p) { return p.name == truth; });
    return index_pattern_spots(test_measured(test_spots(phase, {1, 1, 0}, how, random)), phases, zones);
  };
  EXPECT_EQ(names("Cu").matches.at(0).name, "Cu");
  EXPECT_EQ(names("Fe").matches.at(0).name, "Fe");
  EXPECT_EQ(names("Si").matches.at(0).name, "Si");
  // Lattice parameters of Al and Au differ by 0.7 %, less than the calibration's error.
  const Indexing gold = names("Au");
  ASSERT_FALSE(gold.as_good.empty());
  EXPECT_EQ(gold.matches.at(gold.as_good[0]).name, gold.matches[0].name == "Au" ? "Al" : "Au");
  EXPECT_THAT(gold.verdict, HasSubstr("not told apart from"));
}

TEST(ZoneMatch, FindsTheZoneWithoutAScale) {
  Random random(7);
  const std::vector<Phase> phases{test_phase("Fe")};
  TestPattern how;
  how.scale = 3.7;
  how.angle_deg = 100;
  IndexOptions options;
  options.scale_error = 0;
  MeasuredPattern pattern = test_measured(test_spots(phases[0], {1, 1, 1}, how, random), 1.4 * 3.7);
  pattern.tolerance_per_A *= 3.7;
  const Indexing indexing = index_pattern_spots(pattern, phases, make_zones(phases, 2), options);
  ASSERT_FALSE(indexing.matches.empty());
  EXPECT_EQ(indexing.matches[0].zone, (Miller{1, 1, 1}));
  EXPECT_NEAR(indexing.matches[0].scale, 3.7, 0.02);
}

TEST(ZoneMatch, RefusesWhatCannotBeIndexed) {
  const std::vector<Phase> phases{test_phase("Al")};
  const auto zones = make_zones(phases, 1);
  EXPECT_THAT(message_of([&] { index_pattern_spots(test_measured({}), phases, zones); }), HasSubstr("too few"));
  const auto row = test_measured({{{0.4, 0.1}, 5}, {{0.8, 0.2}, 2}, {{-0.4, -0.1}, 5}});
  EXPECT_THAT(message_of([&] { index_pattern_spots(row, phases, zones); }), HasSubstr("one line"));
  EXPECT_THAT(message_of([&] { index_pattern_spots(row, {}, {}); }), HasSubstr("name crystals"));
}

TEST(ZoneTable, FamiliesOfACubicCrystal) {
  const Phase phase = test_phase("Al", crystal_from("Al"), 1.2);
  const auto laue = laue_operations(phase);
  EXPECT_EQ(laue.size(), 48U);
  // [321] and its mirror image are two: no proper rotation joins them.
  EXPECT_EQ(zone_families(laue, 2).size(), 6U);
  EXPECT_EQ(zone_families(laue, 3).size(), 6U + 7U + 1U);
  EXPECT_TRUE(same_family(laue, {1, -2, 3}, {3, 2, 1}));
  EXPECT_FALSE(same_family(laue, {1, 1, 0}, {1, 1, 1}));
}

TEST(ZoneTable, LayerHoldsWhatDoubleDiffractionReaches) {
  const std::vector<Phase> phases{test_phase("Si")};
  const auto zones = make_zones(phases, 1);
  const auto zone = std::find_if(zones.begin(), zones.end(), [](const Zone& z) { return z.axis == Miller{1, 1, 0}; });
  ASSERT_NE(zone, zones.end());
  // 002 is absent, but is 1-11 plus -111: the lattice of the layer has it, with strength 0.
  bool found = false;
  for (int m = -2; m <= 2; ++m) {
    for (int n = -2; n <= 2; ++n) {
      if (zone->hkl(m, n) != Miller{0, 0, 2}) continue;
      found = true;
      EXPECT_EQ(zone->strength(m, n), 0);
    }
  }
  EXPECT_TRUE(found);
  for (const ZoneReflection& r : zone->reflections) {
    EXPECT_NEAR(r.x, r.m * zone->basis[0][0] + r.n * zone->basis[1][0], 1e-6);
    EXPECT_NEAR(r.y, r.m * zone->basis[0][1] + r.n * zone->basis[1][1], 1e-6);
  }
}

}  // namespace
}  // namespace colonnade
