// SPDX-License-Identifier: GPL-3.0-or-later
// A specimen for the tests of what the scan does: columns on a lattice, some stronger, a particle's outline around. It
// is given by a formula, so that any place can be asked for.
#pragma once

#include <cmath>
#include <vector>

#include "colonnade/core/random.h"
#include "colonnade/image/image.h"
#include "colonnade/image/scan.h"

namespace colonnade {

struct TestSpecimen {
  double ax = 17.1, ay = 2.3, bx = -2.0, by = 19.4;  ///< pixels
  double centre = 128, radius = 100;                 ///< 0: endless
  double width = 3.2;
  std::uint64_t seed = 1;

  double at(double y, double x) const {
    const double area = ax * by - ay * bx, u = ((x - centre) * by - (y - centre) * bx) / area,
                 v = (ax * (y - centre) - ay * (x - centre)) / area;
    double value = 0.05;
    for (int i = int(std::floor(u)) - 1; i <= int(std::floor(u)) + 2; ++i) {
      for (int j = int(std::floor(v)) - 1; j <= int(std::floor(v)) + 2; ++j) {
        const double cx = i * ax + j * bx, cy = i * ay + j * by, from = std::hypot(cx, cy);
        if (radius > 0 && from > radius) continue;
        const double strength = radius > 0 ? 0.4 + 0.6 * std::sqrt(1 - from * from / (radius * radius)) : 1;
        value +=
            strength * std::exp(-0.5 * (std::pow(x - centre - cx, 2) + std::pow(y - centre - cy, 2)) / (width * width));
      }
    }
    return value;
  }

  /// As recorded with displacements: I(p) = S(p + u(p)).
  Image recorded(int height, int width_px, const Displacements& u) const {
    Image image(height, width_px, 0.02);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width_px; ++x) {
        const std::size_t p = std::size_t(y) * width_px + x;
        image.data[p] = float(at(y + u.y[p], x + u.x[p]));
      }
    }
    return image;
  }
  Image image(int height, int width_px) const {
    const std::vector<float> none(std::size_t(height) * width_px, 0.0F);
    return recorded(height, width_px, {none, none});
  }
};

inline void add_normal_noise(Image& image, double deviation, Random& random) {
  for (float& value : image.data) value += float(deviation * random.normal());
}

/// Root mean square difference within a border.
inline double rms_difference(const Image& a, const Image& b, int border) {
  double sum = 0, count = 0;
  for (int y = border; y < a.height - border; ++y) {
    for (int x = border; x < a.width - border; ++x) {
      sum += std::pow(a.at(y, x) - b.at(y, x), 2);
      count += 1;
    }
  }
  return std::sqrt(sum / count);
}

}  // namespace colonnade
