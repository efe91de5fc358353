// SPDX-License-Identifier: GPL-3.0-or-later
// The currency between rooms: a two-dimensional array with its pixel size, what its numbers mean, and its history.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace colonnade {

struct Image {
  int height = 0, width = 0;
  std::vector<float> data;              ///< (y, x), row-major, origin top left; pixel (0, 0) has its centre at (0, 0)
  double pixel_size_nm = 0;             ///< 0: unknown
  std::string intensity = "arbitrary";  ///< "arbitrary", "counts", "fraction of beam", "normalised", "atoms"
  std::string title;                    ///< "HAADF", "Pt", ...
  nlohmann::json metadata = nlohmann::json::object();

  Image() = default;
  Image(int height_px, int width_px, double pixel_nm = 0)
      : height(height_px), width(width_px), data(std::size_t(height_px) * width_px, 0.0F), pixel_size_nm(pixel_nm) {}

  float& at(int y, int x) { return data[std::size_t(y) * width + x]; }
  float at(int y, int x) const { return data[std::size_t(y) * width + x]; }
};

struct Extremes {
  float low = 0, high = 0;
};
Extremes extremes(const Image& image);
double mean(const Image& image);
/// A copy of the rectangle; fails where it leaves the image.
Image crop(const Image& image, int top, int left, int height, int width);
/// Fails, naming the image, where it is empty or holds NaN or infinity.
void require_finite(const Image& image, const std::string& name);

}  // namespace colonnade
