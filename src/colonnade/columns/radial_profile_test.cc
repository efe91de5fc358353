// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/radial_profile.h"

#include <cmath>
#include <gmock/gmock.h>
#include <limits>

#include "colonnade/columns/test_posteriors.h"
#include "colonnade/core/error.h"

namespace colonnade {
namespace {

std::vector<Point> disc(double radius, double spacing) {
  std::vector<Point> points;
  const int steps = int(2 * radius / spacing + 1e-9);
  for (int row = 0; row <= steps; ++row) {
    for (int column = 0; column <= steps; ++column) {
      const double x = -radius + column * spacing, y = -radius + row * spacing;
      if (std::hypot(x, y) <= radius) points.push_back({x, y});
    }
  }
  return points;
}

TEST(RadialProfile, HullOfASquare) {
  const auto hull = convex_hull({{0, 0}, {1, 0}, {0.5, 0.5}, {1, 1}, {0.5, 0}, {0, 1}});
  EXPECT_EQ(hull.size(), 4U);
  double area = 0;
  for (std::size_t i = 0; i < hull.size(); ++i) {
    const Point &a = hull[i], &b = hull[(i + 1) % hull.size()];
    area += 0.5 * (a.x * b.y - a.y * b.x);
  }
  EXPECT_NEAR(area, 1, 1e-12);
  EXPECT_LT(convex_hull({{0, 0}, {1, 1}, {2, 2}}).size(), 3U);
}

TEST(RadialProfile, DistancesToTheRim) {
  std::vector<Point> points;
  for (int y = 0; y <= 10; ++y) {
    for (int x = 0; x <= 10; ++x) points.push_back({0.2 * x, 0.2 * y});
  }
  const auto whole = distances_to_rim(points, {});
  EXPECT_NEAR(whole[60], 1, 1e-12);
  EXPECT_NEAR(whole[11], 0, 1e-12);
  // The view ends at the left: that side is no rim.
  const auto cut = distances_to_rim(points, {-0.1, -1, 3, 3});
  EXPECT_NEAR(cut[5 * 11], 1, 1e-12);
  // The view is full of columns: no rim at all.
  EXPECT_EQ(distances_to_rim(points, {-0.1, -0.1, 2.1, 2.1})[60], std::numeric_limits<double>::infinity());
}

TEST(RadialProfile, AShellOfNickelIsSeenFromBothSides) {
  const auto points = disc(1.5, 0.2);
  std::vector<CountDistribution> columns;
  for (const Point& point : points) {
    const bool shell = std::hypot(point.x, point.y) > 1.0;
    columns.push_back(normal_distribution({shell ? 2.0 : 6.0, shell ? 6.0 : 2.0}, {0.5, 0, 0, 0.5}));
  }
  const RadialProfile rim = rim_profile(points, columns), centre = centre_profile(points, columns);
  EXPECT_NEAR(rim.shells.front().composition.fractions[1], 0.75, 1e-9);
  EXPECT_NEAR(rim.shells.back().composition.fractions[1], 0.25, 1e-9);
  EXPECT_NEAR(centre.shells.front().composition.fractions[1], 0.25, 1e-9);
  EXPECT_LT(rim.slope[1], 0);
  EXPECT_GT(centre.slope[1], 0);
  EXPECT_LT(rim.chance[1].p_adjusted, 0.01);
  std::size_t members = 0;
  for (const RadialShell& shell : rim.shells) {
    members += shell.composition.columns;
    // Var f = (f_b^2 + f_a^2) 0.5 k / N^2 for k columns of 8 atoms and fractions all 1/4 and 3/4.
    if (shell.composition.fractions[1] > 0.749) {
      const double k = double(shell.composition.columns);
      EXPECT_NEAR(shell.composition.deviation(1), std::sqrt(0.625 * 0.5 * k) / (8 * k), 1e-9);
    }
  }
  EXPECT_EQ(members, points.size());
}

TEST(RadialProfile, WhatIsNotInViewIsSaid) {
  const auto points = disc(1.5, 0.2);
  const std::vector<CountDistribution> columns(points.size(), normal_distribution({3, 3}, {1, 0, 0, 1}));
  RadialOptions options;
  options.field = {-2, -2, 1.4, 2};
  EXPECT_THAT(centre_profile(points, columns, options).without, testing::HasSubstr("not wholly in view"));
  EXPECT_EQ(rim_profile(points, columns, options).without, "");
  EXPECT_THROW(rim_profile(points, {}), Error);
  EXPECT_THAT(rim_profile({}, {}).without, testing::HasSubstr("not in view"));
}

TEST(RadialProfile, ARandomAlloyHasNoTrend) {
  int seen = 0;
  constexpr int particles = 60;
  for (int k = 0; k < particles; ++k) {
    Random random = Random(31).stream(std::uint64_t(k));
    NanoparticleOptions options;
    options.elements = {"Pt", "Pd", "Ni"};
    options.diameter_nm = 1.8;
    const TestParticle particle = test_particle(options, random);
    RadialOptions profile;
    profile.shuffles = 199;
    profile.seed = std::uint64_t(k);
    const auto rim = rim_profile(particle.positions, measured_each(particle, 1.5, random), profile);
    for (const Significance& chance : rim.chance) seen += chance.p_adjusted <= 0.05;
  }
  EXPECT_LE(seen, 12);  // 5 % of 60 families, up to three of a family at a time
}

}  // namespace
}  // namespace colonnade
