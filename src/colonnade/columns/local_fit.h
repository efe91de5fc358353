// SPDX-License-Identifier: GPL-3.0-or-later
// One Gaussian of known width on a constant, fitted to the pixels around a place. Lengths in pixels.
#pragma once

#include <vector>

#include "colonnade/columns/column.h"
#include "colonnade/columns/point_grid.h"
#include "colonnade/image/image.h"

namespace colonnade {

struct LocalFit {
  double height = 0;  ///< above the background, image's unit
  double background = 0;
  double noise = 0;         ///< standard deviation of a pixel around the fit
  double correlation = 0;   ///< of the pixels with the shape, -1 to 1
  double significance = 0;  ///< height over its standard error were the residual white noise; at most 1e6
  double residual = 0;      ///< sum of squares
  int pixels = 0;
};

/// Least squares over the pixels within `radius` of `area` (by default of the Gaussian's own centre); no fit (all zero)
/// with fewer than 5 of them or where they are all equal.
LocalFit fit_locally(const Image& image, const Point& centre, double width, double radius, const Point* area = nullptr);

/// The width between the limits whose Gaussians at the places leave the smallest residual, each with its own height and
/// background; 0 where nothing can be fitted.
double common_width(const Image& image, const std::vector<Point>& places, double smallest, double largest,
                    double radius);

/// Sets at_edge: the centre is nearer to the outermost pixels than 1.18 sigma (half the Gaussian's full width at half
/// height).
void mark_edge(Column& column, const Image& image);

}  // namespace colonnade
