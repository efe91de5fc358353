// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/linear_fit.h"

#include <cmath>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"
#include "colonnade/core/random.h"

namespace colonnade {
namespace {

TEST(LinearFit, FindsALineExactly) {
  const LinearFit fit = fit_line({0, 1, 2, 5}, {-1, 2, 5, 14});
  EXPECT_NEAR(fit.slope, 3, 1e-12);
  EXPECT_NEAR(fit.intercept, -1, 1e-12);
  EXPECT_NEAR(fit.r2, 1, 1e-12);
  EXPECT_NEAR(fit.slope_error, 0, 1e-6);
  EXPECT_EQ(fit.points, 4U);
}

TEST(LinearFit, AgreesWithSumsOverPairs) {
  Random random(4);
  std::vector<double> x, y;
  for (int i = 0; i < 200; ++i) {
    x.push_back(random.uniform(3, 9));
    y.push_back(0.3 * x.back() + random.normal());
  }
  double xx = 0, xy = 0, yy = 0, sum_x = 0, sum_y = 0;
  for (int i = 0; i < 200; ++i) {
    sum_x += x[i];
    sum_y += y[i];
    for (int j = 0; j < i; ++j) {
      xx += (x[i] - x[j]) * (x[i] - x[j]);
      xy += (x[i] - x[j]) * (y[i] - y[j]);
      yy += (y[i] - y[j]) * (y[i] - y[j]);
    }
  }
  const double r2 = xy * xy / (xx * yy);
  const LinearFit fit = fit_line(x, y);
  EXPECT_NEAR(fit.slope, xy / xx, 1e-10);
  EXPECT_NEAR(fit.intercept, (sum_y - xy / xx * sum_x) / 200, 1e-10);
  EXPECT_NEAR(fit.r2, r2, 1e-10);
  EXPECT_NEAR(fit.slope_error, std::sqrt((1 - r2) / 198 * yy / xx), 1e-10);
}

TEST(LinearFit, SaysWhatThePointsLeaveOpen) {
  EXPECT_TRUE(std::isnan(fit_line({}, {}).slope));
  EXPECT_TRUE(std::isnan(fit_line({2, 2, 2}, {1, 2, 3}).slope)) << "x does not vary";
  const LinearFit flat = fit_line({1, 2, 3}, {5, 5, 5});
  EXPECT_NEAR(flat.slope, 0, 1e-12);
  EXPECT_TRUE(std::isnan(flat.r2));
  EXPECT_TRUE(std::isnan(fit_line({1, 2}, {5, 6}).slope_error)) << "two points leave no residual";
  EXPECT_THROW(fit_line({1, 2}, {1}), Error);
  EXPECT_THROW(fit_line({1, NAN}, {1, 2}), Error);
}

}  // namespace
}  // namespace colonnade
