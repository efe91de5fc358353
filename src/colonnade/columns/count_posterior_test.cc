// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/count_posterior.h"

#include <gtest/gtest.h>
#include <numeric>

#include "colonnade/columns/test_particles.h"
#include "colonnade/core/error.h"

namespace colonnade {
namespace {

struct Scene {
  SignalResponse response;
  SignalResponse::At at;
  ColumnEvidence evidence;
};

/// The evidence of 6 Pt and 9 Ni atoms without neighbours.
Scene scene() {
  Random random(1);
  const MadeUpMicroscope microscope;
  auto response = SignalResponse::fit({"Pt", "Ni"}, made_up_fields(3, {"Pt", "Ni"}, microscope, 0, random));
  auto at = response.at({});
  const double counts[2] = {6, 9};
  std::vector<double> own(1);
  at.own(counts, own.data());
  return {response, at, {own, {0}, {5e6}}};
}

TEST(CountPosterior, WithAKnownTotalTwoElementsFollowFromOneSignal) {
  const Scene s = scene();
  const CountDistribution found = exact_posterior(s.at, s.evidence, {15, 0, {0.5, 0.5}}, Random(1));
  EXPECT_NEAR(found.mean[0], 6, 0.3);
  EXPECT_NEAR(found.mean[0] + found.mean[1], 15, 1e-9);
  EXPECT_NEAR(found.correlation(0, 1), -1, 1e-6);
  EXPECT_NEAR(found.total[15], 1, 1e-12);
}

TEST(CountPosterior, TheSumOverAllCountsAndTheDrawsAgree) {
  Scene s = scene();
  s.evidence.doses_per_nm2 = {4e4};  // noise that leaves a wide posterior, as where draws are needed
  const CountPrior prior{14, 9, {0.5, 0.5}, 20};
  const CountDistribution exact = exact_posterior(s.at, s.evidence, prior, Random(1));
  const CountDistribution drawn = exact_posterior(s.at, s.evidence, prior, Random(1), 0);
  for (int e = 0; e < 2; ++e) {
    EXPECT_NEAR(drawn.mean[e], exact.mean[e], 0.1 * exact.deviation(e));
    EXPECT_NEAR(drawn.deviation(e), exact.deviation(e), 0.06 * exact.deviation(e));
  }
  EXPECT_NEAR(drawn.correlation(0, 1), exact.correlation(0, 1), 0.05);
}

TEST(CountPosterior, TheNormalApproximationIsNear) {
  const Scene s = scene();
  const CountPrior prior{14, 9, {0.5, 0.5}};
  const CountDistribution exact = exact_posterior(s.at, s.evidence, prior, Random(1));
  const NormalPosterior near = normal_posterior(s.at, s.evidence, prior);
  for (int e = 0; e < 2; ++e) EXPECT_NEAR(near.mean[e], exact.mean[e], 0.6 * exact.deviation(e));
  EXPECT_NEAR(near.total, mean_of(exact.total), 0.5 * std::sqrt(variance_of(exact.total)));
}

TEST(CountPosterior, WithoutWeightOfTheSignalsThePriorStands) {
  Scene s = scene();
  s.evidence.doses_per_nm2 = {1e-3};  // a thousandth of an electron: no information
  const CountDistribution found = exact_posterior(s.at, s.evidence, {10, 0, {0.3, 0.7}}, Random(1));
  EXPECT_NEAR(found.mean[0], 3, 0.01);
  EXPECT_NEAR(found.covariance[0], 10 * 0.3 * 0.7, 0.02);  // binomial
}

TEST(CountPosterior, ColumnsThatDifferSpreadAsTheDirichletMultinomialSays) {
  Scene s = scene();
  s.evidence.doses_per_nm2 = {1e-3};
  const CountDistribution found = exact_posterior(s.at, s.evidence, {10, 0, {0.3, 0.7}, 5}, Random(1));
  EXPECT_NEAR(found.covariance[0], 10 * 0.3 * 0.7 * (5 + 10) / (5 + 1.0), 0.05);
}

TEST(CountPosterior, TheTotalFollowsFromTheSignals) {
  const Scene s = scene();
  EXPECT_NEAR(total_by_signals(s.response, s.at, s.evidence, {0.4, 0.6}, 100), 15, 0.5);
}

TEST(CountPosterior, SignalsThatDoNotFitAreRefused) {
  Scene s = scene();
  s.evidence.sections_nm2.push_back(1);
  EXPECT_THROW(normal_posterior(s.at, s.evidence, {10, 1, {0.5, 0.5}}), Error);
  EXPECT_THROW(normal_posterior(s.at, scene().evidence, {10, 1, {1}}), Error);
}

}  // namespace
}  // namespace colonnade
