// SPDX-License-Identifier: GPL-3.0-or-later
// The distance between neighbouring columns from the image alone: the nearest significant peak of the autocorrelation
// of the band-passed image, computed with the Fourier transform (Wiener-Khinchin). Pixels.
#pragma once

#include "colonnade/image/image.h"

namespace colonnade {

struct Spacing {
  double spacing_px = 0;   ///< 0: the image shows no repeat
  double correlation = 0;  ///< autocorrelation of the strongest repeat, as a fraction of that at no shift
  double scale_px = 0;     ///< Gaussian scale at which it was seen best
};

/// Looks for repeats between `smallest_px` and `largest_px`; the image must be finite.
Spacing estimate_spacing(const Image& image, double smallest_px, double largest_px);

}  // namespace colonnade
