// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/local_fit.h"

#include <algorithm>
#include <cmath>

namespace colonnade {

LocalFit fit_locally(const Image& image, const Point& centre, double width, double radius, const Point* area) {
  const Point middle = area ? *area : centre;
  const int left = std::max(0, int(std::ceil(middle.x - radius)));
  const int right = std::min(image.width - 1, int(std::floor(middle.x + radius)));
  const int top = std::max(0, int(std::ceil(middle.y - radius)));
  const int bottom = std::min(image.height - 1, int(std::floor(middle.y + radius)));
  if (left > right || top > bottom) return {};
  const double level = image.at(std::clamp(int(middle.y), top, bottom), std::clamp(int(middle.x), left, right));
  const double curve = -0.5 / (width * width);
  double n = 0, g = 0, gg = 0, v = 0, vv = 0, gv = 0;
  for (int y = top; y <= bottom; ++y)
    for (int x = left; x <= right; ++x) {
      if ((x - middle.x) * (x - middle.x) + (y - middle.y) * (y - middle.y) > radius * radius) continue;
      const double squared = (x - centre.x) * (x - centre.x) + (y - centre.y) * (y - centre.y);
      const double shape = std::exp(curve * squared), value = image.at(y, x) - level;
      n += 1, g += shape, gg += shape * shape, v += value, vv += value * value, gv += shape * value;
    }
  const double shapes = gg - g * g / n, values = vv - v * v / n, both = gv - g * v / n;
  LocalFit fit;
  if (n < 5 || !(shapes > 1e-9) || !(values > 1e-12 * vv)) return fit;
  fit.pixels = int(n);
  fit.height = both / shapes;
  fit.background = level + (v - fit.height * g) / n;
  fit.residual = std::max(0.0, values - fit.height * both);
  fit.noise = std::sqrt(fit.residual / (n - 3));
  fit.correlation = std::clamp(both / std::sqrt(shapes * values), -1.0, 1.0);
  const double error = fit.noise / std::sqrt(shapes);
  fit.significance = std::clamp(fit.height / std::max(error, 1e-300), -1e6, 1e6);
  return fit;
}

double common_width(const Image& image, const std::vector<Point>& places, double smallest, double largest,
                    double radius) {
  const auto residual = [&](double width) {
    double sum = 0;
    for (const Point& place : places) sum += fit_locally(image, place, width, radius).residual;
    return sum;
  };
  const bool any = std::any_of(places.begin(), places.end(), [&](const Point& place) {
    return fit_locally(image, place, 0.5 * (smallest + largest), radius).pixels > 0;
  });
  if (!any) return 0;
  // Golden-section search; the residual has one minimum within the range in practice, and any is a usable width.
  constexpr double golden = 0.6180339887498949;
  double low = smallest, high = largest;
  double inner = high - golden * (high - low), outer = low + golden * (high - low);
  double at_inner = residual(inner), at_outer = residual(outer);
  while (high - low > 0.01 * largest) {
    if (at_inner < at_outer) {
      high = outer, outer = inner, at_outer = at_inner;
      inner = high - golden * (high - low), at_inner = residual(inner);
    } else {
      low = inner, inner = outer, at_inner = at_outer;
      outer = low + golden * (high - low), at_outer = residual(outer);
    }
  }
  return 0.5 * (low + high);
}

void mark_edge(Column& column, const Image& image) {
  const double radius = 1.1774 * column.sigma_px;
  column.at_edge = column.x_px < radius || column.y_px < radius || column.x_px > image.width - 1 - radius ||
                   column.y_px > image.height - 1 - radius;
}

}  // namespace colonnade
