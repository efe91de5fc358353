// SPDX-License-Identifier: GPL-3.0-or-later
// Where one image fits another: the normalised cross-correlation of tapered images by Fourier transforms, divided by
// the overlap of the tapers. Pixels.
#pragma once

#include <complex>
#include <vector>

#include "colonnade/image/fft.h"
#include "colonnade/image/image.h"

namespace colonnade {

struct CorrelationPeak {
  double y = 0, x = 0;
  double correlation = 0;  ///< -1 to 1
};

/// For many images of one size.
class CrossCorrelation {
 public:
  /// Displacements are looked for up to `reach` pixels both ways.
  CrossCorrelation(int height, int width, int reach);

  using Spectrum = AlignedArray<std::complex<float>>;
  Spectrum spectrum(const Image& image) const;
  /// Peaks of at least `least` of the highest, highest first: where b(p) = a(p + peak).
  std::vector<CorrelationPeak> peaks(const Spectrum& a, const Spectrum& b, double least) const;

 private:
  std::vector<float> correlate(const Spectrum& a, const Spectrum& b) const;
  Spectrum transform(const std::vector<float>& values) const;

  int height_, width_, reach_, rows_, columns_;
  FftPlan forward_, backward_;
  std::vector<float> taper_, overlap_;
};

}  // namespace colonnade
