// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/column_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>

#include "colonnade/columns/bayesian_counts.h"
#include "colonnade/columns/scores.h"
#include "colonnade/columns/test_particles.h"
#include "colonnade/core/error.h"
#include "colonnade/learn/column_training.h"
#include "colonnade/workflows/drawn_field.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;
const std::vector<std::string> three{"Pt", "Pd", "Ni"};

MadeUpMicroscope microscope() {
  MadeUpMicroscope made;
  made.kinds = {{"HAADF", "", 0}, {"MAADF", "", 0}, {"Pt L", "Pt", 0}, {"Pd L", "Pd", 0}, {"Ni K", "Ni", 0}};
  return made;
}

/// A response, and particles that it was not fitted to, without noise.
class ColumnTableTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    Random random(5);
    response_ = SignalResponse::fit(three, made_up_fields(6, three, microscope(), 0.1, random));
    fields_ = made_up_fields(2, three, microscope(), 0.2, random);
  }
  static std::vector<SignalKind> kinds_of(const std::vector<std::string>& names, double annular, double x_rays) {
    std::vector<SignalKind> kinds = response_.only(names).kinds();
    for (SignalKind& kind : kinds) kind.dose_per_nm2 = kind.element.empty() ? annular : x_rays;
    return kinds;
  }
  static ColumnModel untrained(const ColumnTableMaker& maker) {
    ColumnModelRecord record;
    record.elements = three;
    record.inputs = maker.inputs();
    record.table = maker.to_json();
    ColumnTrainingOptions options;
    options.epochs = options.fields = 1;
    options.learning_rate = 1e-9;
    ColumnTrainingData data;
    data.draw = [&](std::int64_t) { return maker.table(fields_[0]).graph; };
    const auto work = std::filesystem::temp_directory_path() / "colonnade_column_table_test";
    std::filesystem::remove_all(work);
    ColumnModel model = train_column_model(data, options, record, work);
    std::filesystem::remove_all(work);
    return model;
  }
  static inline SignalResponse response_;
  static inline std::vector<KnownColumns> fields_;
};

TEST_F(ColumnTableTest, TargetsAreTheCountsInUnitsOfPhysics) {
  const ColumnTableMaker maker(response_);
  const ColumnTable table = maker.table(fields_[0]);
  ASSERT_EQ(table.graph.targets.size(), 3 * fields_[0].counts.size());
  ASSERT_EQ(table.graph.inputs.size(), std::size_t(maker.inputs()) * fields_[0].counts.size());
  for (std::size_t i = 0; i < fields_[0].counts.size(); ++i) {
    ColumnEstimate estimate{{}, std::vector<double>(9, 0)};
    for (int e = 0; e < 3; ++e) {
      estimate.mean.push_back(table.graph.targets[3 * i + e]);
      estimate.factor[4 * e] = 1;
    }
    const CountDistribution column = counts_of(table.physics[i], estimate);
    for (int e = 0; e < 3; ++e) EXPECT_NEAR(column.mean[e], fields_[0].counts[i][e], 1e-4);
    double variance = 0;
    for (int k = 0; k < 3; ++k) variance += std::pow(table.physics[i].factor[3 + k], 2);
    EXPECT_NEAR(column.deviation(1), std::sqrt(variance), 1e-9);
  }
}

TEST_F(ColumnTableTest, OrderOfSignalsChangesNothingAndAbsentOnesAreZero) {
  const ColumnTableMaker maker(response_);
  const ColumnTable one = maker.table(fields_[0].signals.only({"HAADF", "Ni K"}));
  const ColumnTable two = maker.table(fields_[0].signals.only({"Ni K", "HAADF"}));
  for (std::size_t k = 0; k < one.graph.inputs.size(); ++k) {
    EXPECT_NEAR(one.graph.inputs[k], two.graph.inputs[k], 1e-3) << k;
  }
  for (int k = 4; k < 16; ++k) EXPECT_EQ(one.graph.inputs[k], 0);
  EXPECT_EQ(one.graph.inputs[0], 1);
  EXPECT_EQ(one.graph.inputs[16], 1);
  const auto again = ColumnTableMaker::from_json(maker.to_json(), "here");
  EXPECT_EQ(again.table(fields_[0]).graph.inputs, maker.table(fields_[0]).graph.inputs);
  ColumnSignals none = fields_[0].signals.only({});
  EXPECT_THROW(maker.table(none), Error);
}

TEST_F(ColumnTableTest, InputsAreOfTheOrderOfOne) {
  const ColumnTableMaker maker(response_);
  Random random(3);
  const auto field = noisy_field(fields_[0], kinds_of({"HAADF", "Ni K"}, 1e5, 1e6), random);
  double largest = 0;
  for (const float input : maker.table(field).graph.inputs) largest = std::max(largest, std::abs(double(input)));
  EXPECT_LT(largest, 12);
  double squares = 0;
  const auto targets = maker.table(field).graph.targets;
  for (const float target : targets) squares += double(target) * target / double(targets.size());
  EXPECT_NEAR(std::sqrt(squares), 1, 0.4);
}

