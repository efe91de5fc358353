// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/image.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "colonnade/core/error.h"

namespace colonnade {

namespace {

void require_pixels(const Image& image, const std::string& name) {
  if (image.height <= 0 || image.width <= 0) fail("{}: the image is empty", name);
  if (image.data.size() != std::size_t(image.height) * image.width) {
    fail("{}: {} values for an image of {} x {} pixels", name, image.data.size(), image.height, image.width);
  }
}

}  // namespace

Extremes extremes(const Image& image) {
  require_pixels(image, "extremes");
  const auto [low, high] = std::minmax_element(image.data.begin(), image.data.end());
  return {*low, *high};
}

double mean(const Image& image) {
  require_pixels(image, "mean");
  return std::accumulate(image.data.begin(), image.data.end(), 0.0) / double(image.data.size());
}

Image crop(const Image& image, int top, int left, int height, int width) {
  require_pixels(image, "crop");
  const bool inside =
      top >= 0 && left >= 0 && height > 0 && width > 0 && height <= image.height - top && width <= image.width - left;
  if (!inside) {
    fail("crop: {} x {} pixels from row {}, column {} leave the image of {} x {}", height, width, top, left,
         image.height, image.width);
  }
  Image part(height, width, image.pixel_size_nm);
  part.intensity = image.intensity;
  part.title = image.title;
  part.metadata = image.metadata;
  for (int y = 0; y < height; ++y) {
    const auto row = image.data.begin() + (std::ptrdiff_t(top) + y) * image.width + left;
    std::copy_n(row, width, part.data.begin() + std::ptrdiff_t(y) * width);
  }
  return part;
}

void require_finite(const Image& image, const std::string& name) {
  require_pixels(image, name);
  const auto bad = [](float value) { return !std::isfinite(value); };
  const auto first = std::find_if(image.data.begin(), image.data.end(), bad);
  if (first == image.data.end()) return;
  const auto count = std::count_if(first, image.data.end(), bad);
  const auto index = first - image.data.begin();
  fail("{}: {} of {} pixels are NaN or infinite, the first at row {}, column {}; mend or crop the image", name, count,
       image.data.size(), index / image.width, index % image.width);
}

}  // namespace colonnade
