// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/half_float.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace colonnade {
namespace {

/// By the definition of the format.
double value_of(std::uint16_t half) {
  const double sign = (half & 0x8000) ? -1 : 1;
  const int exponent = half >> 10 & 31, fraction = half & 1023;
  if (exponent == 31) return fraction ? std::nan("") : sign * std::numeric_limits<double>::infinity();
  return sign * (exponent ? std::ldexp(1024 + fraction, exponent - 25) : std::ldexp(fraction, -24));
}

TEST(HalfFloat, EveryHalfIsReadAndComesBack) {
  for (int i = 0; i < 65536; ++i) {
    const auto half = std::uint16_t(i);
    const double value = value_of(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(half_to_float(half)));
      EXPECT_TRUE(std::isnan(half_to_float(float_to_half(half_to_float(half)))));
    } else {
      EXPECT_EQ(half_to_float(half), value);
      EXPECT_EQ(float_to_half(half_to_float(half)), half);
    }
  }
}

TEST(HalfFloat, RoundsToTheNearestTiesToEven) {
  for (int i = 0; i < 0x7BFF; ++i) {
    const auto below = std::uint16_t(i), above = std::uint16_t(i + 1);
    const auto middle = float((value_of(below) + value_of(above)) / 2);
    EXPECT_EQ(float_to_half(middle), i % 2 == 0 ? below : above);
    EXPECT_EQ(float_to_half(std::nextafter(middle, 0.0F)), below);
    EXPECT_EQ(float_to_half(std::nextafter(middle, 1e9F)), above);
    EXPECT_EQ(float_to_half(-middle), 0x8000 | (i % 2 == 0 ? below : above));
  }
}

TEST(HalfFloat, Ends) {
  EXPECT_EQ(float_to_half(largest_half), 0x7BFF);
  EXPECT_EQ(float_to_half(65519.996F), 0x7BFF);
  EXPECT_EQ(float_to_half(65520.0F), 0x7C00);
  EXPECT_EQ(float_to_half(-std::numeric_limits<float>::infinity()), 0xFC00);
  EXPECT_EQ(float_to_half(1e-30F), 0);
  EXPECT_EQ(float_to_half(-0.0F), 0x8000);
}

}  // namespace
}  // namespace colonnade
