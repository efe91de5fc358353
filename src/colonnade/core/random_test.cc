// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/core/random.h"

#include <cmath>
#include <gtest/gtest.h>
#include <set>
#include <vector>

namespace colonnade {
namespace {

struct Moments {
  double mean = 0, variance = 0;
};

template <class Draw>
Moments moments(int count, Draw draw) {
  double sum = 0, squares = 0;
  for (int i = 0; i < count; ++i) {
    const double value = draw();
    sum += value;
    squares += value * value;
  }
  const double mean = sum / count;
  return {mean, squares / count - mean * mean};
}

TEST(Random, SameSeedSameNumbers) {
  Random a(5), b(5), c(6);
  for (int i = 0; i < 100; ++i) {
    const auto value = a.bits();
    EXPECT_EQ(value, b.bits());
    EXPECT_NE(value, c.bits());
  }
}

TEST(Random, ReferenceValues) {
  // xoshiro256** seeded by splitmix64(0): the published algorithms worked through in another language.
  Random random(0);
  EXPECT_EQ(random.bits(), 11091344671253066420ULL);
  EXPECT_EQ(random.bits(), 13793997310169335082ULL);
  EXPECT_EQ(random.bits(), 1900383378846508768ULL);
}

TEST(Random, UniformMoments) {
  Random random(1);
  const auto m = moments(200000, [&] { return random.uniform(2, 5); });
  EXPECT_NEAR(m.mean, 3.5, 0.01);
  EXPECT_NEAR(m.variance, 9.0 / 12, 0.01);
}

TEST(Random, NormalMoments) {
  Random random(2);
  const auto m = moments(200000, [&] { return random.normal(); });
  EXPECT_NEAR(m.mean, 0, 0.01);
  EXPECT_NEAR(m.variance, 1, 0.02);
}

TEST(Random, PoissonMomentsOnBothBranches) {
  Random random(3);
  for (const double mean : {0.3, 4.0, 29.9, 30.1, 250.0, 1e5}) {
    const auto m = moments(100000, [&] { return double(random.poisson(mean)); });
    EXPECT_NEAR(m.mean, mean, 5 * std::sqrt(mean / 100000));
    EXPECT_NEAR(m.variance / mean, 1, 0.03);
  }
  EXPECT_EQ(random.poisson(0), 0);
}

TEST(Random, PoissonAboveThirtyHasTheRightShape) {
  // Chi-square against the exact probabilities, mean 40, bins 20..60.
  Random random(4);
  const int draws = 200000;
  std::vector<int> counts(200);
  for (int i = 0; i < draws; ++i) ++counts[std::min<std::int64_t>(199, random.poisson(40))];
  double chi_square = 0;
  for (int k = 20; k <= 60; ++k) {
    const double expected = draws * std::exp(k * std::log(40.0) - 40 - std::lgamma(k + 1.0));
    chi_square += std::pow(counts[k] - expected, 2) / expected;
  }
  EXPECT_LT(chi_square, 75);  // 41 bins: the 99.9 % point is 75
}

TEST(Random, BelowCoversAllEqually) {
  Random random(5);
  std::vector<int> counts(7);
  for (int i = 0; i < 70000; ++i) ++counts[random.below(7)];
  for (const int count : counts) EXPECT_NEAR(count, 10000, 500);
}

TEST(Random, StreamsDoNotDependOnWhatWasDrawn) {
  Random a(9), b(9);
  b.bits();
  EXPECT_EQ(a.stream(3).bits(), b.stream(3).bits());
  std::set<std::uint64_t> first;
  for (std::uint64_t i = 0; i < 1000; ++i) first.insert(a.stream(i).bits());
  EXPECT_EQ(first.size(), 1000U);
}

}  // namespace
}  // namespace colonnade
