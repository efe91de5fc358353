// SPDX-License-Identifier: GPL-3.0-or-later
// The shipped response and estimators on the shipped test set, which none of them has seen.
#include "colonnade/workflows/count_estimator.h"

#include <cmath>
#include <gtest/gtest.h>

#include "colonnade/columns/scores.h"
#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/workflows/bound_counts.h"
#include "colonnade/workflows/calibrate_response.h"
#include "colonnade/workflows/map_area.h"
#include "colonnade/workflows/map_physics.h"
#include "colonnade/workflows/measured_field.h"
#include "colonnade/workflows/score_estimators.h"

namespace colonnade {
namespace {

namespace fs = std::filesystem;
const fs::path source = COLONNADE_SOURCE_DIR;
const fs::path response_file = source / "models" / "ptnipdcofe_response.json";
const fs::path test_set = source / "testdata" / "ptnipdcofe";

ParticleSamples particle(int number) { return read_particle(particle_file(test_set, number)); }

TEST(CountEstimator, TheShippedResponseExplainsParticlesThatItNeverSaw) {
  const SignalResponse response = load_response(response_file);
  double squares = 0, sections = 0, columns = 0;
  for (const int number : {0, 7, 14, 21, 28}) {
    const KnownColumns field = measured_columns(particle(number).views[0], {"HAADF"}, {}, Random(1));
    const auto at = response.only({"HAADF"}).at(field.signals.conditions);
    for (std::size_t i = 0; i < field.counts.size(); ++i) {
      if (!field.signals.whole[i]) continue;
      const std::vector<double> counts(field.counts[i].begin(), field.counts[i].end());
      double own = 0, total = 0;
      for (const double n : counts) total += n;
      at.own(counts.data(), &own);
      const double expected = own + at.spill(0, total, neighbour_sum(field.signals, i)[0]);
      squares += std::pow(field.signals.sections_nm2[i][0] - expected, 2);
      sections += field.signals.sections_nm2[i][0];
      ++columns;
    }
  }
  EXPECT_GT(columns, 200);
  EXPECT_LT(std::sqrt(squares * columns) / sections, 0.14);
}

TEST(CountEstimator, XRaysCountAllFiveElements) {
  const ParticleSamples samples = particle(3);
  const KnownColumns clean = measured_columns(samples.views[0], {}, {}, Random(1));
  const Doses doses{5e4, dose_for_counts_per_atom({clean}, 20)};
  Random random(2);
  const NoisySample noisy = with_noise(samples.views[0], doses, random);
  MeasuredField field{noisy.images, noisy.kinds, {}, conditions_of(samples.views[0].image)};
  for (const auto& column : samples.views[0].columns) {
    field.columns.emplace_back();
    field.columns.back().x_px = column.x_px, field.columns.back().y_px = column.y_px;
  }
  const auto estimator = load_estimator(response_file);
  EXPECT_EQ(estimator->elements(), samples.elements);
  const auto counted = estimator->count(field);
  std::vector<std::vector<double>> truth;
  std::vector<CountDistribution> whole;
  for (std::size_t i = 0; i < counted.size(); ++i) {
    if (!clean.signals.whole[i]) continue;
    truth.emplace_back(clean.counts[i].begin(), clean.counts[i].end());
    whole.push_back(counted[i]);
  }
  for (const auto& score : score_distributions(truth, whole, samples.elements)) {
    EXPECT_GT(score.r2, 0.5) << score.element;
    EXPECT_GT(score.within_1, 0.8) << score.element;
  }
}

TEST(CountEstimator, SignalsThatNobodyKnowsAreRefused) {
  const ParticleSamples samples = particle(1);
  MeasuredField field{{samples.views[0].image}, {{"BF", "", 0}}, {}, conditions_of(samples.views[0].image)};
  EXPECT_THROW(load_estimator(response_file)->count(field), Error);
  EXPECT_THROW(load_response(source / "README.md"), Error);
}

TEST(BoundCounts, TheSweepSaysWhichElementsCanBeCounted) {
  BoundOptions options;
  options.response = response_file.string();
  options.dataset.particles = 1;
  options.dataset.size_px = 128;
  options.dataset.diameter_nm = {4, 4};
  options.signal_sets = {"HAADF", "annular+X-rays"};
  options.doses_per_A2 = {1e2, 1e6};
  options.x_ray_counts = {20};
  const fs::path folder = fs::path(testing::TempDir()) / "bound";
  const BoundSweep sweep = bound_counts(options, folder, true);
  ASSERT_EQ(sweep.points.size(), 3U);
  for (std::size_t e = 0; e < 5; ++e) {
    const auto r2 = [&](std::size_t point) { return sweep.points[point].scores.image[e].r2; };
    EXPECT_GT(r2(2), r2(1)) << "X-rays add to what is known of " << sweep.elements[e];
  }
  EXPECT_GT(sweep.points[1].scores.image[0].r2, sweep.points[0].scores.image[0].r2);
  for (const char* name : {"bound.json", "bound.txt", "r2_dose.svg", "within_one_dose.png"}) {
    EXPECT_TRUE(fs::exists(folder / name)) << name;
  }
  EXPECT_NE(to_text(sweep).find("Pt"), std::string::npos);
}

TEST(BoundCounts, OptionsThatMakeNoSenseAreRefused) {
  BoundOptions options;
  options.doses_per_A2 = {-1};
  EXPECT_THROW(options.check(), Error);
  options = {};
  options.signal_sets.clear();
  EXPECT_THROW(options.check(), Error);
}

TEST(MapPhysics, AnImageWithoutScaleGetsThatOfItsShape) {
  const ParticleSamples samples = particle(5);
  Image image = samples.views[0].image;
  std::vector<Column> columns;
  for (const auto& column : samples.views[0].columns) {
    columns.emplace_back();
    columns.back().x_px = column.x_px, columns.back().y_px = column.y_px;
  }
  PhysicsOptions options;
  options.response = response_file.string();
  const PhysicsCounts absolute = count_image(image, columns, samples.elements, options, MapArea(image));
  EXPECT_EQ(absolute.gain, 1);
  image.intensity = "arbitrary";
  for (float& value : image.data) value *= 1000;
  const PhysicsCounts scaled = count_image(image, columns, samples.elements, options, MapArea(image));
  EXPECT_GT(scaled.gain, 100);
  EXPECT_NEAR(scaled.gain_spread, 0.3, 1e-9);
  ASSERT_FALSE(scaled.notes.empty());
  // A common factor of 30 % is in every count's error.
  const std::size_t middle = columns.size() / 2;
  EXPECT_GT(std::sqrt(variance_of(scaled.columns[middle].total)), 0.25 * mean_of(scaled.columns[middle].total));
}

TEST(MapPhysics, SignalsAreGivenByNameAndFile) {
  const ParticleSamples samples = particle(5);
  std::vector<Column> columns(5);
  PhysicsOptions options;
  options.response = response_file.string();
  options.signals = {"Pt L"};
  EXPECT_THROW(count_image(samples.views[0].image, columns, samples.elements, options, MapArea(samples.views[0].image)),
               Error);
  options.signals = {"Zr K=zr.tif"};
  EXPECT_THROW(count_image(samples.views[0].image, columns, samples.elements, options, MapArea(samples.views[0].image)),
               Error);
}

TEST(SlowScores, TheTableOfTheTestSet) {
  ScoreOptions options;
  options.response = response_file.string();
  options.x_ray_counts = {20};
  const ScoreTable table = score_estimators(test_set, options);
  for (const ScoreRow& row : table.rows) {
    if (row.who != "physics") continue;
    for (const CountScore& score : row.scores) {
      EXPECT_NEAR(score.coverage_68, 0.68, 0.08) << row.signals << " " << score.element;
      EXPECT_NEAR(score.coverage_95, 0.95, 0.05) << row.signals << " " << score.element;
    }
  }
}

}  // namespace
}  // namespace colonnade
