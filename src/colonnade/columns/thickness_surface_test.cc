// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/thickness_surface.h"

#include <cmath>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"
#include "colonnade/core/random.h"

namespace colonnade {
namespace {

std::vector<Point> square(int side) {
  std::vector<Point> points;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) points.push_back({0.25 * x, 0.25 * y});
  }
  return points;
}

TEST(ThicknessSurface, APlaneIsPredictedExactly) {
  const auto points = square(9);
  std::vector<Estimate> totals;
  for (const Point& p : points) totals.push_back({10 + 3 * p.x - 2 * p.y, 1e-4});
  const auto predicted = predict_from_others(points, totals, {0.5, 1, 0.05});
  for (std::size_t i = 0; i < points.size(); ++i) EXPECT_NEAR(predicted[i].value, totals[i].value, 0.1) << i;
}

TEST(ThicknessSurface, TheOwnValueIsLeftOut) {
  const auto points = square(9);
  std::vector<Estimate> totals(points.size(), {12, 0.01});
  totals[40].value = 30;
  EXPECT_NEAR(predict_from_others(points, totals, {})[40].value, 12, 0.2);
}

TEST(ThicknessSurface, StatedVariancesHold) {
  const auto points = square(20);
  Random random(4);
  std::vector<Estimate> totals;
  std::vector<double> truth;
  for (const Point& p : points) {
    truth.push_back(15 + 4 * std::sin(p.x) + 3 * std::cos(0.8 * p.y) + 0.6 * random.normal());
    totals.push_back({truth.back() + 1.5 * random.normal(), 2.25});
  }
  const auto predicted = predict_from_others(points, totals, fit_surface(points, totals));
  double standard = 0, squares = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    standard += std::pow(predicted[i].value - truth[i], 2) / predicted[i].variance / double(truth.size());
    squares += std::pow(predicted[i].value - truth[i], 2) / double(truth.size());
  }
  EXPECT_NEAR(standard, 1, 0.7);       // the error of the totals hides most of it
  EXPECT_LT(std::sqrt(squares), 1.2);  // better than the column's own 1.5, the roughness included
}

TEST(ThicknessSurface, FewColumnsGetTheMean) {
  const std::vector<Point> points{{0, 0}, {5, 5}};
  const auto predicted = predict_from_others(points, {{4, 1}, {8, 1}}, {});
  EXPECT_NEAR(predicted[0].value, 6, 1e-9);
  EXPECT_THROW(predict_from_others(points, {{4, 1}}, {}), Error);
}

}  // namespace
}  // namespace colonnade
