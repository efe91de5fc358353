// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/extrapolation.h"

#include <cmath>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

const std::vector<double> shares = {0.5, 0.3, 0.2};

// limit + slope h^order for three probes.
std::vector<std::vector<double>> power_law(const std::vector<double>& steps, double order) {
  std::vector<std::vector<double>> results;
  for (const double h : steps) {
    const double power = std::pow(h, order);
    results.push_back({1 + 0.3 * power, 2 - 0.1 * power, 0.5 + 0.05 * power});
  }
  return results;
}

TEST(Extrapolation, FindsLimitAndOrderOfAPowerLaw) {
  for (const double order : {0.8, 1.0, 2.0, 4.0}) {
    const std::vector<double> steps = {1, 1 / 1.5, 0.5};
    const auto found = extrapolate(steps, power_law(steps, order), shares);
    ASSERT_TRUE(found.order.has_value()) << order;
    EXPECT_NEAR(*found.order, order, 1e-9);
    EXPECT_NEAR(found.limit[0], 1, 1e-9);
    EXPECT_NEAR(found.limit[1], 2, 1e-9);
    EXPECT_NEAR(found.limit[2], 0.5, 1e-9);
  }
}

TEST(Extrapolation, UsesTheLastThree) {
  auto results = power_law({1, 0.5, 0.25, 0.125}, 2);
  results.front() = {9, 9, 9};
  const auto found = extrapolate({1, 0.5, 0.25, 0.125}, results, shares);
  EXPECT_NEAR(found.order.value(), 2, 1e-9);
  EXPECT_NEAR(found.limit[0], 1, 1e-9);
}

TEST(Extrapolation, TakesTheFinestWhereNothingConvergesAsAPower) {
  const std::vector<std::vector<double>> growing = {{1, 1, 1}, {1.1, 1.1, 1.1}, {1.5, 1.5, 1.5}};
  EXPECT_FALSE(extrapolate({1, 0.5, 0.25}, growing, shares).order.has_value());
  EXPECT_EQ(extrapolate({1, 0.5, 0.25}, growing, shares).limit, growing.back());
  const std::vector<std::vector<double>> turning = {{1, 1, 1}, {1.2, 1.2, 1.2}, {1.1, 1.1, 1.1}};
  EXPECT_FALSE(extrapolate({1, 0.5, 0.25}, turning, shares).order.has_value());
  const std::vector<std::vector<double>> still = {{1, 1, 1}, {2, 2, 2}, {2, 2, 2}};
  EXPECT_EQ(extrapolate({1, 0.5, 0.25}, still, shares).limit, still.back());
}

TEST(Extrapolation, TwoResultsGiveNoOrder) {
  const auto results = power_law({1, 0.5}, 2);
  const auto found = extrapolate({1, 0.5}, results, shares);
  EXPECT_FALSE(found.order.has_value());
  EXPECT_EQ(found.limit, results.back());
  EXPECT_THROW(extrapolate({1}, {{1}}, shares), Error);
}

}  // namespace
}  // namespace colonnade
