// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/local_composition.h"

#include <cmath>
#include <gtest/gtest.h>

#include "colonnade/columns/test_particles.h"

namespace colonnade {
namespace {

LocalOrder order_at(double aggregation) {
  Random random(1);
  NanoparticleOptions options;
  options.elements = {"Pt", "Pd", "Ni"};
  options.diameter_nm = 4;
  options.aggregation = aggregation;
  const KnownColumns field = made_up_columns(options, {}, {}, random);
  std::vector<std::vector<double>> counts;
  for (const auto& row : field.counts) counts.emplace_back(row.begin(), row.end());
  return order_of({1.0 / 3, 1.0 / 3, 1.0 / 3}, counts, field.signals.neighbours);
}

TEST(LocalComposition, ClusteredAlloysAreKnownFromRandomOnes) {
  const LocalOrder random = order_at(0), clustered = order_at(0.5);
  EXPECT_GE(random.concentration, 60);
  EXPECT_LE(random.kinship, 0.01);
  EXPECT_GT(clustered.kinship, 0.01);
}

TEST(LocalComposition, NeighboursWeighByTheirAtoms) {
  const std::vector<std::vector<double>> atoms{{10, 0}, {0, 30}, {4, 4}};
  const auto fractions = local_fractions({0.5, 0.5}, atoms, {{1}, {0}, {}}, 0.1);
  EXPECT_NEAR(fractions[0][0], 0.5 / 4, 1e-12);        // 1 + 0.1 * 30
  EXPECT_NEAR(fractions[1][0], (0.5 + 1) / 2, 1e-12);  // 1 + 0.1 * 10
  EXPECT_NEAR(fractions[2][0], 0.5, 1e-12);
}

TEST(LocalComposition, UnknownOrderIsExpectedInTheMiddle) {
  EXPECT_GT(log_prior({12, 0}), log_prior({3, 0}));
  EXPECT_GT(log_prior({12, 0}), log_prior({}));
  EXPECT_TRUE(std::isfinite(log_prior({})));
}

}  // namespace
}  // namespace colonnade
