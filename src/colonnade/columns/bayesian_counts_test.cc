// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/bayesian_counts.h"

#include <gtest/gtest.h>

#include "colonnade/columns/scores.h"
#include "colonnade/columns/test_particles.h"
#include "colonnade/core/error.h"

namespace colonnade {
namespace {

using Table = std::vector<std::vector<double>>;
const std::vector<std::string> three{"Pt", "Pd", "Ni"};

Table truth_of(const KnownColumns& field) {
  Table truth;
  for (const auto& row : field.counts) truth.emplace_back(row.begin(), row.end());
  return truth;
}

MadeUpMicroscope with_x_rays_of(const std::vector<std::string>& elements) {
  MadeUpMicroscope microscope;
  for (const auto& symbol : elements) microscope.kinds.push_back({symbol + " K", symbol, 0});
  return microscope;
}

/// A particle seen with noise: annular at 5e4 electrons per square Angstrom, X-rays at about 25 counts per atom.
KnownColumns noisy_particle(const std::vector<std::string>& elements, const MadeUpMicroscope& microscope,
                            Random& random) {
  auto field = made_up_fields(1, elements, microscope, 0, random).front();
  for (auto& kind : field.signals.kinds) kind.dose_per_nm2 = kind.element.empty() ? 5e6 : 2.5e6;
  field.signals = with_noise(field.signals, random);
  return field;
}

TEST(BayesianCounts, APureElementIsCountedToWithinOne) {
  Random random(2);
  MadeUpMicroscope microscope;
  microscope.scatter = 0.02;  // atoms that are all alike leave little open
  const auto response = SignalResponse::fit({"Pt"}, made_up_fields(4, {"Pt"}, microscope, 0, random));
  const auto field = noisy_particle({"Pt"}, microscope, random);
  const auto counted = count_by_physics(field.signals, response, {});
  const auto score = score_distributions(truth_of(field), counted.columns, {"Pt"}).front();
  EXPECT_GE(score.within_1, 0.9);
  EXPECT_GT(score.r2, 0.9);
}

TEST(BayesianCounts, XRaysTellElementsApartAndTheIntervalsHold) {
  Random random(3);
  const MadeUpMicroscope microscope = with_x_rays_of(three);
  const auto response = SignalResponse::fit(three, made_up_fields(4, three, microscope, 0, random));
  const auto field = noisy_particle(three, microscope, random);
  const auto counted = count_by_physics(field.signals, response, {});
  for (const auto& score : score_distributions(truth_of(field), counted.columns, three)) {
    EXPECT_GT(score.r2, 0.9) << score.element;
    EXPECT_NEAR(score.coverage_68, 0.68, 0.1) << score.element;
    EXPECT_NEAR(score.coverage_95, 0.95, 0.05) << score.element;
  }
  for (std::size_t e = 0; e < three.size(); ++e) EXPECT_NEAR(counted.alloy.fractions[e], 1.0 / 3, 0.05);
}

TEST(BayesianCounts, AnnularImagesLeaveLightElementsToTheirSum) {
  Random random(4);
  const std::vector<std::string> elements{"Pt", "Co", "Ni"};
  const MadeUpMicroscope microscope;
  const auto response = SignalResponse::fit(elements, made_up_fields(4, elements, microscope, 0, random));
  const auto field = noisy_particle(elements, microscope, random);
  const auto columns = count_by_physics(field.signals, response, {}).columns;
  double each = 0, sum = 0, correlation = 0;
  for (const auto& column : columns) {
    each += column.deviation(1);
    sum += column.group_deviation({1, 2});
    correlation += column.correlation(1, 2) / double(columns.size());
  }
  EXPECT_LT(sum, each);  // two unknown counts whose sum is known better than either
  EXPECT_LT(correlation, -0.5);
}

TEST(BayesianCounts, PermutingTheElementsPermutesTheResult) {
  Random random(5);
  const MadeUpMicroscope microscope;
  const auto response = SignalResponse::fit(three, made_up_fields(3, three, microscope, 0, random));
  const auto field = noisy_particle(three, microscope, random);
  BayesianOptions options;
  options.fractions = {0.5, 0.3, 0.2};
  const auto straight = count_by_physics(field.signals, response, options);
  options.fractions = {0.2, 0.5, 0.3};
  const auto turned = count_by_physics(field.signals, response.for_elements({"Ni", "Pt", "Pd"}), options);
  for (std::size_t i = 0; i < straight.columns.size(); ++i) {
    EXPECT_EQ(straight.columns[i].mean[0], turned.columns[i].mean[1]);
    EXPECT_EQ(straight.columns[i].mean[2], turned.columns[i].mean[0]);
    EXPECT_EQ(straight.columns[i].covariance[1], turned.columns[i].covariance[5]);  // Pt, Pd
  }
}

TEST(BayesianCounts, TheSameSeedGivesTheSameNumbers) {
  Random random(6);
  const MadeUpMicroscope microscope;
  const auto response = SignalResponse::fit(three, made_up_fields(3, three, microscope, 0, random));
  const auto field = noisy_particle(three, microscope, random);
  const auto first = count_by_physics(field.signals, response, {}),
             second = count_by_physics(field.signals, response, {});
  for (std::size_t i = 0; i < first.columns.size(); ++i) EXPECT_EQ(first.columns[i].mean, second.columns[i].mean);
}

TEST(BayesianCounts, AnUncertainGainWidensAllCounts) {
  Random random(7);
  const MadeUpMicroscope microscope;
  const auto response = SignalResponse::fit({"Pt"}, made_up_fields(4, {"Pt"}, microscope, 0, random));
  const auto field = noisy_particle({"Pt"}, microscope, random);
  BayesianOptions options;
  options.gain_spread = 0.3;
  const auto wide = count_by_physics(field.signals, response, options).columns;
  const auto narrow = count_by_physics(field.signals, response, {}).columns;
  for (std::size_t i = 0; i < wide.size(); ++i) {
    EXPECT_GE(wide[i].deviation(0), 0.29 * wide[i].mean[0]);
    EXPECT_LE(narrow[i].deviation(0), wide[i].deviation(0));
  }
}

TEST(BayesianCounts, WhatTheModelDoesNotExplainIsFlagged) {
  Random random(8);
  const MadeUpMicroscope microscope = with_x_rays_of(three);
  const auto response = SignalResponse::fit(three, made_up_fields(3, three, microscope, 0, random));
  auto field = noisy_particle(three, microscope, random);
  field.signals.sections_nm2[10][1] *= 12;
  field.signals.whole[11] = false;
  const auto columns = count_by_physics(field.signals, response, {}).columns;
  EXPECT_NE(columns[10].flag, "");
  EXPECT_EQ(columns[11].flag, "edge of the image");
}

TEST(BayesianCounts, OptionsThatMakeNoSenseAreRefused) {
  BayesianOptions options;
  options.composition_spread = 0;
  EXPECT_THROW(options.check(), Error);
  options = {};
  options.absolute_gain = -1;
  EXPECT_THROW(options.check(), Error);
}

}  // namespace
}  // namespace colonnade
