// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/column_ordering.h"

#include <cmath>
#include <gmock/gmock.h>
#include <iostream>

#include "colonnade/columns/neighbour_columns.h"
#include "colonnade/columns/test_posteriors.h"
#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"

namespace colonnade {
namespace {

NanoparticleOptions alloy(double diameter_nm, double aggregation) {
  NanoparticleOptions options;
  options.elements = {"Pt", "Pd", "Ni"};
  options.diameter_nm = diameter_nm;
  options.aggregation = aggregation;
  options.roughness = 0.1;
  return options;
}

/// Columns known exactly.
std::vector<CountDistribution> known(const std::vector<std::vector<double>>& counts) {
  std::vector<CountDistribution> columns;
  for (const auto& row : counts) {
    columns.push_back(normal_distribution(row, std::vector<double>(row.size() * row.size())));
  }
  return columns;
}

std::vector<Point> square(int side) {
  std::vector<Point> points;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) points.push_back({0.2 * x, 0.2 * y});
  }
  return points;
}

TEST(NeighbourColumns, ZoneAxesOfFcc) {
  Random random(3);
  for (const auto& [axis, neighbours] : std::vector<std::pair<std::string, int>>{{"110", 6}, {"100", 4}, {"111", 6}}) {
    NanoparticleOptions options = alloy(3, 0);
    options.zone_axis = axis;
    options.roughness = 0;
    const TestParticle particle = test_particle(options, random);
    std::vector<int> count(particle.positions.size());
    for (const auto& [i, j] : neighbour_pairs(particle.positions)) ++count[i], ++count[j];
    EXPECT_EQ(*std::max_element(count.begin(), count.end()), neighbours) << axis;
    EXPECT_GT(std::count(count.begin(), count.end(), neighbours), std::ssize(count) / 2) << axis;
  }
}

TEST(ColumnOrdering, AChessboardByHand) {
  // Columns of 4 atoms, all A on white squares, all B on black: every neighbour is of the other kind.
  std::vector<std::vector<double>> counts;
  for (int i = 0; i < 36; ++i) {
    const bool white = (i / 6 + i % 6) % 2 == 0;
    counts.push_back({white ? 4.0 : 0.0, white ? 0.0 : 4.0});
  }
  const ColumnOrdering order = column_ordering(square(6), known(counts));
  EXPECT_EQ(order.neighbour_pairs, 60U);
  EXPECT_NEAR(order.pair(0, 0).alpha, 1, 1e-9);
  EXPECT_NEAR(order.pair(0, 1).alpha, -1, 1e-9);  // 1 - (1/2) / (1/4)
  EXPECT_NEAR(order.pair(0, 1).corrected, -1, 1e-9);
  EXPECT_NEAR(order.elements[0].moran, -1, 1e-9);
  EXPECT_LT(order.smallest_p(), 0.002);
  EXPECT_NEAR(order.elements[0].spread, 4, 1e-9);  // variance 4 against 4/4 of a random alloy
}

TEST(ColumnOrdering, AlphaIsThatOfPairsOfAtoms) {
  // Against the definition, atom by atom: each pair of atoms in neighbouring columns once each way.
  Random random(8);
  const TestParticle particle = test_particle(alloy(2.2, 0.4), random);
  std::vector<std::vector<double>> counts;
  for (const auto& row : particle.truth) counts.emplace_back(row.begin(), row.end());
  const ColumnOrdering order = column_ordering(particle.positions, known(counts));
  Eigen::Matrix3d pairs = Eigen::Matrix3d::Zero();
  for (const auto& [i, j] : neighbour_pairs(particle.positions)) {
    for (int a = 0; a < 3; ++a) {
      for (int b = 0; b < 3; ++b) {
        pairs(a, b) += counts[i][a] * counts[j][b];
        pairs(b, a) += counts[i][a] * counts[j][b];
      }
    }
  }
  const Eigen::Vector3d c = pairs.rowwise().sum() / pairs.sum();
  for (int a = 0; a < 3; ++a) {
    for (int b = a; b < 3; ++b) {
      EXPECT_NEAR(order.pair(a, b).alpha, 1 - pairs(a, b) / pairs.sum() / (c[a] * c[b]), 1e-9);
    }
  }
}

