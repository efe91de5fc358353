// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/diffraction/spot_fit.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "colonnade/diffraction/least_squares.h"

namespace colonnade {
namespace {

constexpr int parameters = 7;  ///< x, y, height, ground, and the inverse covariance a, b, c
using Vector = Eigen::Matrix<double, parameters, 1>;

struct Pixel {
  double x, y, value;
};

std::vector<Pixel> pixels_around(const Image& image, const PatternMask& mask, double x, double y, double radius,
                                 const std::vector<Vector2>& others) {
  std::vector<Pixel> pixels;
  for (int v = std::max(0, int(y - radius)); v <= std::min(image.height - 1, int(y + radius) + 1); ++v) {
    for (int u = std::max(0, int(x - radius)); u <= std::min(image.width - 1, int(x + radius) + 1); ++u) {
      const bool clipped = mask.saturated[std::size_t(v) * image.width + u] != 0;
      const double off = std::hypot(v - y, u - x);
      if (off > radius || !mask.at(image, v, u) || clipped) continue;
      const auto nearer = [&](const Vector2& other) { return std::hypot(v - other[1], u - other[0]) < off; };
      if (std::any_of(others.begin(), others.end(), nearer)) continue;
      pixels.push_back({double(u), double(v), image.at(v, u)});
    }
  }
  return pixels;
}

/// Value and derivatives of height exp(-(a dx^2 + 2 b dx dy + c dy^2) / 2) + ground.
double model(const Vector& p, const Pixel& pixel, Vector* slope) {
  const double dx = pixel.x - p[0], dy = pixel.y - p[1];
  const double bell = std::exp(-0.5 * (p[4] * dx * dx + 2 * p[5] * dx * dy + p[6] * dy * dy));
  if (slope) {
    const double value = p[2] * bell;
    *slope << value * (p[4] * dx + p[5] * dy), value * (p[5] * dx + p[6] * dy), bell, 1, -0.5 * value * dx * dx,
        -value * dx * dy, -0.5 * value * dy * dy;
  }
  return p[2] * bell + p[3];
}

bool sound(const Vector& p) { return p[4] > 0 && p[6] > 0 && p[4] * p[6] > p[5] * p[5]; }

}  // namespace

std::optional<SpotShape> fit_spot(const Image& image, const PatternMask& mask, const Vector2& place, double width_px,
                                  double radius_px, const std::vector<Vector2>& others) {
  const auto [x, y] = place;
  const std::vector<Pixel> pixels = pixels_around(image, mask, x, y, radius_px, others);
  if (int(pixels.size()) < 2 * parameters) return {};
  double low = INFINITY, high = -INFINITY;
  for (const Pixel& pixel : pixels) low = std::min(low, pixel.value), high = std::max(high, pixel.value);
  const double sharpness = 1 / (width_px * width_px);
  Vector start;
  start << x, y, high - low, low, sharpness, 0, sharpness;
  const auto fit = least_squares<parameters>(start, pixels, model, sound);
  const Vector& p = fit.values;
  const double determinant = p[4] * p[6] - p[5] * p[5];
  if (!p.allFinite() || !sound(p) || !(p[2] > 0) || std::hypot(p[0] - x, p[1] - y) > 0.7 * radius_px) return {};
  return SpotShape{.x = p[0],
                   .y = p[1],
                   .height = p[2],
                   .ground = p[3],
                   .xx = p[6] / determinant,
                   .xy = -p[5] / determinant,
                   .yy = p[4] / determinant,
                   .x_error = std::sqrt(std::max(0.0, fit.covariance(0, 0))),
                   .y_error = std::sqrt(std::max(0.0, fit.covariance(1, 1))),
                   .residual = fit.residual};
}

}  // namespace colonnade
