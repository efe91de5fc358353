// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/undistort.h"

#include <gmock/gmock.h>

#include "colonnade/core/test_errors.h"
#include "colonnade/image/sinc_sampling.h"
#include "colonnade/image/test_specimen.h"

namespace colonnade {
namespace {

constexpr int height = 240, width = 256;

TEST(SincSampling, MeetsABandLimitedImageAnywhere) {
  const TestSpecimen specimen;
  const Image image = specimen.image(height, width);
  Random random(1);
  double worst = 0;
  for (int k = 0; k < 500; ++k) {
    const double y = random.uniform(8, height - 8), x = random.uniform(8, width - 8);
    worst = std::max(worst, std::abs(sinc_sample(image, y, x) - specimen.at(y, x)));
  }
  EXPECT_LT(worst, 1e-3);
  EXPECT_EQ(sinc_sample(image, 5, 9), image.at(5, 9));
  EXPECT_EQ(sinc_sample(image, -50, -50), image.at(0, 0));
}

TEST(SincSampling, ShiftedImagesAreSamples) {
  const Image image = TestSpecimen{}.image(60, 70), moved = sinc_shift(image, 3.3, -2.6);
  for (int y = 0; y < 60; y += 7) {
    for (int x = 0; x < 70; x += 3) EXPECT_NEAR(moved.at(y, x), sinc_sample(image, y + 3.3, x - 2.6), 2e-4);
  }
  EXPECT_EQ(sinc_shift(image, 0, 0).data, image.data);
}

TEST(Undistort, DriftAndSettlingAreTakenOut) {
  const TestSpecimen specimen;
  ScanOptions options;
  options.drift_x_nm_s = 0.15;
  options.drift_y_nm_s = -0.12;
  options.settling_px = 3;
  options.settling_us = 300;
  Random random(2);
  const auto u = scan_displacements(height, width, 0.02, options, random);
  const Image recorded = specimen.recorded(height, width, u), truth = specimen.image(height, width);
  EXPECT_GT(rms_difference(recorded, truth, 24), 0.1);
  EXPECT_LT(rms_difference(scan_undistorted(recorded, u), truth, 24), 1e-3);
}

TEST(Undistort, JitterIsTakenOut) {
  const TestSpecimen specimen;
  ScanOptions options;
  options.jitter_px = 0.6;
  Random random(3);
  const auto u = scan_displacements(height, width, 0.02, options, random);
  const Image recorded = specimen.recorded(height, width, u), truth = specimen.image(height, width);
  EXPECT_GT(rms_difference(recorded, truth, 12), 0.03);
  EXPECT_LT(rms_difference(scan_undistorted(recorded, u), truth, 12), 0.005);
}

TEST(Undistort, NothingDisplacedNothingChanged) {
  const Image image = TestSpecimen{}.image(50, 60);
  const std::vector<float> none(image.data.size(), 0.0F);
  EXPECT_LT(rms_difference(scan_undistorted(image, {none, none}), image, 0), 1e-6);
  EXPECT_THAT(message_of([&] { scan_undistorted(image, {}); }), testing::HasSubstr("displacements"));
}

TEST(Undistort, LinesAreSpreadOverPixels) {
  const auto u = line_displacements({1, 2}, {-3, 4}, 2);
  EXPECT_THAT(u.y, testing::ElementsAre(1, 1, 2, 2));
  EXPECT_THAT(u.x, testing::ElementsAre(-3, -3, 4, 4));
  EXPECT_EQ(largest(u), 4);
}

}  // namespace
}  // namespace colonnade
