// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/count_histogram.h"

#include <cmath>
#include <gtest/gtest.h>
#include <numeric>

#include "colonnade/columns/composition.h"
#include "colonnade/core/random.h"

namespace colonnade {
namespace {

TEST(CountHistogram, PoissonBinomialByDrawing) {
  std::vector<CountDistribution> columns;
  for (int i = 0; i < 12; ++i) columns.push_back(normal_distribution({1.0 + 0.3 * i, 2}, {0.5, 0, 0, 1.2}));
  const auto histograms = count_histograms(columns, usable_columns(columns), {"Pt", "Ni"});
  ASSERT_EQ(histograms.size(), 3U);
  EXPECT_EQ(histograms[2].name, "total");
  EXPECT_NEAR(std::accumulate(histograms[0].expected.begin(), histograms[0].expected.end(), 0.0), 12, 0.01);
  Random random(2);
  constexpr int draws = 20000;
  double sum = 0, squares = 0;
  for (int k = 0; k < draws; ++k) {
    int twos = 0;
    for (const auto& column : columns) {
      double u = random.uniform();
      std::size_t n = 0;
      while (n + 1 < column.elements[0].size() && (u -= column.elements[0][n]) >= 0) ++n;
      twos += n == 2;
    }
    sum += twos, squares += twos * twos;
  }
  EXPECT_NEAR(histograms[0].expected[2], sum / draws, 0.03);
  EXPECT_NEAR(histograms[0].deviation[2], std::sqrt(squares / draws - sum * sum / draws / draws), 0.03);
}

TEST(CountHistogram, SharesAgainstDraws) {
  // Correlated counts; the share's deviation to first order against draws from the normal distribution.
  const auto column = normal_distribution({6, 14}, {1, -0.6, -0.6, 1});
  const Share share = share_of(column, 0);
  Random random(3);
  double sum = 0, squares = 0;
  constexpr int draws = 40000;
  for (int k = 0; k < draws; ++k) {
    const double u = random.normal(), v = random.normal();
    const double a = 6 + u, b = 14 - 0.6 * u + 0.8 * v;
    sum += a / (a + b), squares += std::pow(a / (a + b), 2);
  }
  EXPECT_NEAR(share.mean, sum / draws, 0.002);
  EXPECT_NEAR(share.deviation, std::sqrt(squares / draws - sum * sum / draws / draws), 0.001);
  const auto histogram = share_histograms({column}, {0}, {"Pt", "Ni"})[0];
  EXPECT_NEAR(std::accumulate(histogram.expected.begin(), histogram.expected.end(), 0.0), 1, 1e-12);
  EXPECT_GT(histogram.expected[2] + histogram.expected[3], 0.9);
}

TEST(CountHistogram, KnownCountsAreCounted) {
  const std::vector<CountDistribution> columns{normal_distribution({2, 0}, {0, 0, 0, 0}),
                                               normal_distribution({1, 3}, {0, 0, 0, 0})};
  const auto histograms = count_histograms(columns, {0, 1}, {"Pt", "Ni"});
  EXPECT_EQ(histograms[0].expected.size(), 4U);
  EXPECT_NEAR(histograms[0].expected[2], 1, 1e-9);
  EXPECT_NEAR(histograms[0].deviation[2], 0, 1e-4);
  EXPECT_NEAR(histograms[2].expected[4], 1, 1e-9);
  const auto shares = share_histograms(columns, {0, 1}, {"Pt", "Ni"}, 4);
  EXPECT_NEAR(shares[0].expected[3], 1, 1e-9);
}

}  // namespace
}  // namespace colonnade