TEST(ColumnOrdering, SameNumbersOnAnyNumberOfThreads) {
  Random random(5);
  const TestParticle particle = test_particle(alloy(2.2, 0.4), random);
  const auto columns = measured_each(particle, 1, random);
  set_thread_count(1);
  const auto one = to_json(column_ordering(particle.positions, columns), {"Pt", "Pd", "Ni"});
  set_thread_count(3);
  EXPECT_EQ(one, to_json(column_ordering(particle.positions, columns), {"Pt", "Pd", "Ni"}));
  set_thread_count(0);
}

TEST(ColumnOrdering, SaysWhyThereIsNothingToSay) {
  EXPECT_THAT(column_ordering({}, {}).without, testing::HasSubstr("0 columns"));
  auto columns = known(std::vector<std::vector<double>>(36, {2, 2}));
  EXPECT_EQ(column_ordering(square(6), columns).without, "");
  for (int i = 0; i < 30; ++i) columns[i].flag = "edge of the image";
  EXPECT_THAT(column_ordering(square(6), columns).without, testing::HasSubstr("6 columns"));
  EXPECT_THROW(column_ordering(square(5), columns), Error);
  OrderingOptions options;
  options.null = "atom";
  EXPECT_THROW(column_ordering(square(6), columns, options), Error);
}

struct Rates {
  double any = 0, single = 0, moran = 0, squares = 0;
};

Rates rates(int particles, double aggregation, double noise, const std::string& null, std::uint64_t seed,
            double diameter_nm = 2.6) {
  Rates rates;
  double pairs = 0, elements = 0;
  for (int k = 0; k < particles; ++k) {
    Random random = Random(seed).stream(std::uint64_t(k));
    const TestParticle particle = test_particle(alloy(diameter_nm, aggregation), random);
    OrderingOptions options;
    options.seed = seed + std::uint64_t(k);
    options.shuffles = 199;
    options.null = null;
    const auto order = column_ordering(particle.positions, measured_each(particle, noise, random), options);
    rates.any += order.smallest_p() <= 0.05 ? 1.0 / particles : 0;
    for (const PairOrder& pair : order.pairs) {
      rates.single += pair.chance.p <= 0.05;
      rates.squares += pair.chance.z * pair.chance.z;
      ++pairs;
    }
    for (const Aggregation& own : order.elements) rates.moran += own.chance.p <= 0.05, ++elements;
  }
  rates.single /= pairs;
  rates.squares /= pairs;
  rates.moran /= elements;
  return rates;
}

/// Of 200 random particles 5 % may show order (two standard errors: 2 to 8 %); nearly all aggregated ones must.
TEST(SlowColumnOrdering, FalseAlarmsAndPower) {
  for (const std::string null : {"departures", "atoms"}) {
    for (const double noise : {0.5, 2.0}) {
      const Rates random = rates(200, 0, noise, null, 5000), ordered = rates(20, 0.5, noise, null, 900);
      std::cout << fmt::format(
          "{}, noise {}: random alloys with any pair {:.3f}, single pairs {:.3f}, Moran {:.3f}, mean z^2 {:.2f}; "
          "aggregated: any {:.2f}, single pairs {:.2f}\n",
          null, noise, random.any, random.single, random.moran, random.squares, ordered.any, ordered.single);
      EXPECT_GE(random.any, 0.02);
      EXPECT_LE(random.any, 0.09);
      EXPECT_NEAR(random.single, 0.05, 0.03);
      EXPECT_NEAR(random.moran, 0.05, 0.03);
      EXPECT_GE(ordered.any, 0.9);
    }
  }
}

TEST(ColumnOrdering, AFewRandomAndAggregatedParticles) {
  EXPECT_LE(rates(20, 0, 1, "departures", 40, 2.0).any, 0.2);
  EXPECT_GE(rates(5, 0.5, 1, "departures", 41).any, 0.8);
}

}  // namespace
}  // namespace colonnade
