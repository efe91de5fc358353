// SPDX-License-Identifier: GPL-3.0-or-later
// From a coarse scan to the pixels of an image. A scanned image holds no frequency beyond 2 alpha / lambda, whatever
// the detector, so samples closer than lambda / (4 alpha) determine it. The scan covers the field and a margin on each
// side; the margins are cross-faded into one another, which makes the samples periodic, and the periodic samples are
// interpolated by their Fourier series. All of this is linear and separable: one matrix per axis.
#pragma once

#include <vector>

namespace colonnade {

class ScanAxis {
 public:
  /// Pixels at low + i * pixel, i < count, from samples at most `largest_pitch` apart. Where the pixels are no closer
  /// than that, each pixel is a sample. Angstrom throughout.
  ScanAxis(double low_A, double pixel_A, int count, double largest_pitch_A);

  const std::vector<double>& samples_A() const { return samples_; }
  int pixels() const { return pixels_; }
  /// (pixels, samples), row-major.
  const std::vector<double>& weights() const { return weights_; }

 private:
  int pixels_;
  std::vector<double> samples_, weights_;
};

/// Samples (y, x) to pixels (y, x).
std::vector<float> interpolate_scan(const ScanAxis& y, const ScanAxis& x, const std::vector<float>& samples);

}  // namespace colonnade
