// SPDX-License-Identifier: GPL-3.0-or-later
// Points in the plane sorted into square cells, for neighbour searches in constant time per neighbour. Any length unit.
#pragma once

#include <cstddef>
#include <vector>

namespace colonnade {

struct Point {
  double x = 0, y = 0;
};

class PointGrid {
 public:
  /// `cell` is the search distance that queries usually have; keeps a copy of the points. Coordinates must be finite.
  PointGrid(std::vector<Point> points, double cell);

  /// Indices of all points within `distance` (inclusive) of `centre`, ascending.
  std::vector<int> within(const Point& centre, double distance) const;
  /// Index of the nearest point other than `except`, or -1 where none is within `distance`; ties: the lower index.
  int nearest(const Point& centre, double distance, int except = -1) const;

  const std::vector<Point>& points() const { return points_; }

 private:
  int cell_of(double value, double low, int cells) const;
  template <class Visit>
  void visit(const Point& centre, double distance, Visit&& visit) const;

  std::vector<Point> points_;
  double cell_ = 1, low_x_ = 0, low_y_ = 0;
  int cells_x_ = 1, cells_y_ = 1;
  std::vector<int> order_;          ///< point indices by cell
  std::vector<std::size_t> first_;  ///< where each cell begins in order_
};

/// Distance of each point to its nearest neighbour; infinity where a point is alone.
std::vector<double> nearest_distances(const std::vector<Point>& points);
/// Median of nearest_distances(); 0 for fewer than two points.
double typical_spacing(const std::vector<Point>& points);

}  // namespace colonnade
