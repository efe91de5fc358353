// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/diffraction/spot_lattice.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/random.h"
#include "colonnade/core/test_errors.h"

namespace colonnade {
namespace {

struct Made {
  Vector2 a{}, b{};
  std::vector<LatticeSpot> spots;
};

/// A random oblique lattice with a fifth of its spots missing, noise, spots off it, and one row of superlattice spots.
Made made(Random& random) {
  Made out;
  const double angle = random.uniform(0, 6.28), between = random.uniform(1.1, 1.57), ratio = random.uniform(1.05, 1.5);
  out.a = {22 * std::cos(angle), 22 * std::sin(angle)};
  out.b = {22 * ratio * std::cos(angle + between), 22 * ratio * std::sin(angle + between)};
  for (int m = -4; m <= 4; ++m) {
    for (int n = -4; n <= 4; ++n) {
      const Vector2 at{m * out.a[0] + n * out.b[0] + 0.15 * random.normal(),
                       m * out.a[1] + n * out.b[1] + 0.15 * random.normal()};
      if ((m == 0 && n == 0) || std::hypot(at[0], at[1]) > 85 || random.uniform() < 0.2) continue;
      out.spots.push_back({at, random.uniform(0.3, 1)});
    }
  }
  for (const int m : {-1, 0, 1}) {
    out.spots.push_back({{(m + 0.5) * out.a[0] + out.b[0], (m + 0.5) * out.a[1] + out.b[1]}, 0.15});
  }
  for (int i = 0; i < 5; ++i) out.spots.push_back({{random.uniform(-80, 80), random.uniform(-80, 80)}, 0.5});
  return out;
}

TEST(SpotLattice, IsFoundAmongOutliersAndMissingSpots) {
  Random random(6);
  int right = 0;
  double pulls = 0;
  const int trials = 50;
  for (int trial = 0; trial < trials; ++trial) {
    const Made truth = made(random);
    const SpotLattice found = fit_spot_lattice(truth.spots, 1.2);
    // The same lattice: its vectors are whole numbers of the true ones, with determinant 1.
    const double whole = truth.a[0] * truth.b[1] - truth.a[1] * truth.b[0];
    const auto parts = [&](const Vector2& v) {
      return Vector2{(v[0] * truth.b[1] - v[1] * truth.b[0]) / whole, (truth.a[0] * v[1] - truth.a[1] * v[0]) / whole};
    };
    const Vector2 a = parts(found.a), b = parts(found.b);
    const double m = std::round(a[0]), n = std::round(a[1]), p = std::round(b[0]), q = std::round(b[1]);
    if (std::abs(m * q - n * p) != 1) continue;
    ++right;
    const Vector2 exact{m * truth.a[0] + n * truth.b[0], m * truth.a[1] + n * truth.b[1]};
    pulls += std::pow((found.a[0] - exact[0]) / found.a_error[0], 2) / trials;
    EXPECT_GT(found.explained, 0.7);
    EXPECT_GT(lattice_angle_deg(found), 59.9);
    EXPECT_LT(lattice_angle_deg(found), 120.1);
  }
  EXPECT_GE(right, trials - 1);
  EXPECT_NEAR(pulls, 1, 0.6);  // the errors are what they say
}

TEST(SpotLattice, RefusesWhatIsNone) {
  Random random(1);
  std::vector<LatticeSpot> spots{{{10, 0}, 1}, {{0, 10}, 1}};
  EXPECT_THAT(message_of([&] { fit_spot_lattice(spots, 1); }), testing::HasSubstr("too few"));
  spots = {{{10, 0}, 1}, {{20, 0}, 1}, {{-10, 0}, 1}, {{-20, 0}, 1}};
  EXPECT_THAT(message_of([&] { fit_spot_lattice(spots, 1); }), testing::HasSubstr("no lattice"));
}

}  // namespace
}  // namespace colonnade
