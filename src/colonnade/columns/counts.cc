// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/counts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

#include "colonnade/core/error.h"
#include "colonnade/structures/elements.h"

namespace colonnade {
namespace {

constexpr double anywhere_A = 1e9;
constexpr double straggling = 1.5;  // in units of the tolerance

/// Mean of the given points.
Point centroid(const std::vector<Point>& points, const std::vector<int>& members) {
  Point mean;
  for (int index : members) {
    mean.x += points[index].x / double(members.size());
    mean.y += points[index].y / double(members.size());
  }
  return mean;
}

/// The centres that have none of more members (or as many, but earlier) within the distance.
std::vector<Point> without_stragglers(const std::vector<Point>& centres, const std::vector<std::size_t>& sizes,
                                      double distance) {
  const PointGrid grid(centres, distance);
  std::vector<Point> kept;
  for (std::size_t i = 0; i < centres.size(); ++i) {
    const std::vector<int> near = grid.within(centres[i], distance);
    const bool straggler = std::any_of(near.begin(), near.end(), [&](std::size_t other) {
      return sizes[other] > sizes[i] || (sizes[other] == sizes[i] && other < i);
    });
    if (!straggler) kept.push_back(centres[i]);
  }
  return kept;
}

/// Centres of dense spots: from the most crowded atom on, the mean of the free atoms within the tolerance, followed
/// until it stands still (mean shift), takes these atoms. Unlike chains of near pairs, a spot cannot grow without end.
/// Stragglers just outside the tolerance of a fuller spot found before make none of their own.
std::vector<Point> dense_spots(const PointGrid& grid, double tolerance) {
  const std::vector<Point>& points = grid.points();
  std::vector<int> crowd(points.size()), order(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) crowd[i] = int(grid.within(points[i], tolerance).size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return crowd[a] > crowd[b]; });
  std::vector<char> taken(points.size(), 0);
  const auto free_within = [&](const Point& centre) {
    std::vector<int> members = grid.within(centre, tolerance);
    std::erase_if(members, [&](int index) { return taken[index]; });
    return members;
  };
  std::vector<Point> centres;
  std::vector<std::size_t> sizes;
  for (int seed : order) {
    if (taken[seed]) continue;
    std::vector<int> members = free_within(points[seed]);
    for (int turn = 0; turn < 20; ++turn) {
      std::vector<int> next = free_within(centroid(points, members));
      if (next.empty() || next == members) break;
      members = std::move(next);
    }
    taken[seed] = 1;
    for (int index : members) taken[index] = 1;
    centres.push_back(centroid(points, members));
    sizes.push_back(members.size());
  }
  return without_stragglers(centres, sizes, straggling * tolerance);
}

/// Which element of the list each atomic number is.
std::map<int, std::size_t> element_places(const std::vector<std::string>& elements) {
  std::map<int, std::size_t> places;
  for (std::size_t i = 0; i < elements.size(); ++i)
    if (!places.emplace(element(elements[i]).number, i).second)
      fail("element {} is listed twice; name each element once", elements[i]);
  return places;
}

std::array<double, 4> cubic_weights(double t) {
  // Cubic convolution with a = -1/2 (Keys 1981).
  return {((-0.5 * t + 1) * t - 0.5) * t, (1.5 * t - 2.5) * t * t + 1, ((-1.5 * t + 2) * t + 0.5) * t,
          (0.5 * t - 0.5) * t * t};
}

double bicubic(const Image& image, double x, double y) {
  const int left = int(std::floor(x)), top = int(std::floor(y));
  const auto weights_x = cubic_weights(x - left), weights_y = cubic_weights(y - top);
  double sum = 0;
  for (int j = 0; j < 4; ++j)
    for (int i = 0; i < 4; ++i) {
      const int row = std::clamp(top - 1 + j, 0, image.height - 1);
      const int column = std::clamp(left - 1 + i, 0, image.width - 1);
      sum += weights_y[j] * weights_x[i] * image.at(row, column);
    }
  return sum;
}

/// Largest value within one pixel of the place, on a grid of quarter pixels.
double peak_near(const Image& image, double x, double y) {
  double peak = 0;
  for (int j = -4; j <= 4; ++j)
    for (int i = -4; i <= 4; ++i)
      if (i * i + j * j <= 16) {
        const double px = std::clamp(x + 0.25 * i, 0.0, image.width - 1.0);
        const double py = std::clamp(y + 0.25 * j, 0.0, image.height - 1.0);
        peak = std::max(peak, bicubic(image, px, py));
      }
  return peak;
}

}  // namespace

