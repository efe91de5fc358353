// SPDX-License-Identifier: GPL-3.0-or-later
// Images of columns with known truth, for the tests and benchmarks of the room. Lengths in pixels.
#pragma once

#include <cmath>
#include <vector>

#include "colonnade/columns/column.h"
#include "colonnade/columns/point_grid.h"
#include "colonnade/core/random.h"
#include "colonnade/image/image.h"

namespace colonnade {

struct Drawn {
  Point place;
  double height = 1;
};

/// Adds the Gaussians over the whole image (where they exceed 1e-12 of their height).
inline void draw(Image& image, const std::vector<Drawn>& columns, double width) {
  const int reach = int(std::ceil(7.5 * width));
  for (const Drawn& column : columns)
    for (int y = std::max(0, int(column.place.y) - reach); y <= std::min(image.height - 1, int(column.place.y) + reach);
         ++y)
      for (int x = std::max(0, int(column.place.x) - reach);
           x <= std::min(image.width - 1, int(column.place.x) + reach); ++x)
        image.at(y, x) +=
            float(column.height * std::exp(-0.5 * (std::pow(x - column.place.x, 2) + std::pow(y - column.place.y, 2)) /
                                           (width * width)));
}

/// The centred rectangular lattice of fcc seen along [110] (nearest neighbours `spacing` apart) turned by `degrees`,
/// inside a circle; heights fall off towards the rim like the thickness of a sphere, but not below `least`.
inline std::vector<Drawn> particle(Point centre, double radius, double spacing, double degrees, double least) {
  const double b = spacing / std::sqrt(0.375), turn = degrees * M_PI / 180;  // cubic cell a: a/sqrt(2) by a
  const double a = b / std::sqrt(2.0);
  std::vector<Drawn> columns;
  const int many = int(2 * radius / a) + 2;
  for (int i = -many; i <= many; ++i)
    for (int j = -many; j <= many; ++j) {
      const double u = a * 0.5 * i, v = b * 0.5 * j;
      if ((i + j) % 2 != 0 || std::hypot(u, v) > radius) continue;
      const double thickness = std::sqrt(std::max(0.0, 1 - (u * u + v * v) / (radius * radius)));
      columns.push_back(
          {{centre.x + u * std::cos(turn) - v * std::sin(turn), centre.y + u * std::sin(turn) + v * std::cos(turn)},
           std::max(least, thickness)});
    }
  return columns;
}

inline void add_noise(Image& image, double deviation, Random& random) {
  for (float& value : image.data) value += float(deviation * random.normal());
}

inline std::vector<Point> places(const std::vector<Drawn>& columns) {
  std::vector<Point> all;
  for (const Drawn& column : columns) all.push_back(column.place);
  return all;
}

inline std::vector<Point> places(const std::vector<Column>& columns) {
  std::vector<Point> all;
  for (const Column& column : columns) all.push_back({column.x_px, column.y_px});
  return all;
}

}  // namespace colonnade
