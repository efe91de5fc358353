// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/stem_experiment.h"

#include <cmath>
#include <gmock/gmock.h>
#include <numeric>

#include "colonnade/core/error.h"
#include "colonnade/image/filter.h"

namespace colonnade {
namespace {

using testing::ElementsAre;

Structure column(int atoms) {
  Structure structure;
  for (int i = 0; i < atoms; ++i) structure.atoms.push_back({i % 2 == 0 ? 78 : 28, {10, 10, 2.6 * i}});
  return structure;
}

StemExperiment small_experiment() {
  StemExperiment experiment;
  experiment.signals.detectors = {{"HAADF", 60, 90}};
  experiment.field = {9, 9, 12, 12, 0.02};
  experiment.multislice.window_A = 6;
  experiment.multislice.margin_A = 2;
  return experiment;
}

double sum(const Image& image) { return std::accumulate(image.data.begin(), image.data.end(), 0.0); }

double largest_difference(const Image& a, const Image& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.data.size(); ++i) largest = std::max(largest, std::abs(double(a.data[i]) - b.data[i]));
  return largest;
}

TEST(StemExperiment, FocalSpreadHasItsDeviation) {
  PartialCoherence coherence;
  EXPECT_EQ(defocus_values(coherence).size(), 1U);
  coherence.focal_spread_A = 30;
  coherence.defocus_steps = 41;
  double weights = 0, mean = 0, squares = 0;
  for (const auto& [offset, weight] : defocus_values(coherence)) {
    weights += weight;
    mean += weight * offset;
    squares += weight * offset * offset;
  }
  EXPECT_NEAR(weights, 1, 1e-12);
  EXPECT_NEAR(mean, 0, 1e-9);
  EXPECT_NEAR(std::sqrt(squares), 30, 4);  // a little less, as the tails beyond two deviations are cut
}

TEST(StemExperiment, FocalSpreadIsTheWeightedMean) {
  StemExperiment experiment = small_experiment();
  experiment.coherence.focal_spread_A = 40;
  experiment.coherence.defocus_steps = 3;
  const Image spread = simulate_experiment(column(4), experiment, "").front();
  Image expected = spread;
  std::fill(expected.data.begin(), expected.data.end(), 0.0F);
  for (const auto& [offset, weight] : defocus_values(experiment.coherence)) {
    StemExperiment still = small_experiment();
    still.optics.aberrations.C10 += offset;
    const Image image = simulate_experiment(column(4), still, "").front();
    for (std::size_t i = 0; i < image.data.size(); ++i) expected.data[i] += float(weight * image.data[i]);
  }
  EXPECT_LT(largest_difference(spread, expected), 1e-7);
}

TEST(StemExperiment, SourceSizeIsAGaussian) {
  StemExperiment experiment = small_experiment();
  const Image sharp = simulate_experiment(column(2), experiment, "").front();
  experiment.coherence.source_size_A = 0.8;
  const Image blurred = simulate_experiment(column(2), experiment, "").front();
  EXPECT_LT(largest_difference(blurred, gaussian_filter(sharp, 0.8 / 2.3548 / 0.2)), 1e-6);
}

TEST(StemExperiment, FrozenPhononsAreTheMeanOfTheirConfigurations) {
  StemExperiment experiment = small_experiment();
  ThermalMotion& thermal = experiment.multislice.thermal;
  thermal.model = "frozen_phonons";
  thermal.configurations = 3;
  const Image mean = simulate_experiment(column(4), experiment, "").front();
  double expected = 0;
  for (int n = 0; n < 3; ++n) {
    expected += sum(simulate_stem(configuration(column(4), thermal, n), experiment.optics, experiment.signals,
                                  experiment.field, experiment.multislice, "")
                        .front()) /
                3;
  }
  EXPECT_NEAR(sum(mean), expected, 1e-6 * expected);
  EXPECT_TRUE(mean.metadata.contains("thermal_motion"));
}

TEST(StemExperiment, AbsorptiveModelAddsThermalDiffuseScattering) {
  StemExperiment experiment = small_experiment();
  experiment.multislice.thermal.model = "absorptive";
  const auto with = simulate_experiment(column(4), experiment, "");
  ASSERT_EQ(with.size(), 1U);
  EXPECT_EQ(with.front().title, "HAADF");
  const Image elastic =
      simulate_stem(column(4), experiment.optics, experiment.signals, experiment.field, experiment.multislice, "")
          .front();
  EXPECT_GT(sum(with.front()), 1.1 * sum(elastic));
}

TEST(StemExperiment, DepthsAndSignalsKeepTheirNames) {
  StemExperiment experiment = small_experiment();
  experiment.signals.depths_A = {4};
  experiment.signals.local = {{"Pt", {{78, [](double) { return 0.01; }}}}};
  const auto images = simulate_experiment(column(4), experiment, "");
  std::vector<std::string> names;
  for (const auto& image : images) names.push_back(image.title);
  EXPECT_THAT(names, ElementsAre("HAADF", "Pt", "HAADF to 0.4 nm", "Pt to 0.4 nm"));
  EXPECT_LT(sum(images[2]), sum(images[0]));
}

TEST(StemExperiment, NonsenseIsRefused) {
  StemExperiment experiment = small_experiment();
  experiment.coherence.defocus_steps = 0;
  EXPECT_THROW(simulate_experiment(column(1), experiment, ""), Error);
  experiment.coherence = {};
  experiment.coherence.source_size_A = -1;
  EXPECT_THROW(simulate_experiment(column(1), experiment, ""), Error);
}

}  // namespace
}  // namespace colonnade
