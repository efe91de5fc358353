// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/scan.h"

#include <cmath>
#include <gmock/gmock.h>

#include "colonnade/image/test_folder.h"

namespace colonnade {
namespace {

using testing::HasSubstr;

constexpr int side = 64, border = 8;

/// A pattern with a period of five pixels, seen `down` and `right` pixels farther.
Image waves(int size, double offset, double down = 0, double right = 0) {
  Image image(size, size, 0.02);
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      image.at(y, x) =
          float(1 + 0.4 * std::sin(1.9 * (x + offset + right)) + 0.3 * std::cos(0.9 * (y + offset + down)));
    }
  }
  return image;
}

double largest_difference(const Image& a, const Image& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.data.size(); ++i) largest = std::max(largest, std::abs(double(a.data[i]) - b.data[i]));
  return largest;
}

TEST(Scan, NothingAskedForNothingMoved) {
  Random random(1);
  const auto displacements = scan_displacements(side, side, 0.02, {}, random);
  const Image image = scan_distorted(waves(side + 2 * border, -border), side, side, displacements);
  EXPECT_EQ(image.data, waves(side, 0).data);
  EXPECT_FALSE(ScanOptions{}.distorts());
}

TEST(Scan, EvenDisplacementIsAShift) {
  Displacements displacements{std::vector<float>(side * side, 1.3F), std::vector<float>(side * side, -2.6F)};
  const Image image = scan_distorted(waves(side + 2 * border, -border), side, side, displacements);
  EXPECT_LT(largest_difference(image, waves(side, 0, 1.3, -2.6)), 1e-3);
}

TEST(Scan, DriftGrowsWithTime) {
  ScanOptions options;
  options.dwell_us = 20;
  options.flyback_us = 0;
  options.drift_x_nm_s = 0.5;
  options.drift_y_nm_s = -0.25;
  Random random(1);
  const auto displacements = scan_displacements(side, side, 0.02, options, random);
  const double last_s = 20e-6 * (side * side - 1);
  EXPECT_NEAR(displacements.x.back(), 0.5 * last_s / 0.02, 1e-5);
  EXPECT_NEAR(displacements.y.back(), -0.25 * last_s / 0.02, 1e-5);
  EXPECT_EQ(displacements.x.front(), 0);
  EXPECT_GE(options.reach_px(side, side, 0.02), std::hypot(displacements.x.back(), displacements.y.back()));
}

TEST(Scan, SettlingDecaysAlongEachLine) {
  ScanOptions options;
  options.settling_px = 3;
  options.settling_us = 40;
  options.dwell_us = 10;
  Random random(1);
  const auto displacements = scan_displacements(2, side, 0.02, options, random);
  EXPECT_FLOAT_EQ(displacements.x[side], 3);
  EXPECT_NEAR(displacements.x[side + 4], 3 * std::exp(-1.0), 1e-6);
}

TEST(Scan, JitterHasItsDeviationAndItsSeed) {
  ScanOptions options;
  options.jitter_px = 0.5;
  Random random(4), again(4);
  const auto displacements = scan_displacements(4000, 1, 0, options, random);
  double squares = 0;
  for (const float x : displacements.x) squares += double(x) * x;
  EXPECT_NEAR(std::sqrt(squares / 4000), 0.5, 0.03);
  EXPECT_EQ(displacements.x, scan_displacements(4000, 1, 0, options, again).x);
}

TEST(Scan, NonsenseIsRefused) {
  ScanOptions options;
  options.dwell_us = 0;
  EXPECT_THAT(message_of([&] { options.check(); }), HasSubstr("--dwell"));
  Random random(1);
  options = {};
  options.drift_x_nm_s = 1;
  EXPECT_THAT(message_of([&] { scan_displacements(2, 2, 0, options, random); }), HasSubstr("pixel size"));
  EXPECT_THAT(message_of([&] { scan_distorted(waves(10, 0), 11, 11, {}); }), HasSubstr("11 x 11"));
}

}  // namespace
}  // namespace colonnade
