// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/composition.h"

#include <cmath>
#include <gtest/gtest.h>

#include "colonnade/columns/test_posteriors.h"
#include "colonnade/core/error.h"

namespace colonnade {
namespace {

TEST(Composition, ByHand) {
  const std::vector<CountDistribution> columns{normal_distribution({3, 1}, {0.09, 0, 0, 0.16}),
                                               normal_distribution({1, 3}, {0.16, 0, 0, 0.09})};
  const Composition whole = composition_of(columns, 2);
  EXPECT_NEAR(whole.atoms, 8, 1e-12);
  EXPECT_NEAR(whole.atoms_deviation, std::sqrt(0.5), 1e-12);
  EXPECT_NEAR(whole.fractions[0], 0.5, 1e-12);
  EXPECT_NEAR(whole.deviation(0), std::sqrt(2 * 16 * 0.25) / 64, 1e-12);  // f = a/(a+b): (b^2 + a^2) 0.25 / 8^4
  EXPECT_NEAR(whole.group_deviation({0, 1}), 0, 1e-8);
}

TEST(Composition, AKnownSumAndAnUncertainTotal) {
  // Anti-correlated counts: their sum is certain. Fully correlated ones of equal relative error: the fraction is.
  const auto sum = composition_of({normal_distribution({6, 4, 10}, {2, -2, 0, -2, 2, 0, 0, 0, 0})}, 3);
  EXPECT_NEAR(sum.deviation(0), std::sqrt(2.0) / 20, 1e-12);
  EXPECT_NEAR(sum.group_fraction({0, 1}), 0.5, 1e-12);
  EXPECT_NEAR(sum.group_deviation({0, 1}), 0, 1e-8);
  const auto total = composition_of({normal_distribution({6, 4}, {0.36, 0.24, 0.24, 0.16})}, 2);
  EXPECT_NEAR(total.atoms_deviation, 1, 1e-12);
  EXPECT_NEAR(total.deviation(0), 0, 1e-8);
}

TEST(Composition, WhatColumnsShareDoesNotAverageOut) {
  const std::vector<CountDistribution> columns(400, normal_distribution({5, 5}, {1, 0, 0, 1}));
  EXPECT_NEAR(composition_of(columns, 2).deviation(0), std::sqrt(0.5) / 10 / 20, 1e-6);
  const auto shared = composition_of(columns, 2, {0.01, 0, 0, 0});
  EXPECT_NEAR(shared.deviation(0), std::sqrt(0.5 / 100 / 400 + 0.01 * 0.0625), 1e-6);  // f (1 - f) 0.1
  EXPECT_THROW(composition_of(columns, 2, {0.01}), Error);
}

TEST(Composition, FlaggedColumnsAreLeftOut) {
  std::vector<CountDistribution> columns(2, normal_distribution({2, 2}, {0, 0, 0, 0}));
  columns.push_back(normal_distribution({0, 9}, {0, 0, 0, 0}));
  columns[2].flag = "edge of the image";
  EXPECT_NEAR(composition_of(columns, 2).fractions[0], 0.5, 1e-12);
  EXPECT_EQ(usable_columns(columns, 5).size(), 0U);
  EXPECT_TRUE(std::isnan(composition_of(std::vector<CountDistribution>{}, 2).fractions[0]));
}

TEST(Composition, GroupsAddUp) {
  const auto column = normal_distribution({3, 2, 1}, {1, 0.1, 0.2, 0.1, 1, -0.5, 0.2, -0.5, 1});
  const auto pair = grouped({column}, {{0}, {1, 2}})[0];
  EXPECT_NEAR(pair.mean[1], 3, 1e-12);
  EXPECT_NEAR(pair.covariance[3], 1, 1e-12);
  EXPECT_NEAR(pair.covariance[1], 0.3, 1e-12);
  EXPECT_EQ(pair.elements[0], column.elements[0]);
  EXPECT_EQ(pair.total, column.total);
  const auto common = grouped_common({0.04, 0, 0, 0, 0.01, 0, 0, 0, 0.01}, {3, 2, 1}, {{0}, {1, 2}});
  EXPECT_NEAR(common[0], 0.04, 1e-12);
  EXPECT_NEAR(common[3], (4 * 0.01 + 0.01) / 9, 1e-12);
}

/// Columns of an infinite random alloy of these fractions.
TestParticle random_columns(const std::vector<double>& fractions, int columns, Random& random) {
  TestParticle particle;
  particle.fractions = fractions;
  for (int i = 0; i < columns; ++i) {
    std::vector<int> counts(fractions.size());
    for (auto total = 4 + random.below(10); total > 0; --total) {
      double u = random.uniform();
      std::size_t e = 0;
      while (e + 1 < fractions.size() && (u -= fractions[e]) >= 0) ++e;
      ++counts[e];
    }
    const int row = i / 10;
    particle.positions.push_back({0.2 * (i % 10), 0.2 * row});
    particle.truth.push_back(counts);
  }
  return particle;
}

/// Part of the true fractions of 200 particles inside one stated standard deviation. `off` is the relative error of the
/// composition that the estimator leans on.
double coverage(double noise, double off, bool stated, std::uint64_t seed) {
  constexpr int particles = 200;
  int inside = 0;
  for (int k = 0; k < particles; ++k) {
    Random random = Random(seed).stream(std::uint64_t(k));
    TestParticle particle = random_columns({0.2, 0.3, 0.5}, 60, random);
    std::vector<double> atoms(3);
    double all = 0, sum = 0;
    for (const auto& counts : particle.truth) {
      for (int e = 0; e < 3; ++e) atoms[e] += counts[e], all += counts[e];
    }
    for (double& fraction : particle.fractions) fraction *= 1 + off * random.normal(), sum += fraction;
    for (double& fraction : particle.fractions) fraction /= sum;
    const auto columns = measured_each(particle, noise, random);
    const CountSum alone = sum_counts(columns, usable_columns(columns), 3);
    const auto whole =
        composition_of(sum_counts(columns, usable_columns(columns), 3, prior_common(alone, stated ? off : 0)));
    for (int e = 0; e < 3; ++e) inside += std::fabs(whole.fractions[e] - atoms[e] / all) <= whole.deviation(e);
  }
  return double(inside) / (3 * particles);
}

TEST(Composition, ErrorBarsCoverTheTruth) {
  EXPECT_NEAR(coverage(0.7, 0, true, 1), 0.683, 0.05);
  EXPECT_NEAR(coverage(2.5, 0, true, 2), 0.683, 0.05);
}

TEST(Composition, AWrongPriorIsCoveredWhereItIsStated) {
  EXPECT_LT(coverage(2.5, 0.15, false, 3), 0.5);
  EXPECT_NEAR(coverage(2.5, 0.15, true, 3), 0.683, 0.06);
  EXPECT_NEAR(coverage(0.7, 0.15, true, 4), 0.683, 0.06);
}

}  // namespace
}  // namespace colonnade
