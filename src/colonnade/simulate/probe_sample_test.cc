// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/probe_sample.h"

#include <cmath>
#include <gtest/gtest.h>
#include <numeric>

#include "colonnade/core/error.h"
#include "colonnade/core/random.h"

namespace colonnade {
namespace {

Structure columns() {
  Structure structure;
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) structure.atoms.push_back({28 + 16 * (i % 3), {2.0 + 2.6 * i, 1.5 + 2.6 * j, 3}});
  }
  return structure;
}

const FieldOfView field{0, 0, 60, 60, 0.02};

// As peaked as an image.
double image(const ProbePosition& at) {
  double sum = 0.05;
  for (const auto& atom : columns().atoms) {
    const double squared = std::pow(atom.position.x - at.x_A, 2) + std::pow(atom.position.y - at.y_A, 2);
    sum += std::exp(-squared / 0.2);
  }
  return sum;
}

double mean_of(const ProbeSample& sample) {
  double sum = 0;
  for (std::size_t i = 0; i < sample.positions.size(); ++i) sum += sample.shares[i] * image(sample.positions[i]);
  return sum;
}

TEST(ProbeSample, SharesSumToOneAndSeedDecides) {
  const auto sample = sample_probes(columns(), field, 20, 3), again = sample_probes(columns(), field, 20, 3);
  ASSERT_EQ(sample.positions.size(), 20U);
  EXPECT_NEAR(std::accumulate(sample.shares.begin(), sample.shares.end(), 0.0), 1, 1e-12);
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(sample.positions[i].x_A, again.positions[i].x_A);
    EXPECT_GE(sample.positions[i].x_A, -0.1);
    EXPECT_LE(sample.positions[i].x_A, 11.9);
  }
  EXPECT_NE(sample.positions[5].x_A, sample_probes(columns(), field, 20, 4).positions[5].x_A);
}

TEST(ProbeSample, MeanIsUnbiasedAndNarrowerThanThatOfRandomProbes) {
  double exact = 0;
  for (int i = 0; i < 240; ++i) {
    for (int j = 0; j < 240; ++j) exact += image({-0.1 + (i + 0.5) * 0.05, -0.1 + (j + 0.5) * 0.05}) / 57600;
  }
  double sum = 0, squares = 0, plain_squares = 0;
  constexpr int repeats = 100;
  for (int seed = 0; seed < repeats; ++seed) {
    const auto sample = sample_probes(columns(), field, 16, std::uint64_t(seed));
    const double mean = mean_of(sample) / exact;
    sum += mean / repeats;
    squares += std::pow(mean - 1, 2) / repeats;
    Random random{std::uint64_t(seed)};
    double plain = 0;
    for (int i = 0; i < 16; ++i) plain += image({random.uniform(-0.1, 11.9), random.uniform(-0.1, 11.9)}) / exact / 16;
    plain_squares += std::pow(plain - 1, 2) / repeats;
  }
  EXPECT_NEAR(sum, 1, 0.035);
  EXPECT_LT(squares, 0.25 * plain_squares) << "a quarter of the probes would do";
}

TEST(ProbeSample, WorksWithoutAtomsAndRefusesNoProbes) {
  EXPECT_EQ(sample_probes({}, field, 7, 1).positions.size(), 7U);
  EXPECT_THROW(sample_probes({}, field, 0, 1), Error);
}

TEST(ErrorFigure, ClosedForms) {
  const std::vector<double> reference = {1, 2, 4}, shares = {0.25, 0.5, 0.25};
  const auto scaled = error_of({1.1, 2.2, 4.4}, reference, shares);
  EXPECT_NEAR(scaled.mean_ratio, 1.1, 1e-12);
  EXPECT_NEAR(scaled.rms_over_mean, std::sqrt(0.25 * 0.01 + 0.5 * 0.04 + 0.25 * 0.16) / 2.25, 1e-12);
  const auto same = error_of(reference, reference, shares);
  EXPECT_EQ(same.rms_over_mean, 0);
  EXPECT_EQ(same.uncertainty, 0);
  EXPECT_EQ(same.mean_ratio, 1);
}

TEST(PredictedCost, GrowsWithGridSlicesAndWindow) {
  MultisliceOptions options;
  const auto cost = [&](const MultisliceOptions& with) {
    return predict_multislice_cost(
        specimen_around(columns(), {}, {{"HAADF", 60, 100}}, scanned_area(field, {}, with), with), with);
  };
  const Cost usual = cost(options);
  options.window_A = 15;
  EXPECT_GT(cost(options).per_probe_s, 3.5 * usual.per_probe_s);
  options = {};
  options.oversampling = 4;
  EXPECT_GT(cost(options).setup_s, 3.9 * usual.setup_s);
  EXPECT_EQ(cost(options).per_probe_s, usual.per_probe_s);
}

// Nearly: the probe is periodic in its cell.
TEST(ProbeRuns, OneByOneAgreesWithOneCell) {
  const auto sample = sample_probes(columns(), field, 4, 1);
  const std::vector<AnnularDetector> detectors = {{"ADF", 45, 65}};
  MultisliceOptions options;
  options.window_A = 10;
  options.sampling_A = 0.125;
  const auto area = scanned_area(field, {}, options);
  const auto one = run_in_area(columns(), {}, detectors, area, sample.positions, options, 10);
  const auto each = run_one_by_one(columns(), {}, detectors, sample.positions, options, 10);
  EXPECT_LT(error_of(each.values[0], one.values[0], sample.shares).rms_over_mean, 0.03);
  options.window_A = 0;
  EXPECT_THROW(run_one_by_one(columns(), {}, detectors, sample.positions, options), Error);
}

TEST(ProbeRuns, WindowsHaveTheWantedNumberOfPixels) {
  MultisliceOptions options;
  for (const int pixels : {80, 96, 128}) {
    options.sampling_A = 10.0 / pixels;
    options.window_A = window_of_pixels(pixels, options.sampling_A);
    EXPECT_EQ(window_pixels({}, {{"ADF", 20, 40}}, options), pixels);
  }
}

}  // namespace
}  // namespace colonnade
