// SPDX-License-Identifier: GPL-3.0-or-later
// A straight line through points by least squares.
#pragma once

#include <cstddef>
#include <vector>

namespace colonnade {

struct LinearFit {
  double slope = 0, intercept = 0;
  double slope_error = 0;  ///< standard error from the residuals; NaN with fewer than 3 points
  double r2 = 0;           ///< squared correlation; NaN where y does not vary
  std::size_t points = 0;
};

/// y = intercept + slope x. Where x does not vary the slope is NaN. Fails on lists of different lengths and on values
/// that are not finite.
LinearFit fit_line(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace colonnade
