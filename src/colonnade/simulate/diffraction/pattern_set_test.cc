// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/diffraction/pattern_set.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "colonnade/core/test_errors.h"

namespace colonnade {

namespace {

TEST(PatternSet, ZonesAreThoseOfTheStandardTriangle) {
  EXPECT_THAT(triangle_zones(1), testing::ElementsAre(Miller{0, 0, 1}, Miller{0, 1, 1}, Miller{1, 1, 1}));
  const auto thirteen = triangle_zones(3);
  EXPECT_EQ(thirteen.size(), 13u);
  EXPECT_EQ(thirteen.back(), (Miller{2, 3, 3}));
  const auto zones = set_zones();
  EXPECT_EQ(zones.size(), 16u);
  EXPECT_EQ(std::set<Miller>(zones.begin(), zones.end()).size(), 16u);
  EXPECT_THAT(message_of([] { triangle_zones(0); }), testing::HasSubstr("up to 0"));
}

TEST(PatternSet, HasEveryVoltageCameraAndZone) {
  const auto crystal = cubic_crystal("fcc", "Al", 4.0495);
  RasterOptions raster;
  raster.camera.height_px = raster.camera.width_px = 64;
  raster.electrons = 1e4;
  const auto patterns = pattern_set(crystal, {}, {}, raster, Random(3));
  ASSERT_EQ(patterns.size(), 144u);
  std::set<std::tuple<double, double, Miller>> all;
  for (const auto& pattern : patterns) {
    all.insert({pattern.energy_keV, pattern.camera_length_mm, pattern.zone});
    EXPECT_EQ(pattern.image.data.size(), 64u * 64);
    EXPECT_GE(pattern.spots.size(), 3u);
    // Spots of the zone's zero layer, or of one above it.
    for (const auto& spot : pattern.spots) {
      const int layer = spot.hkl[0] * pattern.zone[0] + spot.hkl[1] * pattern.zone[1] + spot.hkl[2] * pattern.zone[2];
      EXPECT_LE(layer, 0);
    }
  }
  EXPECT_EQ(all.size(), 144u);
  EXPECT_EQ(pattern_set(crystal, {}, {}, raster, Random(3))[77].image.data, patterns[77].image.data);
  EXPECT_NE(pattern_set(crystal, {}, {}, raster, Random(4))[77].image.data, patterns[77].image.data);
}

}  // namespace

}  // namespace colonnade
