// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/column_network.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>

#include "colonnade/core/file.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/learn/random_graphs.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;
using testing::random_graph;

constexpr int inputs = 3, outputs = 2;

std::shared_ptr<ColumnNetwork> network_of(std::uint64_t seed, bool all_random) {
  auto network = std::make_shared<ColumnNetwork>(inputs, outputs, 6, 2);
  Random random(seed);
  network->initialise(random);
  if (!all_random) return network;
  const torch::NoGradGuard no_gradient;
  for (auto& item : named_weights(*network)) {
    for (std::int64_t i = 0; i < item.second.numel(); ++i) {
      item.second.data_ptr<float>()[i] = float(random.uniform(-0.5, 0.5));
    }
  }
  return network;
}

std::vector<ColumnEstimate> estimates_of(ColumnNetwork& network, const std::vector<const ColumnGraph*>& graphs) {
  const torch::NoGradGuard no_gradient;
  return estimates(network.forward(column_batch(graphs, inputs, outputs)));
}

ColumnBatch in_double(ColumnBatch batch) {
  for (torch::Tensor* part :
       {&batch.inputs, &batch.directions, &batch.empty, &batch.field_size, &batch.targets, &batch.weights}) {
    *part = part->to(torch::kDouble);
  }
  return batch;
}

TEST(ColumnNetwork, GradientIsThatOfFiniteDifferences) {
  const auto network = network_of(3, true);
  network->to(torch::kDouble);
  const ColumnGraph one = random_graph(7, inputs, outputs, 1), two = random_graph(4, inputs, outputs, 2);
  const ColumnGraph* both[] = {&one, &two};
  const ColumnBatch batch = in_double(column_batch(both, inputs, outputs));
  const auto loss = [&] { return negative_log_likelihood(network->forward(batch), batch); };
  loss().backward();
  constexpr double step = 1e-6;
  int compared = 0;
  for (auto& item : named_weights(*network)) {
    const torch::Tensor gradient = item.second.grad().contiguous();
    double* weight = item.second.data_ptr<double>();
    for (std::int64_t i = 0; i < item.second.numel(); i += 5) {
      const torch::NoGradGuard no_gradient;
      const double kept = weight[i];
      weight[i] = kept + step;
      const double above = loss().item<double>();
      weight[i] = kept - step;
      const double below = loss().item<double>();
      weight[i] = kept;
      EXPECT_NEAR(gradient.data_ptr<double>()[i], (above - below) / (2 * step), 1e-6) << item.first << " " << i;
      ++compared;
    }
  }
  EXPECT_GT(compared, 100);
}

TEST(ColumnNetwork, LossIsMinusTheLogOfTheDensityOfItsEstimates) {
  const auto network = network_of(5, true);
  const ColumnGraph graph = random_graph(9, inputs, outputs, 4);
  const ColumnGraph* only[] = {&graph};
  const ColumnBatch batch = column_batch(only, inputs, outputs);
  const double loss = negative_log_likelihood(network->forward(batch), batch).item<double>();
  const auto all = estimates_of(*network, {&graph});
  double expected = 0, weight = 0;
  for (int i = 0; i < graph.columns; ++i) {
    const auto& f = all[i].factor;
    EXPECT_EQ(f[1], 0);
    const double aa = f[0] * f[0], ab = f[0] * f[2], bb = f[2] * f[2] + f[3] * f[3], determinant = aa * bb - ab * ab;
    const double x = graph.targets[2 * i] - all[i].mean[0], y = graph.targets[2 * i + 1] - all[i].mean[1];
    const double squares = (bb * x * x - 2 * ab * x * y + aa * y * y) / determinant;
    expected += graph.weights[i] * 0.5 * (squares + std::log(determinant));
    weight += graph.weights[i];
  }
  EXPECT_NEAR(loss, expected / weight, 1e-4 * std::abs(loss));
}

TEST(ColumnNetwork, UntrainedPredictsTheStandardNormalDistribution) {
  const auto network = network_of(1, false);
  const ColumnGraph graph = random_graph(5, inputs, outputs, 4);
  for (const auto& estimate : estimates_of(*network, {&graph})) {
    EXPECT_EQ(estimate.mean, (std::vector<double>{0, 0}));
    EXPECT_EQ(estimate.factor, (std::vector<double>{1, 0, 0, 1}));
  }
}

