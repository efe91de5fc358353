// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/scan_pair.h"

#include <gmock/gmock.h>

#include "colonnade/core/test_errors.h"
#include "colonnade/image/test_specimen.h"
#include "colonnade/image/undistort.h"

namespace colonnade {
namespace {

constexpr int side = 256;

/// Steady drift (pixels per frame, specimen's axes) and jitter of each line.
LineShifts drifting(double y, double x, double jitter, Random& random) {
  LineShifts lines;
  for (int line = 0; line < side; ++line) {
    const double time = double(line) / side - 0.5;
    lines.y.push_back(y * time + jitter * random.normal());
    lines.x.push_back(x * time + jitter * random.normal());
  }
  return lines;
}

struct Scans {
  Image first, second, truth;
  LineShifts first_lines, second_lines;  ///< the second's by columns of the first's frame
};

/// The second is scanned along y, from the bottom up if `turns` is 1 or down if 3, its lines following each other along
/// x; as the microscope stores it, lines are rows.
Scans scanned(const TestSpecimen& specimen, double drift_y, double drift_x, double jitter, double noise, int turns) {
  Random random(41);
  Scans scans;
  scans.truth = specimen.image(side, side);
  scans.first_lines = drifting(drift_y, drift_x, jitter, random);
  scans.first = specimen.recorded(side, side, line_displacements(scans.first_lines.y, scans.first_lines.x, side));
  LineShifts in_time = drifting(drift_y, drift_x, jitter, random);
  scans.second_lines = in_time;
  if (turns == 1) {  // the first line lies at the right
    std::reverse(scans.second_lines.y.begin(), scans.second_lines.y.end());
    std::reverse(scans.second_lines.x.begin(), scans.second_lines.x.end());
  }
  Displacements u{std::vector<float>(side * side), std::vector<float>(side * side)};
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      u.y[y * side + x] = float(scans.second_lines.y[x]);
      u.x[y * side + x] = float(scans.second_lines.x[x]);
    }
  }
  scans.second = turned(specimen.recorded(side, side, u), 4 - turns);
  add_normal_noise(scans.first, noise, random);
  add_normal_noise(scans.second, noise, random);
  return scans;
}

/// Root mean square over lines and axes, apart from the displacement of the whole.
double error_px(const ScanPair& found, const Scans& truth, int border) {
  std::vector<double> y, x;
  for (int line = border; line < side - border; ++line) {
    y.push_back(found.first_lines.y[line] - truth.first_lines.y[line]);
    x.push_back(found.first_lines.x[line] - truth.first_lines.x[line]);
    y.push_back(found.second_lines.y[line] - truth.second_lines.y[line]);
    x.push_back(found.second_lines.x[line] - truth.second_lines.x[line]);
  }
  double my = 0, mx = 0, sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i) my += y[i] / double(y.size()), mx += x[i] / double(x.size());
  for (std::size_t i = 0; i < y.size(); ++i) sum += 0.5 * (std::pow(y[i] - my, 2) + std::pow(x[i] - mx, 2));
  return std::sqrt(sum / double(y.size()));
}

TEST(ScanPair, SteadyDriftIsTakenOut) {
  for (const int turns : {3}) {
    const Scans scans = scanned({12, 1, 5, 10, 128, 105}, 4.2, -3.1, 0, 0.05, turns);
    const ScanPair pair = combine_pair(scans.first, scans.second);
    EXPECT_EQ(pair.quarter_turns, turns);
    EXPECT_LT(error_px(pair, scans, 12), 0.1) << turns;
    EXPECT_GT(pair.correlation_after, pair.correlation_before) << turns;
    EXPECT_NEAR(pair.drift_first_px, std::hypot(4.2, 3.1) * 15 / 16, 0.3) << turns;
    std::cout << "drift of 5.2 px per scan: " << error_px(pair, scans, 12) << " px rms left, correlation "
              << pair.correlation_before << " -> " << pair.correlation_after << "\n";
  }
}

TEST(ScanPair, JitterToo) {
  const Scans scans = scanned({12, 1, 5, 10, 128, 0}, 3, 2.5, 0.3, 0.05, 1);
  ScanPairOptions options;
  options.quarter_turns = 1;  // the lattice looks alike from both sides
  const ScanPair pair = combine_pair(scans.first, scans.second, options);
  EXPECT_LT(error_px(pair, scans, 12), 0.1);
  EXPECT_NEAR(pair.jitter_px, 0.3, 0.1);
  std::cout << "drift of 3.9 px per scan, jitter 0.3 px: " << error_px(pair, scans, 12) << " px rms left\n";
}

TEST(ScanPair, QuarterTurns) {
  Image image(2, 3, 0.01);
  image.data = {1, 2, 3, 4, 5, 6};
  const Image once = turned(image, 1);
  EXPECT_EQ(once.height, 3);
  EXPECT_THAT(once.data, testing::ElementsAre(3, 6, 2, 5, 1, 4));
  EXPECT_EQ(turned(once, 3).data, image.data);
}

TEST(ScanPair, WhatIsNoPairIsRefused) {
  EXPECT_THAT(message_of([] { combine_pair(Image(64, 64), Image(64, 80)); }), testing::HasSubstr("square"));
  ScanPairOptions options;
  options.quarter_turns = 2;
  EXPECT_THAT(message_of([&] { options.check(); }), testing::HasSubstr("1 or 3"));
}

}  // namespace
}  // namespace colonnade
