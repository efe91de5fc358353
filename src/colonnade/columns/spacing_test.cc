// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/spacing.h"

#include <gtest/gtest.h>

#include "colonnade/columns/test_images.h"

namespace colonnade {
namespace {

TEST(EstimateSpacing, MeasuresLatticesAcrossScales) {
  Random random(1);
  for (double spacing : {6.0, 10.0, 17.0, 31.0, 45.0}) {
    Image image(400, 330, 0.02);
    draw(image, particle({165, 200}, std::min(150.0, 8 * spacing), spacing, 3 * spacing, 0.2), 0.24 * spacing);
    add_noise(image, 0.05, random);
    EXPECT_NEAR(estimate_spacing(image, 3, 80).spacing_px, spacing, 0.04 * spacing) << spacing;
  }
}

TEST(EstimateSpacing, SeesASmallParticleInALargeField) {
  Random random(2);
  Image image(512, 512, 0.02);
  draw(image, particle({140, 330}, 32, 12, 40, 0.3), 3);
  add_noise(image, 0.05, random);
  EXPECT_NEAR(estimate_spacing(image, 3, 40).spacing_px, 12, 0.6);
}

TEST(EstimateSpacing, NoiseHasNone) {
  for (int seed = 0; seed < 5; ++seed) {
    Random random(seed);
    Image image(200, 256, 0.02);
    add_noise(image, 1, random);
    EXPECT_EQ(estimate_spacing(image, 3, 40).spacing_px, 0) << seed;
  }
  EXPECT_EQ(estimate_spacing(Image(64, 64, 0.02), 3, 40).spacing_px, 0);
  EXPECT_EQ(estimate_spacing(Image(1, 1, 0.02), 3, 40).spacing_px, 0);
}

}  // namespace
}  // namespace colonnade
