// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/group_evidence.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/test_errors.h"

namespace colonnade {
namespace {

/// Two groups: both have the look 0 in half of their zones, each has one of its own.
GroupEvidence two_groups() { return GroupEvidence({{0.5, 0.5, 0}, {0.5, 0, 0.5}}); }

std::vector<double> logs(const std::vector<double>& probabilities) {
  std::vector<double> result;
  for (const double p : probabilities) result.push_back(std::log(std::max(p, 1e-12)));
  return result;
}

TEST(GroupEvidence, ASharedLookDecidesNothing) {
  const auto chances = two_groups().probabilities({logs({1, 0, 0})});
  EXPECT_NEAR(chances[0], 0.5, 1e-9);
  EXPECT_GT(two_groups().probabilities({logs({0, 1, 0})})[0], 0.999);
}

TEST(GroupEvidence, BayesRuleByHand) {
  // P(look | x) / P(look) with P(look) = (0.5, 0.25, 0.25): group 0 gets 0.5 x 0.4 + 2 x 0.5 x 0.4 ..., by hand:
  const double first = 0.5 * 0.4 / 0.5 + 0.5 * 0.4 / 0.25, second = 0.5 * 0.4 / 0.5 + 0.5 * 0.2 / 0.25;
  EXPECT_NEAR(two_groups().probabilities({logs({0.4, 0.4, 0.2})})[0], first / (first + second), 1e-9);
  const double twice = first * first / (first * first + second * second);
  EXPECT_NEAR(two_groups().probabilities({logs({0.4, 0.4, 0.2}), logs({0.4, 0.4, 0.2})})[0], twice, 1e-9);
}

TEST(GroupEvidence, TheBestPossibleByHand) {
  // One pattern: right for sure by an own look (half of all), half right by the shared one.
  EXPECT_NEAR(two_groups().best_possible(1, 0, 1), 0.75, 1e-12);
  // n patterns: wrong only where all have the shared look, and then half the time.
  EXPECT_NEAR(two_groups().best_possible(2, 20000, 1), 1 - 0.25 / 2, 0.01);
  EXPECT_NEAR(two_groups().best_possible(4, 20000, 1), 1 - 0.0625 / 2, 0.01);
}

TEST(GroupEvidence, RefusesWhatDoesNotFit) {
  EXPECT_THAT(message_of([] { GroupEvidence({}); }), testing::HasSubstr("no groups"));
  EXPECT_THAT(message_of([] { GroupEvidence({{1, 0}, {1}}); }), testing::HasSubstr("different numbers"));
  EXPECT_THAT(message_of([] { two_groups().probabilities({logs({1, 0})}); }), testing::HasSubstr("2 looks among 3"));
}

}  // namespace
}  // namespace colonnade
