// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/cross_correlation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace colonnade {
namespace {

/// 1 inside, falling to 0 over the outermost eighth.
double edge_weight(int i, int n) {
  const double edge = std::max(1.0, n / 8.0), inside = std::min(i, n - 1 - i) + 0.5;
  return inside >= edge ? 1 : 0.5 - 0.5 * std::cos(std::numbers::pi * inside / edge);
}

}  // namespace

CrossCorrelation::CrossCorrelation(int height, int width, int reach)
    : height_(height),
      width_(width),
      reach_(std::min({reach, height - 1, width - 1})),
      rows_(fft_size(height + reach_ + 1)),
      columns_(fft_size(width + reach_ + 1)),
      forward_(FftPlan::plane_from_real(rows_, columns_)),
      backward_(FftPlan::plane_to_real(rows_, columns_)),
      taper_(std::size_t(height) * width) {
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      taper_[std::size_t(y) * width + x] = float(edge_weight(y, height) * edge_weight(x, width));
    }
  }
  const Spectrum weights = transform(taper_);
  overlap_ = correlate(weights, weights);
}

CrossCorrelation::Spectrum CrossCorrelation::transform(const std::vector<float>& values) const {
  AlignedArray<float> padded(std::size_t(rows_) * columns_);
  for (int y = 0; y < height_; ++y) {
    std::copy_n(values.data() + std::size_t(y) * width_, width_, padded.data() + std::size_t(y) * columns_);
  }
  Spectrum spectrum(std::size_t(rows_) * (columns_ / 2 + 1));
  forward_.execute(padded.data(), spectrum.data());
  return spectrum;
}

CrossCorrelation::Spectrum CrossCorrelation::spectrum(const Image& image) const {
  double sum = 0, weights = 0, squares = 0;
  for (std::size_t i = 0; i < taper_.size(); ++i) {
    sum += double(taper_[i]) * image.data[i];
    weights += taper_[i];
  }
  const double level = sum / weights;
  std::vector<float> values(taper_.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = float(taper_[i] * (image.data[i] - level));
    squares += double(values[i]) * (image.data[i] - level);
  }
  const auto scale = float(squares > 0 ? std::sqrt(weights / squares) : 0);
  for (float& value : values) value *= scale;
  return transform(values);
}

std::vector<float> CrossCorrelation::correlate(const Spectrum& a, const Spectrum& b) const {
  Spectrum product(a.size());
  const auto scale = float(1.0 / (double(rows_) * columns_));
  // sum_p b(p) a(p + d): the transform of conj(B) A.
  for (std::size_t i = 0; i < a.size(); ++i) product[i] = scale * (std::conj(b[i]) * a[i]);
  AlignedArray<float> plane(std::size_t(rows_) * columns_);
  backward_.execute(product.data(), plane.data());
  return {plane.data(), plane.data() + plane.size()};
}

std::vector<CorrelationPeak> CrossCorrelation::peaks(const Spectrum& a, const Spectrum& b, double least) const {
  const std::vector<float> plane = correlate(a, b);
  const double least_overlap = 0.1 * overlap_[0];
  const auto value = [&](int y, int x) {
    const std::size_t i = std::size_t((y + rows_) % rows_) * columns_ + (x + columns_) % columns_;
    return overlap_[i] > least_overlap ? double(plane[i]) / overlap_[i] : 0.0;
  };
  std::vector<CorrelationPeak> found;
  for (int y = 1 - reach_; y < reach_; ++y) {
    for (int x = 1 - reach_; x < reach_; ++x) {
      const double here = value(y, x);
      bool highest = here > 0;
      for (int j = -1; j <= 1 && highest; ++j) {
        for (int i = -1; i <= 1; ++i) highest = highest && ((i == 0 && j == 0) || value(y + j, x + i) < here);
      }
      if (!highest) continue;
      const auto offset = [&](double before, double after) {
        const double bend = before - 2 * here + after;
        return bend < 0 ? std::clamp(0.5 * (before - after) / bend, -0.5, 0.5) : 0.0;
      };
      found.push_back(
          {y + offset(value(y - 1, x), value(y + 1, x)), x + offset(value(y, x - 1), value(y, x + 1)), here});
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& one, const auto& other) { return one.correlation > other.correlation; });
  while (!found.empty() && found.back().correlation < least * found.front().correlation) found.pop_back();
  return found;
}

}  // namespace colonnade
