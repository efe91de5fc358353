// SPDX-License-Identifier: GPL-3.0-or-later
// The three normalisation steps of Ragone et al. (Comput. Mater. Sci. 2021, 110905): I' = (I - min)/(max - min),
// I'' = I' - G(I'), I''' = I''/sqrt(G(I''^2)), G a Gaussian filter of sigma = 1/(pixel size in nm) pixels, i.e. 1 nm.
#pragma once

#include "colonnade/image/image.h"

namespace colonnade {

/// Step 1; a constant image gives zeros.
Image scale_to_unit(const Image& image);
/// Step 2.
Image subtract_local_mean(const Image& image, double sigma_px);
/// Step 3; where the local deviation vanishes the result is 0.
Image divide_by_local_deviation(const Image& image, double sigma_px);
/// All three; sigma from the image's pixel size, which must be known.
Image normalise_locally(const Image& image);

}  // namespace colonnade
