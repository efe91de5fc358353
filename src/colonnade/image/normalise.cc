// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/normalise.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/image/filter.h"

namespace colonnade {

Image scale_to_unit(const Image& image) {
  require_finite(image, "normalisation");
  const auto [low, high] = extremes(image);
  const double range = double(high) - low;
  Image scaled = image;
  for (float& value : scaled.data) value = range > 0 ? float((double(value) - low) / range) : 0.0F;
  return scaled;
}

Image subtract_local_mean(const Image& image, double sigma_px) {
  Image difference = gaussian_filter(image, sigma_px);
  for (std::size_t i = 0; i < image.data.size(); ++i) difference.data[i] = image.data[i] - difference.data[i];
  return difference;
}

Image divide_by_local_deviation(const Image& image, double sigma_px) {
  Image square = image;
  float largest = 0;
  for (float& value : square.data) {
    largest = std::max(largest, std::abs(value));
    value *= value;
  }
  square = gaussian_filter(square, sigma_px);
  // Below this share of the largest value the deviation is rounding error, which must not be blown up to 1.
  const float smallest = 1e-6F * largest;
  Image quotient = image;
  for (std::size_t i = 0; i < image.data.size(); ++i) {
    const float deviation = std::sqrt(std::max(0.0F, square.data[i]));
    quotient.data[i] = deviation > smallest ? image.data[i] / deviation : 0.0F;
  }
  return quotient;
}

Image normalise_locally(const Image& image) {
  if (!(image.pixel_size_nm > 0)) {
    fail("normalisation: the pixel size of the image is unknown; state it (in nm per pixel)");
  }
  const double sigma_px = 1.0 / image.pixel_size_nm;
  Image result = divide_by_local_deviation(subtract_local_mean(scale_to_unit(image), sigma_px), sigma_px);
  result.intensity = "normalised";
  return result;
}

}  // namespace colonnade
