// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/noise.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/core/units.h"

namespace colonnade {

namespace {

void require_amount(double value, const char* what) {
  if (!(value >= 0) || !std::isfinite(value)) fail("{} is {}; it must be a number of 0 or more", what, value);
}

/// Linear interpolation, the edges held.
float sample(const Image& image, double y, double x) {
  y = std::clamp(y, 0.0, double(image.height - 1));
  x = std::clamp(x, 0.0, double(image.width - 1));
  const int top = int(y), left = int(x);
  const int bottom = std::min(top + 1, image.height - 1), right = std::min(left + 1, image.width - 1);
  const double down = y - top, across = x - left;
  const double upper = image.at(top, left) * (1 - across) + image.at(top, right) * across;
  const double lower = image.at(bottom, left) * (1 - across) + image.at(bottom, right) * across;
  return float(upper * (1 - down) + lower * down);
}

}  // namespace

Image poisson_noise(const Image& image, double dose_per_A2, Random& random) {
  require_finite(image, "counting noise");
  require_amount(dose_per_A2, "counting noise: the dose");
  Image noisy = image;
  if (dose_per_A2 == 0) return noisy;
  if (!(image.pixel_size_nm > 0)) fail("counting noise: the image's pixel size is unknown; state it");
  const double side_A = image.pixel_size_nm * angstrom_per_nm;
  const double electrons = dose_per_A2 * side_A * side_A;
  for (std::size_t i = 0; i < image.data.size(); ++i) {
    if (image.data[i] < 0) {
      fail("counting noise: intensity {} at row {}, column {} is negative; it must be a fraction of the beam",
           image.data[i], i / image.width, i % image.width);
    }
    noisy.data[i] = float(double(random.poisson(image.data[i] * electrons)) / electrons);
  }
  return noisy;
}

Image gaussian_noise(const Image& image, double deviation, Random& random) {
  require_finite(image, "normal noise");
  require_amount(deviation, "normal noise: the deviation");
  Image noisy = image;
  if (deviation == 0) return noisy;
  for (float& value : noisy.data) value = float(value + deviation * random.normal());
  return noisy;
}

Image scan_jitter(const Image& image, double deviation_px, Random& random) {
  require_finite(image, "scan noise");
  require_amount(deviation_px, "scan noise: the deviation");
  Image noisy = image;
  if (deviation_px == 0) return noisy;
  for (int y = 0; y < image.height; ++y) {
    const double across = deviation_px * random.normal();
    const double down = deviation_px * random.normal();
    for (int x = 0; x < image.width; ++x) noisy.at(y, x) = sample(image, y + down, x + across);
  }
  return noisy;
}

}  // namespace colonnade
