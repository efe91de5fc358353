// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/departures.h"

#include <cmath>
#include <gtest/gtest.h>

#include "colonnade/columns/composition.h"
#include "colonnade/columns/significance.h"
#include "colonnade/columns/test_posteriors.h"
#include "colonnade/core/error.h"

namespace colonnade {
namespace {

TestParticle particle_of(double aggregation, Random& random) {
  NanoparticleOptions options;
  options.elements = {"Pt", "Pd", "Ni"};
  options.diameter_nm = 3;
  options.aggregation = aggregation;
  return test_particle(options, random);
}

Departures departures(const std::vector<CountDistribution>& columns, Departures::Null null) {
  const auto which = usable_columns(columns);
  return {columns, which, std::vector<double>(which.size(), 1.0), null};
}

/// Mean square of drawn departures, per element.
Eigen::RowVectorXd drawn_squares(const Departures& frame, int draws) {
  Eigen::RowVectorXd squares = Eigen::RowVectorXd::Zero(frame.measured().cols());
  Random random(9);
  for (int k = 0; k < draws; ++k) squares += frame.shuffled(random).cwiseAbs2().colwise().sum();
  return squares / double(draws);
}

TEST(Departures, SumToNothing) {
  Random random(1);
  const auto columns = measured_each(particle_of(0, random), 1, random);
  const Departures frame = departures(columns, Departures::Null::departures);
  EXPECT_LT(frame.measured().colwise().sum().cwiseAbs().maxCoeff(), 1e-9);
  EXPECT_LT(frame.measured().rowwise().sum().cwiseAbs().maxCoeff(), 1e-9);
  EXPECT_LT(frame.shuffled(random).colwise().sum().cwiseAbs().maxCoeff(), 1e-9);
  EXPECT_THROW(departures({}, Departures::Null::departures), Error);
  EXPECT_THROW(null_named("nothing"), Error);
}

/// Two ways to the same null: measured departures shuffled, and atoms shuffled and blurred as the posterior says.
TEST(Departures, BothNullsAgreeWhereTheStatedErrorsAreRight) {
  for (const double noise : {0.3, 1.0, 2.0}) {
    Eigen::RowVectorXd measured = Eigen::RowVectorXd::Zero(3), shuffled = measured, atoms = measured;
    for (int k = 0; k < 8; ++k) {
      Random random = Random(77).stream(std::uint64_t(k));
      const auto columns = measured_each(particle_of(0, random), noise, random);
      const Departures own = departures(columns, Departures::Null::departures);
      measured += own.measured().cwiseAbs2().colwise().sum();
      shuffled += drawn_squares(own, 20);
      atoms += drawn_squares(departures(columns, Departures::Null::atoms), 20);
    }
    for (int e = 0; e < 3; ++e) {
      EXPECT_NEAR(shuffled[e] / measured[e], 1, 0.08) << noise;
      EXPECT_NEAR(atoms[e] / measured[e], 1, 0.12) << noise;
    }
  }
}

TEST(Departures, ReliabilityFallsWithNoiseAndSpreadIsOne) {
  Random random(3);
  const TestParticle particle = particle_of(0, random), ordered = particle_of(0.5, random);
  const auto frame = [&](const TestParticle& of, double noise) {
    return departures(measured_each(of, noise, random), Departures::Null::departures);
  };
  EXPECT_GT(frame(particle, 0.2).reliability().minCoeff(), 0.95);
  EXPECT_LT(frame(particle, 4).reliability().maxCoeff(), 0.4);
  EXPECT_NEAR(frame(particle, 0.5).spread().mean(), 1, 0.15);
  EXPECT_GT(frame(ordered, 0.5).spread().mean(), 1.3);  // clusters lie along the beam, too
}

TEST(Significance, OfManyAtOnce) {
  // 20 independent statistics under the null: the family's error rate is held, single ones are not.
  Random random(5);
  constexpr int repeats = 400, statistics = 20, draws = 199;
  int any = 0, any_single = 0;
  for (int r = 0; r < repeats; ++r) {
    const auto draw = [&] {
      std::vector<double> values(statistics);
      for (double& value : values) value = random.normal();
      return values;
    };
    const auto measured = draw();
    std::vector<std::vector<double>> null(draws);
    for (auto& values : null) values = draw();
    bool adjusted = false, single = false;
    for (const auto& s : judge(measured, null)) {
      EXPECT_GE(s.p_adjusted, s.p);
      adjusted |= s.p_adjusted <= 0.05;
      single |= s.p <= 0.05;
    }
    any += adjusted, any_single += single;
  }
  EXPECT_NEAR(double(any) / repeats, 0.05, 0.035);
  EXPECT_GT(double(any_single) / repeats, 0.5);
  EXPECT_THROW(judge({1}, {}), Error);
}

}  // namespace
}  // namespace colonnade
