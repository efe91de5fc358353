// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/point_grid.h"

#include <cmath>
#include <gtest/gtest.h>

#include "colonnade/core/random.h"

namespace colonnade {
namespace {

TEST(PointGrid, EqualsBruteForce) {
  Random random(1);
  for (double cell : {0.0, 0.01, 0.3, 2.0, 100.0}) {
    std::vector<Point> points(150);
    for (Point& point : points) point = {random.uniform(-3, 5), random.uniform(10, 13)};
    const PointGrid grid(points, cell);
    for (int trial = 0; trial < 60; ++trial) {
      const Point centre{random.uniform(-5, 7), random.uniform(8, 15)};
      const double distance = random.uniform(0, 3);
      std::vector<int> expected;
      int nearest = -1;
      for (int i = 0; i < 150; ++i) {
        const double length = std::hypot(points[i].x - centre.x, points[i].y - centre.y);
        if (length > distance) continue;
        expected.push_back(i);
        if (i != 7 && (nearest < 0 || length < std::hypot(points[nearest].x - centre.x, points[nearest].y - centre.y)))
          nearest = i;
      }
      EXPECT_EQ(grid.within(centre, distance), expected);
      EXPECT_EQ(grid.nearest(centre, distance, 7), nearest);
    }
  }
}

TEST(PointGrid, TakesNoneOneAndCoincidingPoints) {
  EXPECT_TRUE(PointGrid({}, 1).within({0, 0}, 5).empty());
  EXPECT_EQ(PointGrid({{2, 2}}, 1).nearest({0, 0}, 5), 0);
  EXPECT_EQ(PointGrid({{2, 2}, {2, 2}}, 1).nearest({2, 2}, 5, 0), 1);
}

TEST(TypicalSpacing, IsThatOfALattice) {
  std::vector<Point> points;
  for (int i = 0; i < 20; ++i)
    for (int j = 0; j < 10; ++j) points.push_back({3.0 * i, 4.0 * j});
  EXPECT_NEAR(typical_spacing(points), 3, 1e-12);
  EXPECT_EQ(typical_spacing({{1, 1}}), 0);
  EXPECT_TRUE(std::isinf(nearest_distances({{1, 1}})[0]));
}

}  // namespace
}  // namespace colonnade
