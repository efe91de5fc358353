// SPDX-License-Identifier: GPL-3.0-or-later
// Gaussian filtering and resampling.
#pragma once

#include "colonnade/image/image.h"

namespace colonnade {

/// Gaussian filter, edges reflected (d c b a | a b c d), kernel cut at 4 sigma and normalised; sigma in pixels, 0: a
/// copy.
Image gaussian_filter(const Image& image, double sigma_px);
/// Resampled to another pixel size with bicubic interpolation (after a Gaussian against aliasing when coarser);
/// pixel (0, 0) keeps its centre.
Image resample(const Image& image, double pixel_size_nm);

}  // namespace colonnade
