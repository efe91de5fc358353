// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/column_training.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/parallel.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/learn/random_graphs.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;
using testing::random_graph;

constexpr int inputs = 2;
constexpr double least_error = 0.3, added_error = 0.2;

/// The first target is the mean of the neighbours' first input, with an error that the column's second input sets; the
/// second target is the first with another error: what a network can know of them is known.
ColumnGraph learnable_graph(std::uint64_t number) {
  ColumnGraph graph = random_graph(16, inputs, 0, number);
  Random random = Random(99).stream(number);
  for (int i = 0; i < graph.columns; ++i) {
    double mean = 0;
    for (const auto& edge : graph.edges) {
      if (edge.to == i) mean += graph.inputs[std::size_t(edge.from) * inputs] / 4;
    }
    const bool poor = graph.inputs[std::size_t(i) * inputs + 1] > 0;
    const double first = mean + (poor ? 2 : 1) * least_error * random.normal();
    graph.targets.push_back(float(first));
    graph.targets.push_back(float(first + added_error * random.normal()));
    graph.weights.push_back(1);
  }
  return graph;
}

ColumnTrainingData learnable_data() {
  ColumnTrainingData data;
  data.draw = [](std::int64_t number) { return learnable_graph(number); };
  for (int i = 0; i < 20; ++i) data.held_out.push_back(learnable_graph(1'000'000 + i));
  data.judge = [](const auto& all) { return nlohmann::json{{"fields", all.size()}}; };
  return data;
}

ColumnModelRecord first_record() {
  ColumnModelRecord record;
  record.elements = {"Pt", "Ni"};
  record.inputs = inputs;
  record.data_fingerprint = "made up";
  return record;
}

ColumnTrainingOptions quick_options() {
  ColumnTrainingOptions options;
  options.hidden = 8;
  options.rounds = 1;
  options.epochs = 4;
  options.fields = 10;
  options.refresh = 2;
  options.batch = 3;
  return options;
}

std::string trained(const ColumnTrainingOptions& options, const std::filesystem::path& folder,
                    const std::function<bool(int)>& stop = {}) {
  const ColumnModel model = train_column_model(learnable_data(), options, first_record(), folder, stop);
  model.save(folder / "model.h5", false);
  return sha256_file(folder / "model.h5");
}

TEST(ColumnTraining, SameSeedSameBytesWhateverTheThreads) {
  const TemporaryFolder one, two, three;
  ColumnTrainingOptions options = quick_options();
  const std::string first = trained(options, one.path());
  set_thread_count(2);
  EXPECT_EQ(trained(options, two.path()), first);
  set_thread_count(1);
  options.seed = 2;
  EXPECT_NE(trained(options, three.path()), first);
}

TEST(ColumnTraining, ResumesToTheSameWeights) {
  const TemporaryFolder whole, parts;
  const ColumnTrainingOptions options = quick_options();
  const std::string expected = trained(options, whole.path());
  for (const int end : {1, 3}) {
    EXPECT_NE(trained(options, parts.path(), [end](int done) { return done == end; }), expected);
  }
  EXPECT_EQ(trained(options, parts.path()), expected);
  const std::string log = read_file(parts.path() / "log.jsonl");
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 4);
  EXPECT_THAT(log, HasSubstr("\"fields\":20"));
  ColumnTrainingOptions other = options;
  other.learning_rate = 1e-4;
  try {
    trained(other, parts.path());
    FAIL() << "another run's checkpoint was taken";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("learning_rate"));
  }
}

TEST(ColumnTraining, LearnsFromNeighboursHowSureItCanBe) {
  const TemporaryFolder folder;
  ColumnTrainingOptions options = quick_options();
  options.hidden = 16;
  options.epochs = 40;
  options.fields = 120;
  options.learning_rate = 1e-2;
  const ColumnTrainingData data = learnable_data();
  const ColumnModel model = train_column_model(data, options, first_record(), folder.path());
  double sum = 0, inside = 0, columns = 0, correlation = 0;
  for (const ColumnGraph& graph : data.held_out) {
    const auto all = model.predict(graph);
    for (int i = 0; i < graph.columns; ++i) {
      const auto& f = all[i].factor;
      const double error = graph.targets[2 * i] - all[i].mean[0];
      sum += std::log(f[0]);
      inside += std::abs(error) < f[0] ? 1 : 0;
      correlation += f[2] / std::hypot(f[2], f[3]);
      columns += 1;
    }
  }
  const double expected = std::log(least_error) + 0.5 * std::log(2);
  EXPECT_NEAR(sum / columns, expected, 0.12);
  EXPECT_NEAR(inside / columns, 0.683, 0.07);
  EXPECT_NEAR(correlation / columns, 0.5 * (0.3 / std::hypot(0.3, 0.2) + 0.6 / std::hypot(0.6, 0.2)), 0.05);
}

}  // namespace
}  // namespace colonnade
