// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/linear_fit.h"

#include <cmath>
#include <limits>

#include "colonnade/core/error.h"

namespace colonnade {

LinearFit fit_line(const std::vector<double>& x, const std::vector<double>& y) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  if (x.size() != y.size())
    fail("a line through {} abscissae and {} ordinates; give as many of both", x.size(), y.size());
  LinearFit fit{nan, nan, nan, nan, x.size()};
  const auto count = double(x.size());
  double mean_x = 0, mean_y = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(x[i]) || !std::isfinite(y[i])) fail("point {} of a line is not finite", i);
    mean_x += x[i] / count;
    mean_y += y[i] / count;
  }
  double xx = 0, xy = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
  }
  const double rounding = 1e-24 * count;
  if (x.empty() || xx <= rounding * (1 + mean_x * mean_x)) return fit;
  fit.slope = xy / xx;
  fit.intercept = mean_y - fit.slope * mean_x;
  if (yy > rounding * (1 + mean_y * mean_y)) fit.r2 = xy * xy / (xx * yy);
  if (x.size() > 2) fit.slope_error = std::sqrt(std::fmax(0, yy - fit.slope * xy) / (count - 2) / xx);
  return fit;
}

}  // namespace colonnade
