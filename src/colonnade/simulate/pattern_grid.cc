// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/pattern_grid.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"

namespace colonnade {

void PatternGrid::check() const {
  if (pixels < 1 || pixels > 4096) fail("a camera of {} x {} pixels; give 1 to 4096 each way", pixels, pixels);
  if (!(half_mrad > 0) || !std::isfinite(half_mrad)) {
    fail("a camera's edge lies at {} mrad; give an angle above 0", half_mrad);
  }
}

PatternBinning::PatternBinning(const PatternGrid& pattern, const WaveGrid& grid, double wavelength_A)
    : pixels_(pattern.pixels), columns_(grid.nx) {
  pattern.check();
  const double mrad = 1e3 * wavelength_A, largest = mrad * grid.band_end();
  if (pattern.half_mrad > largest * (1 + 1e-12)) {
    fail("the camera reaches {} mrad and the grid carries {:.1f} mrad at most; use a sampling of {:.4f} A or finer",
         pattern.half_mrad, largest, std::max(grid.pitch_x_A, grid.pitch_y_A) * largest / pattern.half_mrad);
  }
  row_shares_ = shares(pattern, grid.ny, mrad / grid.length_y_A());
  column_shares_ = shares(pattern, grid.nx, mrad / grid.length_x_A());
}

// The overlap of each point's interval with each pixel's, as a part of the point's.
std::vector<PatternBinning::Share> PatternBinning::shares(const PatternGrid& pattern, int points,
                                                          double mrad_per_point) {
  std::vector<Share> result;
  const double points_per_pixel = pattern.mrad_per_pixel() / mrad_per_point,
               first = -pattern.half_mrad / mrad_per_point;
  for (int i = 0; i < points; ++i) {
    const double low = (i < points / 2 ? i : i - points) - 0.5;
    const int begin = std::max(0, int(std::floor((low - first) / points_per_pixel)));
    for (int pixel = begin; pixel < pattern.pixels; ++pixel) {
      const double edge = first + pixel * points_per_pixel;
      const double overlap = std::min(low + 1, edge + points_per_pixel) - std::max(low, edge);
      if (overlap > 1e-9) result.push_back({i, pixel, float(overlap)});
      if (edge > low + 1) break;
    }
  }
  return result;
}

std::vector<float> PatternBinning::bin(const std::vector<float>& intensity) const {
  std::vector<float> pattern(std::size_t(pixels_) * std::size_t(pixels_)), row(std::size_t(pixels_), 0.0F);
  int done = -1;
  for (const Share& y : row_shares_) {
    if (y.from != done) {
      std::fill(row.begin(), row.end(), 0.0F);
      const float* source = intensity.data() + std::size_t(y.from) * std::size_t(columns_);
      for (const Share& x : column_shares_) row[std::size_t(x.to)] += x.weight * source[x.from];
      done = y.from;
    }
    float* target = pattern.data() + std::size_t(y.to) * std::size_t(pixels_);
    for (int i = 0; i < pixels_; ++i) target[i] += y.weight * row[std::size_t(i)];
  }
  return pattern;
}

}  // namespace colonnade
