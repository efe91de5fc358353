// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/noise_estimate.h"

#include <gmock/gmock.h>

#include "colonnade/core/test_errors.h"
#include "colonnade/image/noise.h"
#include "colonnade/image/test_specimen.h"

namespace colonnade {
namespace {

TEST(NoiseEstimate, CountingNoiseAndReadNoiseOfASimulatedImage) {
  TestSpecimen specimen;
  const Image clean = specimen.image(256, 256);
  Random random(21);
  for (const double electrons : {40.0, 400.0}) {
    for (const double read : {0.0, 0.05}) {
      // Dose such that a pixel of value 1 counts so many; pixels of 0.2 A.
      const Image noisy = gaussian_noise(poisson_noise(clean, electrons / 0.04, random), read, random);
      const NoiseEstimate found = estimate_noise(noisy);
      EXPECT_LT(found.gain_error * electrons, 0.15) << electrons << " " << read;
      EXPECT_NEAR(found.gain * electrons, 1, 4 * found.gain_error * electrons + 0.02) << electrons << " " << read;
      EXPECT_NEAR(found.variance_at_mean / (mean(clean) / electrons + read * read), 1, 0.05);
      EXPECT_NEAR(found.floor, read * read, 4 * found.floor_error + 0.02 * found.variance_at_mean);
      EXPECT_NEAR(found.neighbour_correlation, 0, 0.2);
    }
  }
}

TEST(NoiseEstimate, DetectorGainAndOffset) {
  const Image clean = TestSpecimen{}.image(256, 256);
  Random random(22);
  Image image = poisson_noise(clean, 100 / 0.04, random);
  for (float& value : image.data) value = 5000 + 20000 * value;  // one electron is 200
  const NoiseEstimate found = estimate_noise(image);
  EXPECT_NEAR(found.gain / 200, 1, 0.06);
  EXPECT_NEAR(found.level, 5000, 300);
}

TEST(NoiseEstimate, EvenNoiseHasNoGain) {
  Image image = TestSpecimen{}.image(256, 256);
  Random random(23);
  add_normal_noise(image, 0.1, random);
  const NoiseEstimate found = estimate_noise(image);
  EXPECT_NEAR(found.deviation, 0.1, 0.002);
  EXPECT_LT(found.gain, 4 * found.gain_error + 1e-9);
}

TEST(NoiseEstimate, NoiseAlikeInNeighboursIsTold) {
  Image image(256, 256, 0.01);
  Random random(24);
  for (int y = 0; y < 256; ++y) {
    double before = random.normal();
    for (int x = 0; x < 256; ++x) {
      const double fresh = random.normal();
      image.at(y, x) = float(fresh + 0.5 * before);  // correlation 0.4
      before = fresh;
    }
  }
  EXPECT_GT(estimate_noise(image).neighbour_correlation, 0.25);
}

TEST(NoiseEstimate, WhatIsTooSmallIsRefused) {
  EXPECT_THAT(message_of([] { estimate_noise(Image(30, 200)); }), testing::HasSubstr("64"));
  EXPECT_EQ(estimate_noise(Image(100, 100)).deviation, 0);
}

}  // namespace
}  // namespace colonnade
