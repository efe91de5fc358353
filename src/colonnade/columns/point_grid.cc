// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/point_grid.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace colonnade {
namespace {

constexpr double cells_at_most = 4e6;

double squared_distance(const Point& a, const Point& b) {
  return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
}

}  // namespace

PointGrid::PointGrid(std::vector<Point> points, double cell) : points_(std::move(points)), cell_(cell) {
  double high_x = 0, high_y = 0;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    const Point& point = points_[i];
    low_x_ = i ? std::min(low_x_, point.x) : point.x;
    low_y_ = i ? std::min(low_y_, point.y) : point.y;
    high_x = i ? std::max(high_x, point.x) : point.x;
    high_y = i ? std::max(high_y, point.y) : point.y;
  }
  const double width = high_x - low_x_, height = high_y - low_y_;
  if (!(cell_ > 0)) cell_ = std::max({width, height, 1.0});
  // A grid far finer than the points are many would cost memory and gain nothing.
  while ((width / cell_ + 1) * (height / cell_ + 1) > cells_at_most) cell_ *= 2;
  cells_x_ = int(width / cell_) + 1;
  cells_y_ = int(height / cell_) + 1;
  const auto cell_index = [&](const Point& point) {
    return std::size_t(cell_of(point.y, low_y_, cells_y_)) * cells_x_ + cell_of(point.x, low_x_, cells_x_);
  };
  first_.assign(std::size_t(cells_x_) * cells_y_ + 1, 0);
  for (const Point& point : points_) ++first_[cell_index(point) + 1];
  for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
  order_.resize(points_.size());
  std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
  for (std::size_t i = 0; i < points_.size(); ++i) order_[next[cell_index(points_[i])]++] = int(i);
}

int PointGrid::cell_of(double value, double low, int cells) const {
  return int(std::clamp((value - low) / cell_, 0.0, double(cells - 1)));
}

template <class Visit>
void PointGrid::visit(const Point& centre, double distance, Visit&& visit) const {
  const int left = cell_of(centre.x - distance, low_x_, cells_x_);
  const int right = cell_of(centre.x + distance, low_x_, cells_x_);
  const int top = cell_of(centre.y - distance, low_y_, cells_y_);
  const int bottom = cell_of(centre.y + distance, low_y_, cells_y_);
  for (int y = top; y <= bottom; ++y)
    for (int x = left; x <= right; ++x) {
      const std::size_t cell = std::size_t(y) * cells_x_ + x;
      for (std::size_t i = first_[cell]; i < first_[cell + 1]; ++i) {
        const double squared = squared_distance(points_[order_[i]], centre);
        if (squared <= distance * distance) visit(order_[i], squared);
      }
    }
}

std::vector<int> PointGrid::within(const Point& centre, double distance) const {
  std::vector<int> found;
  visit(centre, distance, [&](int index, double) { found.push_back(index); });
  std::sort(found.begin(), found.end());
  return found;
}

int PointGrid::nearest(const Point& centre, double distance, int except) const {
  int best = -1;
  double least = std::numeric_limits<double>::infinity();
  const auto consider = [&](int index, double squared) {
    if (index == except || squared > least || (squared == least && index > best)) return;
    best = index;
    least = squared;
  };
  // Rings of growing size, so that a generous distance costs nothing where a near neighbour exists.
  for (double ring = std::min(distance, cell_);; ring = std::min(distance, ring * 2)) {
    visit(centre, ring, consider);
    if (best >= 0 || ring >= distance) return best;
  }
}

std::vector<double> nearest_distances(const std::vector<Point>& points) {
  std::vector<double> distances(points.size(), std::numeric_limits<double>::infinity());
  if (points.size() < 2) return distances;
  double low_x = points[0].x, high_x = low_x, low_y = points[0].y, high_y = low_y;
  for (const Point& point : points) {
    low_x = std::min(low_x, point.x);
    high_x = std::max(high_x, point.x);
    low_y = std::min(low_y, point.y);
    high_y = std::max(high_y, point.y);
  }
  const double extent = std::hypot(high_x - low_x, high_y - low_y);
  const PointGrid grid(points, std::max(extent / std::sqrt(double(points.size())), 1e-12));
  for (std::size_t i = 0; i < points.size(); ++i) {
    const int other = grid.nearest(points[i], extent + 1e-12, int(i));
    if (other >= 0) distances[i] = std::sqrt(squared_distance(points[i], points[other]));
  }
  return distances;
}

double typical_spacing(const std::vector<Point>& points) {
  if (points.size() < 2) return 0;
  std::vector<double> distances = nearest_distances(points);
  const auto middle = distances.begin() + std::ptrdiff_t(distances.size() / 2);
  std::nth_element(distances.begin(), middle, distances.end());
  return *middle;
}

}  // namespace colonnade
