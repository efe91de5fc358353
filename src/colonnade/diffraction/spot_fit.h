// SPDX-License-Identifier: GPL-3.0-or-later
// One spot: a tilted two-dimensional Gaussian on a level ground, by Levenberg and Marquardt's least squares. Pixels.
#pragma once

#include <optional>
#include <vector>

#include "colonnade/diffraction/pattern_mask.h"

namespace colonnade {

struct SpotShape {
  double x = 0, y = 0, height = 0, ground = 0;
  double xx = 0, xy = 0, yy = 0;  ///< covariance of the Gaussian, px^2
  double x_error = 0, y_error = 0;
  double residual = 0;  ///< standard deviation of the pixels about the fit
};

/// Over the usable, unsaturated pixels within radius_px of the start that are not nearer to one of the `others`; none
/// where too few are left or the fit runs away.
std::optional<SpotShape> fit_spot(const Image& image, const PatternMask& mask, const Vector2& start, double width_px,
                                  double radius_px, const std::vector<Vector2>& others = {});

}  // namespace colonnade
