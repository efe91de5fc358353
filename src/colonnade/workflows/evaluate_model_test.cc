// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/evaluate_model.h"

#include <cmath>
#include <gmock/gmock.h>
#include <sstream>

#include "colonnade/core/random.h"
#include "colonnade/workflows/make_dataset.h"
#include "colonnade/workflows/map_figures.h"
#include "colonnade/workflows/map_output.h"

namespace colonnade {
namespace {

/// Predictions whose error is normal with a deviation of 0.3 + 0.1 times the prediction.
CountComparison noisy_comparison(std::uint64_t seed) {
  Random random(seed);
  CountComparison comparison;
  for (int i = 0; i < 20000; ++i) {
    const double predicted = random.uniform(0, 6);
    comparison.predicted.push_back({predicted});
    comparison.truth.push_back({predicted + (0.3 + 0.1 * predicted) * random.normal()});
    comparison.particle.push_back(i / 100);
  }
  return comparison;
}

TEST(CountErrors, FollowThePrediction) {
  const auto errors = count_errors(noisy_comparison(1), 1);
  ASSERT_EQ(errors.size(), 1U);
  for (int count = 1; count <= 5; ++count) EXPECT_NEAR(errors[0].at(count), 0.3 + 0.1 * count, 0.03);
}

TEST(CountErrors, CoverWhatTheyClaimOnOtherColumns) {
  const auto errors = count_errors(noisy_comparison(1), 1);
  const auto fresh = noisy_comparison(2);
  int inside_one = 0, inside_two = 0;
  for (std::size_t i = 0; i < fresh.truth.size(); ++i) {
    const double deviation = errors[0].at(fresh.predicted[i][0]);
    const double error = std::fabs(fresh.truth[i][0] - fresh.predicted[i][0]);
    inside_one += error <= deviation;
    inside_two += error <= 2 * deviation;
  }
  EXPECT_NEAR(inside_one / 20000.0, 0.683, 0.02);
  EXPECT_NEAR(inside_two / 20000.0, 0.954, 0.01);
}

TEST(CountErrors, RareCountsJoinTheirNeighbours) {
  CountComparison comparison;
  for (int i = 0; i < 30; ++i) {
    comparison.predicted.push_back({1.0});
    comparison.truth.push_back({2.0});
  }
  comparison.predicted.push_back({2.0});
  comparison.truth.push_back({2.0});  // one lucky column is no proof of a perfect predictor
  const auto errors = count_errors(comparison, 1);
  EXPECT_NEAR(errors[0].at(2), std::sqrt(30.0 / 31), 1e-12);
}

TEST(DatasetOptions, TheSameParticleWhateverTheNumber) {
  DatasetOptions options;
  options.seed = 3;
  options.size_px = 32;
  options.detectors = {"ADF:25-40"};  // a coarse grid carries it
  options.diameter_nm = {0.8, 1.0};
  const ParticleSamples first = make_particle_samples(options, 2);
  options.particles = 7;
  const ParticleSamples second = make_particle_samples(options, 2);
  ASSERT_EQ(first.views.size(), 1U);
  EXPECT_EQ(first.views[0].image.data, second.views[0].image.data);
  EXPECT_NE(first.views[0].image.data, make_particle_samples(options, 3).views[0].image.data);
  ASSERT_FALSE(first.views[0].columns.empty());
  for (const auto& column : first.views[0].columns) {
    EXPECT_GE(column.x_px, 0);
    EXPECT_LE(column.x_px, 31);
    EXPECT_EQ(column.counts.size(), 5U);
  }
}

TEST(DatasetOptions, BrightPixelsLieAtColumns) {
  DatasetOptions options;
  options.size_px = 48;
  options.detectors = {"ADF:40-60"};
  options.diameter_nm = {1.2, 1.2};
  options.view = {0, 0};
  const Sample sample = make_particle_samples(options, 0).views[0];
  for (const auto& column : sample.columns) {
    const int x = static_cast<int>(std::lround(column.x_px)), y = static_cast<int>(std::lround(column.y_px));
    double around = 0;
    int pixels = 0;
    for (const auto& [dx, dy] : {std::pair(-6, 0), {6, 0}, {0, -6}, {0, 6}}) {  // between the columns
      if (x + dx < 0 || y + dy < 0 || x + dx > 47 || y + dy > 47) continue;
      around += sample.image.at(y + dy, x + dx);
      ++pixels;
    }
    EXPECT_GT(sample.image.at(y, x), 1.5 * around / pixels) << x << " " << y;
  }
}

ElementMap two_columns() {
  ElementMap map;
  map.image = Image(40, 50, 0.02);
  map.elements = {"Pt", "Ni"};
  Column column;
  column.x_px = 10;
  column.y_px = 20;
  column.cross_section_nm2 = 0.001;
  map.columns = {column, column};
  map.columns[1].x_px = 30;
  map.distributions = {normal_distribution({3, 1}, {0.09, 0, 0, 0.16}),
                       normal_distribution({1, 3}, {0.16, 0, 0, 0.09})};
  return map;
}

TEST(ElementMap, CompositionAndItsDeviation) {
  AnalysisOptions options;
  options.composition_prior = 0;
  const ParticleAnalysis analysis = analyse_map(two_columns(), options);
  EXPECT_NEAR(analysis.composition.atoms, 8, 1e-12);
  EXPECT_NEAR(analysis.composition.fractions[0], 0.5, 1e-12);
  // f = a / (a + b), a = b = 4, both of variance 0.25: (b^2 + a^2) 0.25 / 8^4
  EXPECT_NEAR(analysis.composition.deviation(0), std::sqrt(2 * 16 * 0.25 / 4096), 1e-12);
  EXPECT_THAT(analysis.statements[0], testing::HasSubstr("Pt 50 \u00b1 4 %, Ni 50 \u00b1 4 %"));
}

TEST(ElementMap, TableOfColumns) {
  ElementMap map = two_columns();
  map.distributions[1].flag = "edge of the image";
  std::istringstream table(columns_csv(map));
  std::string header, first, second;
  std::getline(table, header);
  std::getline(table, first);
  std::getline(table, second);
  EXPECT_EQ(header,
            "x_px,y_px,x_nm,y_nm,cross_section_nm2,Pt,Pt_sd,Pt_low68,Pt_high68,Pt_low95,Pt_high95,"
            "Ni,Ni_sd,Ni_low68,Ni_high68,Ni_low95,Ni_high95,"
            "total,total_sd,total_low68,total_high68,total_low95,total_high95,flag");
  EXPECT_THAT(first, testing::StartsWith("10.000,20.000,0.20000,0.40000,0.001,3.000,0.300,"));
  EXPECT_THAT(second, testing::EndsWith(",edge of the image"));
  EXPECT_EQ(std::count(first.begin(), first.end(), ','), std::count(header.begin(), header.end(), ','));
  map.distributions.clear();
  table = std::istringstream(columns_csv(map));
  std::getline(table, header);
  std::getline(table, first);
  EXPECT_EQ(first, "10.000,20.000,0.20000,0.40000,0.001" + std::string(19, ','));
  EXPECT_EQ(std::count(first.begin(), first.end(), ','), std::count(header.begin(), header.end(), ','));
}

TEST(ElementMap, AFigurePerElementAndTheStatistics) {
  std::vector<std::string> names;
  const ElementMap map = two_columns();
  for (const auto& figure : map_figures(map, analyse_map(map, {}))) {
    names.push_back(figure.name);
    EXPECT_THAT(figure.svg(), testing::StartsWith("<svg"));
  }
  EXPECT_THAT(names,
              testing::ElementsAre("image", "columns", "map_total", "map_total_sd", "map_Pt", "map_Pt_sd", "map_Ni",
                                   "map_Ni_sd", "composition", "histogram", "histogram_total", "fractions"));
}

}  // namespace
}  // namespace colonnade
