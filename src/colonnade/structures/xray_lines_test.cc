// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/xray_lines.h"

#include <cmath>
#include <gtest/gtest.h>

namespace colonnade {
namespace {

TEST(XrayLines, OfTheAlloy) {
  EXPECT_DOUBLE_EQ(xray_line_keV(78), 9.4423);  // Pt, L
  EXPECT_DOUBLE_EQ(xray_line_keV(46), 2.8386);  // Pd, L, as its K line lies at 21 keV
  EXPECT_DOUBLE_EQ(xray_line_keV(28), 7.4782);
  EXPECT_DOUBLE_EQ(xray_line_keV(27), 6.9303);
  EXPECT_DOUBLE_EQ(xray_line_keV(26), 6.4038);
  EXPECT_EQ(xray_line_keV(3), 0);
  EXPECT_EQ(xray_line_keV(78, "K"), 0);
  EXPECT_EQ(xray_line_keV(78, "M"), 0);
}

// Moseley: the square root of the energy grows by nearly the same from element to element, so that a wrong digit shows.
TEST(XrayLines, FollowMoseley) {
  for (const auto& [line, first, last] : {std::tuple("K", 6, 50), std::tuple("L", 30, 83)}) {
    for (int z = first + 1; z < last; ++z) {
      const double below = std::sqrt(xray_line_keV(z - 1, line)), at = std::sqrt(xray_line_keV(z, line));
      const double above = std::sqrt(xray_line_keV(z + 1, line));
      ASSERT_GT(below, 0) << line << ' ' << z;
      EXPECT_NEAR(above - at, at - below, 0.025 * (at - below) + (z < 12 ? 2e-3 : 0)) << line << ' ' << z;
    }
  }
}

}  // namespace
}  // namespace colonnade
