// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/neighbour_columns.h"

#include "colonnade/core/error.h"

namespace colonnade {

std::vector<std::pair<int, int>> neighbour_pairs(const std::vector<Point>& points, double reach) {
  if (!(reach >= 1 && reach < 10)) fail("neighbours within {} times the nearest distance: use 1 to 10", reach);
  std::vector<std::pair<int, int>> pairs;
  const double distance = reach * typical_spacing(points);
  if (!(distance > 0)) return pairs;
  const auto lists = neighbour_lists(points, distance);
  for (int i = 0; i < std::ssize(points); ++i) {
    for (const int j : lists[i]) {
      if (j > i) pairs.emplace_back(i, j);
    }
  }
  return pairs;
}

std::vector<std::vector<int>> neighbour_lists(const std::vector<Point>& points, double distance) {
  const PointGrid grid(points, distance);
  std::vector<std::vector<int>> lists;
  for (std::size_t i = 0; i < points.size(); ++i) {
    std::erase(lists.emplace_back(grid.within(points[i], distance)), int(i));
  }
  return lists;
}

}  // namespace colonnade
