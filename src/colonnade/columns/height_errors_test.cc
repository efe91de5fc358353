// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/height_errors.h"

#include <gtest/gtest.h>

#include "colonnade/columns/scores.h"
#include "colonnade/core/error.h"
#include "colonnade/core/random.h"

namespace colonnade {
namespace {

TEST(HeightErrors, GroupsByTheTrueCountOfEachElement) {
  const auto errors = errors_by_height({{1, 0}, {3, 0}, {1, 2}}, {{2, 0.5}, {3, 0.5}, {0.5, 1}}, 2);
  ASSERT_EQ(errors.size(), 2U);
  ASSERT_EQ(errors[0].size(), 2U);
  EXPECT_EQ(errors[0][0].height, 1);
  EXPECT_EQ(errors[0][0].columns, 2);
  EXPECT_DOUBLE_EQ(errors[0][0].mean_absolute, 0.75);
  EXPECT_DOUBLE_EQ(errors[0][0].rms, std::sqrt((1 + 0.25) / 2));
  EXPECT_DOUBLE_EQ(errors[0][0].bias, 0.25);
  EXPECT_EQ(errors[0][1].height, 3);
  EXPECT_DOUBLE_EQ(errors[0][1].rms, 0);
  EXPECT_EQ(errors[1][0].height, 0);
  EXPECT_DOUBLE_EQ(errors[1][0].bias, 0.5);
  EXPECT_DOUBLE_EQ(errors[1][1].bias, -1);
}

TEST(HeightErrors, AddUpToTheErrorsOfAllColumns) {
  Random random(2);
  std::vector<std::vector<double>> truth, predicted;
  for (int i = 0; i < 500; ++i) {
    truth.push_back({double(random.below(9)), double(random.below(5))});
    predicted.push_back({truth[i][0] + random.normal(), 2});
  }
  const auto errors = errors_by_height(truth, predicted, 2);
  const auto scores = score_counts(truth, predicted, {"Pt", "Ni"});
  for (std::size_t e = 0; e < 2; ++e) {
    double absolute = 0, bias = 0;
    int columns = 0;
    for (const HeightError& error : errors[e]) {
      absolute += error.mean_absolute * error.columns;
      bias += error.bias * error.columns;
      columns += error.columns;
      EXPECT_GE(error.rms + 1e-12, error.mean_absolute);
    }
    EXPECT_EQ(columns, 500);
    EXPECT_NEAR(absolute / 500, scores[e].mean_absolute_error, 1e-12);
    EXPECT_LT(std::abs(bias / 500), 0.2);
  }
  // Who always says 2 errs by the distance from 2, and downward above it.
  for (const HeightError& error : errors[1]) EXPECT_DOUBLE_EQ(error.bias, 2 - error.height);
}

TEST(HeightErrors, RefusesWhatDoesNotFit) {
  EXPECT_THROW(errors_by_height({{1}}, {}, 1), Error);
  EXPECT_THROW(errors_by_height({{1}}, {{1, 2}}, 1), Error);
  EXPECT_TRUE(errors_by_height({}, {}, 1).at(0).empty());
}

}  // namespace
}  // namespace colonnade
