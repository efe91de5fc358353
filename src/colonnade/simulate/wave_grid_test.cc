// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/wave_grid.h"

#include <gtest/gtest.h>

#include "colonnade/simulate/electron.h"

namespace colonnade {
namespace {

TEST(WaveGrid, FrequenciesInFftOrder) {
  const WaveGrid grid{6, 8, 0.5, 0.25};
  EXPECT_EQ(grid.kx(0), 0);
  EXPECT_EQ(grid.kx(3), 3 / 2.0);
  EXPECT_EQ(grid.kx(4), -4 / 2.0);
  EXPECT_EQ(grid.kx(7), -1 / 2.0);
  EXPECT_EQ(grid.ky(2), 2 / 3.0);
  EXPECT_EQ(grid.ky(3), -3 / 3.0);
}

TEST(WaveGrid, BandLimitIsTwoThirdsOfNyquist) {
  const WaveGrid grid{64, 64, 0.1, 0.05};
  EXPECT_NEAR(grid.band_end(), 2.0 / 3 / (2 * 0.1), 1e-12);
  EXPECT_NEAR(grid.band_end() - grid.band_flat(), 0.01 / 0.1, 1e-12);
  EXPECT_EQ(grid.band_limit(grid.band_flat()), 1);
  EXPECT_EQ(grid.band_limit(grid.band_end()), 0);
  EXPECT_NEAR(grid.band_limit((grid.band_end() + grid.band_flat()) / 2), 0.5, 1e-12);
}

TEST(WaveGrid, LargestAngleAndSamplingAreInverse) {
  const double largest = largest_angle_mrad(0.05859375, 200);
  EXPECT_NEAR(largest, 1e3 * 0.0250793 / 3 / 0.05859375, 1e-3);
  EXPECT_NEAR(sampling_for_angle(largest, 200), 0.05859375, 1e-12);
}

}  // namespace
}  // namespace colonnade