std::vector<TrueColumn> true_columns(const Structure& structure, const std::vector<std::string>& elements,
                                     double tolerance_A) {
  if (!(tolerance_A > 0)) fail("the tolerance of columns is {} A; give a length above 0", tolerance_A);
  const std::map<int, std::size_t> places = element_places(elements);
  std::vector<Point> points;
  for (const Atom& atom : structure.atoms) {
    if (!places.count(atom.number))
      fail("the structure holds {}, which is not among the elements asked for; add it to the list",
           element(atom.number).symbol);
    points.push_back({atom.position.x, atom.position.y});
  }
  if (points.empty()) return {};
  const PointGrid centres(dense_spots(PointGrid(points, tolerance_A), tolerance_A), tolerance_A);
  std::vector<TrueColumn> columns(centres.points().size());
  std::vector<int> members(columns.size(), 0);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const int nearest = centres.nearest(points[i], anywhere_A);
    TrueColumn& column = columns[nearest];
    column.counts.resize(elements.size(), 0);
    ++column.counts[places.at(structure.atoms[i].number)];
    column.x_A += points[i].x;
    column.y_A += points[i].y;
    ++members[nearest];
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    columns[i].x_A /= std::max(1, members[i]);
    columns[i].y_A /= std::max(1, members[i]);
  }
  std::erase_if(columns, [](const TrueColumn& column) { return column.counts.empty(); });
  std::sort(columns.begin(), columns.end(),
            [](const TrueColumn& a, const TrueColumn& b) { return std::tie(a.y_A, a.x_A) < std::tie(b.y_A, b.x_A); });
  return columns;
}

std::vector<std::vector<double>> read_counts(const std::vector<Image>& maps, const std::vector<Column>& columns) {
  for (const Image& map : maps) require_finite(map, map.title.empty() ? "count map" : "count map of " + map.title);
  std::vector<std::vector<double>> counts;
  counts.reserve(columns.size());
  for (const Column& column : columns) {
    std::vector<double> row;
    for (const Image& map : maps) {
      if (!(column.x_px >= -0.5 && column.y_px >= -0.5 && column.x_px <= map.width - 0.5 &&
            column.y_px <= map.height - 0.5))
        fail("a column at ({:.1f}, {:.1f}) px lies outside its map of {} x {} px; use maps of the same image",
             column.x_px, column.y_px, map.width, map.height);
      row.push_back(peak_near(map, column.x_px, column.y_px));
    }
    counts.push_back(std::move(row));
  }
  return counts;
}

std::vector<int> match_points(const std::vector<Point>& reference, const std::vector<Point>& found, double distance) {
  if (!(distance > 0)) fail("points are matched within {}; give a distance above 0", distance);
  std::vector<int> partner(reference.size(), -1);
  if (found.empty()) return partner;
  const PointGrid grid(found, distance);
  std::vector<std::tuple<double, int, int>> pairs;
  for (std::size_t i = 0; i < reference.size(); ++i)
    for (int j : grid.within(reference[i], distance))
      pairs.emplace_back(std::hypot(reference[i].x - found[j].x, reference[i].y - found[j].y), int(i), j);
  std::sort(pairs.begin(), pairs.end());
  std::vector<char> used(found.size(), 0);
  for (const auto& [length, i, j] : pairs) {
    if (partner[i] >= 0 || used[j]) continue;
    partner[i] = j;
    used[j] = 1;
  }
  return partner;
}

}  // namespace colonnade
