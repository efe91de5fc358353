// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/diffraction/radial_background.h"

#include <algorithm>
#include <cmath>

namespace colonnade {
namespace {

constexpr std::size_t least_pixels = 12;
constexpr double normal_over_median = 1.4826;

double median_of(std::vector<float>& values) {
  const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double radius(const PatternCentre& centre, int y, int x) { return std::hypot(y - centre.y_px, x - centre.x_px); }

}  // namespace

double RadialBackground::at(const std::vector<double>& values, double radius_px) {
  const double place = std::clamp(radius_px, 0.0, double(values.size() - 1));
  const auto low = std::min(std::size_t(place), values.size() - 1), high = std::min(low + 1, values.size() - 1);
  return values[low] + (place - double(low)) * (values[high] - values[low]);
}

RadialBackground radial_background(const Image& image, const PatternMask& mask, const PatternCentre& centre) {
  double farthest = 0;
  for (const int y : {0, image.height - 1}) {
    for (const int x : {0, image.width - 1}) farthest = std::max(farthest, radius(centre, y, x));
  }
  std::vector<std::vector<float>> rings(std::size_t(farthest) + 2);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      if (mask.at(image, y, x)) rings[std::size_t(radius(centre, y, x) + 0.5)].push_back(image.at(y, x));
    }
  }
  std::vector<double> levels(rings.size()), deviations(rings.size());
  for (std::size_t r = 0; r < rings.size(); ++r) {
    std::vector<float> values = rings[r];
    for (std::size_t off = 1; values.size() < least_pixels && off < rings.size(); ++off) {
      if (r >= off) values.insert(values.end(), rings[r - off].begin(), rings[r - off].end());
      if (r + off < rings.size()) values.insert(values.end(), rings[r + off].begin(), rings[r + off].end());
    }
    if (values.empty()) continue;
    levels[r] = median_of(values);
    for (float& value : values) value = float(std::abs(value - levels[r]));
    deviations[r] = normal_over_median * median_of(values);
  }
  return {std::move(levels), std::move(deviations)};
}

Image without_radial(const Image& image, const PatternMask& mask, const PatternCentre& centre,
                     const RadialBackground& background) {
  Image out = image;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      out.at(y, x) = mask.at(image, y, x) ? float(image.at(y, x) - background.level(radius(centre, y, x))) : 0.0F;
    }
  }
  return out;
}

}  // namespace colonnade