TEST(ColumnNetwork, OrderOfColumnsAndNeighboursChangesNothing) {
  const auto network = network_of(8, true);
  const ColumnGraph graph = random_graph(10, inputs, outputs, 4);
  std::vector<int> place(graph.columns);
  std::iota(place.begin(), place.end(), 0);
  Random random(2);
  random.shuffle(place);
  ColumnGraph other = graph;
  for (int i = 0; i < graph.columns; ++i) {
    std::copy_n(graph.inputs.begin() + i * inputs, inputs, other.inputs.begin() + place[i] * inputs);
  }
  for (auto& edge : other.edges) edge.from = place[edge.from], edge.to = place[edge.to];
  random.shuffle(other.edges);
  const auto first = estimates_of(*network, {&graph}), second = estimates_of(*network, {&other});
  for (int i = 0; i < graph.columns; ++i) {
    for (int k = 0; k < outputs; ++k) EXPECT_NEAR(first[i].mean[k], second[place[i]].mean[k], 1e-5);
  }
}

TEST(ColumnNetwork, FieldsInABatchDoNotSeeEachOther) {
  const auto network = network_of(8, true);
  const ColumnGraph one = random_graph(10, inputs, outputs, 4), two = random_graph(6, inputs, outputs, 5);
  const auto together = estimates_of(*network, {&one, &two}), alone = estimates_of(*network, {&two});
  ASSERT_EQ(together.size(), 16U);
  for (int i = 0; i < two.columns; ++i) EXPECT_NEAR(together[10 + i].mean[1], alone[i].mean[1], 1e-5);
}

TEST(ColumnNetwork, HearsFromNeighboursAndFromTheirDirection) {
  const auto network = network_of(8, true);
  const ColumnGraph graph = random_graph(10, inputs, outputs, 4);
  ColumnGraph other = graph;
  other.inputs[inputs * std::size_t(graph.edges[0].from)] += 1;
  const int heard = graph.edges[0].to;
  const double before = estimates_of(*network, {&graph})[heard].mean[0];
  EXPECT_GT(std::abs(estimates_of(*network, {&other})[heard].mean[0] - before), 1e-4);
  const ColumnGraph rotated = turned(graph, 1, false);
  EXPECT_GT(std::abs(estimates_of(*network, {&rotated})[heard].mean[0] - before), 1e-5);
  const ColumnGraph back = turned(turned(rotated, 0, true), 1, true);
  EXPECT_NEAR(estimates_of(*network, {&back})[heard].mean[0], before, 1e-5);
}

TEST(ColumnModel, IsTheSameAfterSavingAndLoading) {
  const TemporaryFolder folder;
  auto network = std::make_unique<ColumnModel::Network>();
  network->layers = network_of(8, true);
  ColumnModel model(std::move(network));
  model.record.elements = {"Pt", "Ni"};
  model.record.inputs = inputs;
  model.record.hidden = 6;
  model.record.rounds = 2;
  model.record.seed = 17;
  model.record.scores = {{"r2", 0.5}};
  const auto file = folder.path() / "columns.h5";
  model.save(file, false);
  EXPECT_TRUE(is_column_model(file));
  const ColumnModel loaded = ColumnModel::load(file);
  EXPECT_EQ(to_json(loaded.record), to_json(model.record));
  const ColumnGraph graph = random_graph(10, inputs, outputs, 4);
  EXPECT_EQ(loaded.predict(graph)[3].mean, model.predict(graph)[3].mean);
  EXPECT_EQ(loaded.predict(graph)[3].factor, model.predict(graph)[3].factor);
}

TEST(ColumnModel, RefusesWhatIsNoModelOfColumns) {
  EXPECT_THAT(message_of([] { ColumnModel::load(std::string(COLONNADE_SOURCE_DIR) + "/models/ptnipdcofe.h5"); }),
              HasSubstr("no model of columns"));
  EXPECT_THAT(message_of([] { column_model_record(nlohmann::json{{"kind", "columns"}}, "here"); }), HasSubstr("here"));
  EXPECT_THAT(message_of([] { ColumnNetwork(3, 2, 0, 1); }), HasSubstr("makes no sense"));
}

TEST(ColumnModel, RefusesGraphsThatDoNotFit) {
  const auto network = network_of(8, true);
  const auto refused = [&](ColumnGraph graph) { return message_of([&] { estimates_of(*network, {&graph}); }); };
  ColumnGraph graph = random_graph(4, inputs, outputs, 4);
  graph.edges[0].from = 4;
  EXPECT_THAT(refused(graph), HasSubstr("an edge from 4"));
  EXPECT_THAT(refused(random_graph(4, inputs + 1, outputs, 4)), HasSubstr("inputs"));
  EXPECT_THAT(refused(random_graph(4, inputs, outputs + 1, 4)), HasSubstr("targets"));
}

}  // namespace
}  // namespace colonnade
