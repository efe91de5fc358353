// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/count_distribution.h"

#include <cmath>
#include <gtest/gtest.h>
#include <numeric>

#include "colonnade/core/error.h"
#include "colonnade/core/random.h"

namespace colonnade {
namespace {

double sum(const CountProbabilities& bars) { return std::accumulate(bars.begin(), bars.end(), 0.0); }

TEST(CountDistribution, NormalBarsKeepMeanAndVariance) {
  const CountProbabilities bars = normal_counts(12.3, 2.0);
  EXPECT_NEAR(sum(bars), 1, 1e-12);
  EXPECT_NEAR(mean_of(bars), 12.3, 1e-3);
  EXPECT_NEAR(variance_of(bars), 4 + 1.0 / 12, 1e-2);  // Sheppard: bars add a twelfth
}

TEST(CountDistribution, WhatLiesBelowZeroGoesToZero) {
  const CountProbabilities bars = normal_counts(-1, 1);
  EXPECT_NEAR(bars[0], 0.5 * std::erfc(-1.5 / std::sqrt(2.0)), 1e-12);
  EXPECT_EQ(most_likely(bars), 0);
}

TEST(CountDistribution, IntervalsOfAnEvenHistogramAreStraightLines) {
  const CountProbabilities bars{0.25, 0.25, 0.25, 0.25};
  const Interval half = central_interval(bars, 0.5);
  EXPECT_NEAR(half.low, 0.5, 1e-12);
  EXPECT_NEAR(half.high, 2.5, 1e-12);
  EXPECT_NEAR(part_inside(0, half), 0, 1e-12);
  EXPECT_NEAR(part_inside(1, half), 1, 1e-12);
  EXPECT_NEAR(part_inside(2, {0.5, 2.25}), 0.75, 1e-12);
  EXPECT_THROW(central_interval(bars, 1), Error);
}

TEST(CountDistribution, CoverageOfTheRightDistributionIsTheLevel) {
  Random random(5);
  for (const double level : {0.68, 0.95}) {
    double inside = 0;
    constexpr int draws = 20000;
    for (int i = 0; i < draws; ++i) {
      const double mean = random.uniform(0.2, 9);
      const CountProbabilities bars = normal_counts(mean, 0.4 + 0.1 * mean);
      double u = random.uniform();
      int n = 0;
      while (n + 1 < std::ssize(bars) && u >= bars[n]) u -= bars[n++];
      inside += part_inside(n, central_interval(bars, level));
    }
    EXPECT_NEAR(inside / draws, level, 0.01);
  }
}

TEST(CountDistribution, WideningScalesTheDeviation) {
  const CountProbabilities bars = normal_counts(20, 2);
  EXPECT_NEAR(std::sqrt(variance_of(widened(bars, 1.5))), 1.5 * std::sqrt(variance_of(bars)), 0.05);
  EXPECT_NEAR(mean_of(widened(bars, 1.5)), 20, 0.05);
  EXPECT_NEAR(sum(widened(bars, 0.5)), 1, 1e-12);
}

TEST(CountDistribution, TheBestWithinOneNeedNotBeTheMostLikely) {
  const CountProbabilities bars{0.35, 0.05, 0.2, 0.25, 0.15};
  EXPECT_EQ(most_likely(bars), 0);
  EXPECT_EQ(most_likely_within_one(bars), 3);
}

TEST(CountDistribution, AntiCorrelatedElementsHaveACertainSum) {
  const CountDistribution column = normal_distribution({4, 6}, {2, -2, -2, 2});
  EXPECT_NEAR(column.deviation(0), std::sqrt(2.0), 1e-12);
  EXPECT_NEAR(column.correlation(0, 1), -1, 1e-12);
  EXPECT_NEAR(column.group_deviation({0, 1}), 0, 1e-12);
  EXPECT_NEAR(column.group_mean({0, 1}), 10, 1e-12);
  EXPECT_NEAR(column.total[10], 1, 1e-9);
  EXPECT_THROW(normal_distribution({1, 2}, {1}), Error);
  EXPECT_THROW(check_distributions({column}, 3), Error);
}

}  // namespace
}  // namespace colonnade
