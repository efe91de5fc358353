// SPDX-License-Identifier: GPL-3.0-or-later
// The specimen on an even grid from an image whose pixels were recorded elsewhere (scan.h's displacements u: the
// recorded I(p) = S(p + u(p))). Every line is first put right along itself, where its samples lie evenly; then, down
// every column, a spline passes through the uneven places of the lines. What the result, scanned again with the
// displacements, lacks of the image is added, once (Ophus, Ciston, Nelson, Ultramicroscopy 162, 1 (2016) spread samples
// likewise). Lengths in pixels.
#pragma once

#include <vector>

#include "colonnade/image/image.h"
#include "colonnade/image/scan.h"

namespace colonnade {

/// S on the image's own pixels. Where nothing was recorded the nearest sample is held. `corrections`: how often what is
/// lacking is added; 0 is quicker, and enough between the rounds of an alignment.
Image scan_undistorted(const Image& image, const Displacements& displacements, int corrections = 1);

/// One displacement for each line of an image `width` pixels wide, as a displacement of every pixel.
Displacements line_displacements(const std::vector<double>& y, const std::vector<double>& x, int width);

/// The largest absolute displacement.
double largest(const Displacements& displacements);

}  // namespace colonnade