TEST_F(ColumnTableTest, UntrainedCountsAsPhysicsDoes) {
  const ColumnModel model = untrained(ColumnTableMaker(response_));
  for (const std::vector<std::string>& names :
       {std::vector<std::string>{"HAADF"}, std::vector<std::string>{"HAADF", "Pt L", "Pd L", "Ni K"}}) {
    Random random(9);
    std::vector<std::vector<double>> truth;
    std::vector<CountDistribution> network, physics;
    for (const KnownColumns& known : fields_) {
      const auto field = noisy_field(known, kinds_of(names, 5e6, 2e6), random);
      for (const auto& row : field.counts) truth.emplace_back(row.begin(), row.end());
      for (auto& column : count_by_network(model, field.signals)) network.push_back(std::move(column));
      for (auto& column : count_by_physics(field.signals, response_, {}).columns) physics.push_back(std::move(column));
    }
    check_distributions(network, 3);
    const auto own = score_distributions(truth, network, three), other = score_distributions(truth, physics, three);
    for (int e = 0; e < 3; ++e) {
      EXPECT_NEAR(own[e].r2, other[e].r2, 0.1) << three[e] << " by " << names.size();
      EXPECT_NEAR(own[e].coverage_68, 0.68, 0.12) << three[e] << " by " << names.size();
    }
  }
}

TEST(ColumnTable, BarsHaveTheVarianceThatIsStated) {
  const PhysicsView physics{{9.3, 4.1}, {1.2, 0, 0.3, 0.7}, 0};
  const CountDistribution column = counts_of(physics, {{0, 0}, {1, 0, 0, 1}});
  EXPECT_NEAR(column.covariance[0], 1.44, 1e-12);
  EXPECT_NEAR(column.covariance[1], 0.36, 1e-12);
  EXPECT_NEAR(column.covariance[3], 0.58, 1e-12);
  EXPECT_NEAR(variance_of(column.elements[0]), 1.44, 1e-3);
  EXPECT_NEAR(variance_of(column.elements[1]), 0.58, 1e-2);
  EXPECT_NEAR(variance_of(column.total), 1.44 + 0.58 + 0.72, 1e-3);
}

TEST(ColumnTable, ClassesOfSignalsAreCalibratedApart) {
  const Calibration calibration{{{"one annular signal", {1.1, 1.2}}, {"with X-rays", {0.9, 0.8}}}};
  EXPECT_EQ(calibration.of({{"HAADF", "", 0}}), (std::vector<double>{1.1, 1.2}));
  EXPECT_EQ(calibration.of({{"HAADF", "", 0}, {"Pt L", "Pt", 0}}), (std::vector<double>{0.9, 0.8}));
  EXPECT_TRUE(calibration.of({{"HAADF", "", 0}, {"MAADF", "", 0}}).empty());
}

TEST_F(ColumnTableTest, NoiseIsThatOfCounting) {
  const auto kinds = kinds_of({"HAADF"}, 1e4, 0);
  double squares = 0;
  int columns = 0;
  for (int turn = 0; turn < 40; ++turn) {
    Random random(turn);
    const auto field = noisy_field(fields_[0], kinds, random);
    for (std::size_t i = 0; i < field.counts.size(); ++i, ++columns) {
      const double clean = fields_[0].signals.sections_nm2[i][0];
      squares += std::pow(field.signals.sections_nm2[i][0] - clean, 2) / (clean / 1e4);
    }
  }
  EXPECT_NEAR(squares / columns, 1, 0.05);
}

TEST_F(ColumnTableTest, DrawnFieldsFollowTheResponse) {
  DatasetOptions options;
  options.size_px = 128;
  options.particle.elements = three;
  options.diameter_nm = {3, 3};
  Random random(6);
  const StandingColumns columns = standing_columns(options.prepared(), 1);
  const auto kinds = kinds_of({"HAADF", "Pt L"}, 0, 0);
  const KnownColumns field = drawn_field(columns, response_, kinds, random);
  ASSERT_GT(field.signals.size(), 20U);
  ASSERT_LT(field.signals.size(), columns.counts.size());
  const auto at = response_.only({"HAADF", "Pt L"}).at({});
  double sum = 0;
  int whole = 0;
  for (std::size_t i = 0; i < field.signals.size(); ++i) {
    EXPECT_LE(std::max(field.signals.positions_nm[i].x, field.signals.positions_nm[i].y), 2.56);
    for (const int other : field.signals.neighbours[i]) ASSERT_LT(other, int(field.signals.size()));
    if (!field.signals.whole[i]) continue;
    std::vector<double> counts(field.counts[i].begin(), field.counts[i].end()), own(2);
    at.own(counts.data(), own.data());
    const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
    const double expected = own[0] + at.spill(0, total, neighbour_sum(field.signals, i)[0]);
    sum += field.signals.sections_nm2[i][0] / expected;
    ++whole;
  }
  ASSERT_GT(whole, 5);
  EXPECT_NEAR(sum / whole, 1, 0.05);
}

}  // namespace
}  // namespace colonnade
