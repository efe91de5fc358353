// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/particle_model.h"

#include <cmath>
#include <gmock/gmock.h>
#include <numeric>

#include "colonnade/columns/test_posteriors.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/structures/elements.h"

namespace colonnade {
namespace {

CountDistribution known(const std::vector<int>& counts) {
  return normal_distribution(std::vector<double>(counts.begin(), counts.end()),
                             std::vector<double>(counts.size() * counts.size(), 0));
}

TEST(LikelyCounts, WhatIsKnownStays) {
  Random random(1);
  for (const std::vector<int>& counts : {std::vector<int>{3, 0, 7}, {0, 0, 1}, {12, 5, 0}}) {
    EXPECT_EQ(likely_counts(known(counts), random), counts);
    EXPECT_EQ(drawn_counts(known(counts), random), counts);
  }
}

TEST(LikelyCounts, TheSumAndTheMeanAreKept) {
  // Five elements, 2.4 atoms each, of which only the sum is known: no whole numbers are likelier than others.
  const std::size_t size = 5;
  const std::vector<double> mean{2.4, 2.4, 2.4, 2.4, 2.4};
  std::vector<double> covariance(size * size, -0.5);
  for (std::size_t e = 0; e < size; ++e) covariance[e * size + e] = 2;
  const CountDistribution column = normal_distribution(mean, covariance);
  Random random(2);
  std::vector<double> sums(size, 0);
  const int draws = 3000;
  for (int i = 0; i < draws; ++i) {
    const auto counts = likely_counts(column, random);
    EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), 0), 12);
    for (std::size_t e = 0; e < size; ++e) {
      EXPECT_TRUE(counts[e] == 2 || counts[e] == 3);
      sums[e] += counts[e];
    }
  }
  for (const double sum : sums) EXPECT_NEAR(sum / draws, 2.4, 4 * std::sqrt(0.24 / draws));
}

TEST(LikelyCounts, WellKnownCountsTakeTheNearest) {
  // 2.8 +- 0.2 and 5.2 +- 0.2: 3 and 5 are e^12.5 times as likely as 2 and 6.
  const CountDistribution column = normal_distribution({2.8, 5.2}, {0.04, 0, 0, 0.04});
  Random random(3);
  for (int i = 0; i < 200; ++i) EXPECT_THAT(likely_counts(column, random), testing::ElementsAre(3, 5));
}

TEST(DrawnCounts, SpreadAsTheErrorsSay) {
  const CountDistribution column = normal_distribution({10, 12}, {4, -3, -3, 4});
  Random random(4);
  double sum = 0, squares = 0;
  const int draws = 4000;
  for (int i = 0; i < draws; ++i) {
    const auto counts = drawn_counts(column, random);
    sum += counts[0];
    squares += counts[0] * counts[0];
  }
  EXPECT_NEAR(sum / draws, 10, 0.15);
  EXPECT_NEAR(squares / draws - sum * sum / draws / draws, 4, 0.6);  // and up to 1/4 of rounding
}

/// A real particle, its true counts known: the model must be that particle but for the heights of its columns.
TEST(ParticleModel, HasTheRightAtomsOnTheRightLattice) {
  Random random(5);
  NanoparticleOptions options;
  options.elements = {"Pt", "Ni", "Fe"};
  options.diameter_nm = 2;
  options.rotation_deg = 20;
  const TestParticle particle = test_particle(options, random);
  std::vector<CountDistribution> columns;
  std::vector<Point> places_A;
  for (std::size_t i = 0; i < particle.truth.size(); ++i) {
    columns.push_back(known(particle.truth[i]));
    places_A.push_back({10 * particle.positions[i].x, 10 * particle.positions[i].y});
  }
  ParticleModelOptions wishes;
  wishes.lattice_A = lattice_of(options);
  const ParticleModel model = build_particle_model(places_A, columns, options.elements, wishes);
  EXPECT_EQ(model.counts, particle.truth);
  std::vector<std::vector<int>> found(columns.size(), std::vector<int>(3, 0));
  for (std::size_t i = 0; i < model.columns.size(); ++i) {
    const auto& atom = model.structure.atoms[i];
    const auto column = std::size_t(model.columns[i]);
    EXPECT_NEAR(std::hypot(atom.position.x - places_A[column].x, atom.position.y - places_A[column].y), 0, 1e-9);
    for (std::size_t e = 0; e < 3; ++e) found[column][e] += atom.number == element(options.elements[e]).number ? 1 : 0;
  }
  EXPECT_EQ(found, particle.truth);
  // Every atom inside has the distance of an fcc crystal to its nearest neighbours, none is nearer.
  double nearest = 1e9;
  for (std::size_t i = 0; i < model.structure.atoms.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      const Position &a = model.structure.atoms[i].position, &b = model.structure.atoms[k].position;
      nearest = std::min(nearest, std::hypot(a.x - b.x, a.y - b.y, a.z - b.z));
    }
  }
  EXPECT_NEAR(nearest, wishes.lattice_A / std::sqrt(2.0), 1e-3);
  const Bounds box = bounds(model.structure);
  EXPECT_NEAR(box.low.z + box.high.z, 0, 1.5 * wishes.lattice_A / std::sqrt(2.0));
}

TEST(ParticleModel, SameSeedSameModelAndMixedColumnsAreMixed) {
  const std::vector<Point> places{{0, 0}, {0, 2.4}, {2.4, 0}};
  const std::vector<CountDistribution> columns(3, known({6, 6}));
  ParticleModelOptions wishes;
  wishes.lattice_A = 3.92;
  const auto numbers = [&] {
    std::vector<int> all;
    for (const Atom& atom : build_particle_model(places, columns, {"Pt", "Ni"}, wishes).structure.atoms) {
      all.push_back(atom.number);
    }
    return all;
  };
  const auto first = numbers();
  EXPECT_EQ(first, numbers());
  wishes.seed = 2;
  EXPECT_NE(first, numbers());
  wishes.stacking = "mixed";
  const auto mixed = numbers();
  for (std::size_t i = 1; i < 12; ++i) EXPECT_NE(mixed[i], mixed[i - 1]) << i;
  wishes.stacking = "sorted";
  EXPECT_THAT(message_of([&] {
                build_particle_model(places, columns, {"Pt", "Ni"}, wishes);
              }),
              testing::HasSubstr("random or mixed"));
}

}  // namespace
}  // namespace colonnade
