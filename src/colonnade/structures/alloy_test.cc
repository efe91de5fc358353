// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/alloy.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>

#include "colonnade/core/error.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/elements.h"

namespace colonnade {
namespace {

constexpr double lattice = 4, first_shell = 3.4;

Structure fcc_block(int cells) { return repeat(cubic_crystal("fcc", "Pt", lattice), {cells, cells, cells}); }

TEST(Alloy, CountsAreExactToAnAtom) {
  Random random(2);
  for (int total = 0; total < 200; ++total) {
    const std::vector<double> fractions{0.2, 0.2, 0.35, 0.0, 0.25};
    const std::vector<int> counts = atom_counts(total, fractions, random);
    EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), 0), total);
    for (std::size_t i = 0; i < counts.size(); ++i) {
      EXPECT_LT(std::abs(counts[i] - total * fractions[i]), 1);
    }
  }
  EXPECT_EQ(atom_counts(100, {0.2, 0.2, 0.2, 0.2, 0.2}, random), (std::vector<int>{20, 20, 20, 20, 20}));
}

TEST(Alloy, TheOddAtomFallsToEachAlike) {
  Random random(3);
  std::vector<int> sum(5, 0);
  for (int i = 0; i < 5000; ++i) {
    const std::vector<int> counts = atom_counts(1, {0.2, 0.2, 0.2, 0.2, 0.2}, random);
    for (std::size_t k = 0; k < 5; ++k) sum[k] += counts[k];
  }
  for (const int n : sum) EXPECT_NEAR(n, 1000, 150);  // more than 5 standard deviations
}

TEST(Alloy, FractionsAreChecked) {
  const std::vector<std::string> two{"Pt", "Ni"};
  EXPECT_EQ(checked_fractions(two, {}), (std::vector<double>{0.5, 0.5}));
  EXPECT_NEAR(checked_fractions(two, {0.333, 0.664})[0], 0.333 / 0.997, 1e-12);
  EXPECT_THROW(checked_fractions(two, {0.5}), Error);
  EXPECT_THROW(checked_fractions(two, {0.5, 0.4}), Error);
  EXPECT_THROW(checked_fractions(two, {1.5, -0.5}), Error);
  EXPECT_THROW(checked_fractions(two, {NAN, 0.5}), Error);
}

TEST(Alloy, RandomOccupationIsRandom) {
  Random random(11);
  Structure block = fcc_block(12);
  const std::vector<std::string> elements{"Pt", "Ni", "Co"};
  occupy_at_random(block, elements, {0.5, 0.3, 0.2}, random);
  EXPECT_THAT(composition(block),
              ::testing::ElementsAre(std::pair{"Pt", 3456}, std::pair{"Ni", 2074}, std::pair{"Co", 1382}));
  EXPECT_NEAR(like_neighbour_fraction(block, first_shell), 0.38, 0.01);
  EXPECT_NEAR(random_like_fraction(block), 0.38, 0.001);
  for (const auto& row : warren_cowley(block, elements, first_shell)) {
    for (const double alpha : row) EXPECT_NEAR(alpha, 0, 0.05);
  }
}

TEST(Alloy, ShortRangeOrderOfL12IsKnown) {
  // A3B: the B at the corners have A neighbours only, an A has 4 B and 8 A.
  Structure l12 = repeat(cubic_crystal("fcc", "Pt", lattice), {3, 3, 3});
  for (std::size_t i = 0; i < l12.atoms.size(); i += 4) l12.atoms[i].number = 26;
  const auto alpha = warren_cowley(l12, {"Pt", "Fe"}, first_shell);
  EXPECT_NEAR(alpha[1][1], 1, 1e-12);
  EXPECT_NEAR(alpha[1][0], 1 - 1 / 0.75, 1e-12);
  EXPECT_NEAR(alpha[0][1], 1 - (4.0 / 12) / 0.25, 1e-12);
  EXPECT_NEAR(alpha[0][0], 1 - (8.0 / 12) / 0.75, 1e-12);
  EXPECT_NEAR(like_neighbour_fraction(l12, first_shell), 0.75 * 8 / 12, 1e-12);
}

TEST(Alloy, WarrenCowleyNamesWhatIsMissing) {
  const Structure platinum = fcc_block(2);
  EXPECT_THROW(warren_cowley(platinum, {"Ni"}, first_shell), Error);
  const auto alpha = warren_cowley(platinum, {"Pt", "Ni"}, first_shell);
  EXPECT_DOUBLE_EQ(alpha[0][0], 0);
  EXPECT_TRUE(std::isnan(alpha[0][1]));
  EXPECT_TRUE(std::isnan(alpha[1][0]));
}

TEST(Alloy, AggregationReachesItsTargetAndKeepsTheComposition) {
  for (const double aggregation : {0.05, 0.2, 0.5, 0.65}) {
    Random random(17);
    Structure block = fcc_block(7);
    occupy_at_random(block, {"Pt", "Ni", "Pd", "Co", "Fe"}, {}, random);
    const auto before = composition(block);
    const double target = random_like_fraction(block) + aggregation * (1 - random_like_fraction(block));
    const double reached = aggregate(block, aggregation, first_shell, random);
    // What was counted along the way is what counting afresh gives.
    EXPECT_NEAR(reached, like_neighbour_fraction(block, first_shell), 1e-9);
    EXPECT_GE(reached, target);
    EXPECT_LT(reached, target + 0.005);
    EXPECT_EQ(composition(block), before);
    const auto alpha = warren_cowley(block, {"Pt", "Ni", "Pd", "Co", "Fe"}, first_shell);
    double mean = 0;
    for (std::size_t i = 0; i < 5; ++i) mean += alpha[i][i] / 5;
    EXPECT_NEAR(mean, -4 * aggregation, 0.05);  // 1 - (0.2 + 0.8 x) / 0.2
  }
}

TEST(Alloy, AggregationStopsWhereNoMoveHelps) {
  Random random(19);
  Structure block = fcc_block(3);
  occupy_at_random(block, {"Pt", "Ni"}, {}, random);
  const double reached = aggregate(block, 0.99, first_shell, random);
  EXPECT_GT(reached, 0.7);
  EXPECT_LT(reached, 0.99);
  EXPECT_NEAR(reached, like_neighbour_fraction(block, first_shell), 1e-9);
}

TEST(Alloy, AggregationLeavesOneElementAndNoneAlone) {
  Random random(23);
  Structure block = fcc_block(2);
  EXPECT_DOUBLE_EQ(aggregate(block, 0.5, first_shell, random), 1);
  Structure empty;
  EXPECT_DOUBLE_EQ(aggregate(empty, 0.5, first_shell, random), 0);
  EXPECT_THROW(aggregate(block, 1, first_shell, random), Error);
  EXPECT_THROW(aggregate(block, -0.1, first_shell, random), Error);
  occupy_at_random(block, {"Pt", "Ni"}, {}, random);
  const Structure before = block;
  aggregate(block, 0, first_shell, random);
  for (std::size_t i = 0; i < block.atoms.size(); ++i) EXPECT_EQ(block.atoms[i].number, before.atoms[i].number);
}

TEST(Alloy, RandomLikeFractionIsTheMeanOverShuffles) {
  Random random(29);
  double mean = 0;
  Structure block = fcc_block(2);
  for (int i = 0; i < 400; ++i) {
    occupy_at_random(block, {"Pt", "Ni"}, {0.75, 0.25}, random);
    mean += like_neighbour_fraction(block, first_shell) / 400;
  }
  EXPECT_NEAR(mean, random_like_fraction(block), 0.005);
}

}  // namespace
}  // namespace colonnade
