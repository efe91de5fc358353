// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/interval_calibration.h"

#include <cmath>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"
#include "colonnade/core/random.h"

namespace colonnade {
namespace {

TEST(IntervalCalibration, FindsByHowMuchStatedDeviationsAreWrong) {
  Random random(1);
  std::vector<CountDistribution> columns;
  std::vector<std::vector<double>> truth;
  for (int i = 0; i < 3000; ++i) {
    const double a = random.uniform(15, 25), b = random.uniform(15, 25);
    truth.push_back({std::round(a + 3 * random.normal()), std::round(b + 2 * random.normal())});
    columns.push_back(normal_distribution({a, b}, {4, 0, 0, 16}));  // 2 for 3, and 4 for 2
  }
  const auto factors = widening_of(columns, truth);
  EXPECT_NEAR(factors[0], 1.5, 0.08);
  EXPECT_NEAR(factors[1], 0.5, 0.05);
}

TEST(IntervalCalibration, WideningScalesDeviationsAndKeepsCorrelations) {
  const CountDistribution column = widened(normal_distribution({9, 12}, {4, -1, -1, 1}), {2, 3});
  EXPECT_NEAR(column.deviation(0), 4, 1e-12);
  EXPECT_NEAR(column.deviation(1), 3, 1e-12);
  EXPECT_NEAR(column.correlation(0, 1), -0.5, 1e-12);
  EXPECT_NEAR(std::sqrt(variance_of(column.elements[1])), 3, 0.3);  // bars add to narrow distributions
  EXPECT_NEAR(variance_of(column.total), std::pow(column.group_deviation({0, 1}), 2), 3);
}

TEST(IntervalCalibration, NothingToLearnFromChangesNothing) {
  EXPECT_TRUE(widening_of({}, {}).empty());
  const CountDistribution column = normal_distribution({5}, {2});
  EXPECT_EQ(widened(column, {}).elements, column.elements);
  EXPECT_THROW(widening_of({column}, {}), Error);
}

}  // namespace
}  // namespace colonnade
