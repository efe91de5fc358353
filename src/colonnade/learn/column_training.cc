// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/column_training.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <numeric>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/learn/column_network.h"
#include "colonnade/learn/fitting_run.h"

namespace colonnade {
namespace {

/// Streams of the run's generator.
enum : std::uint64_t { weights_stream, order_stream, turns_stream };

nlohmann::json run_identity(ColumnTrainingOptions options, const ColumnModelRecord& record) {
  OptionTable table;
  options.describe(table, "");
  nlohmann::json run = table.to_json();
  run["data"] = record.data_fingerprint;
  run["options"] = record.options;
  run["version"] = record.version;
  return run;
}

class ColumnTrainer {
 public:
  ColumnTrainer(const ColumnTrainingData& data, const ColumnTrainingOptions& options, ColumnModelRecord record)
      : data_(data),
        options_(options),
        record_(std::move(record)),
        random_(options.seed),
        layers_(new_network()),
        average_(new_network()) {
    record_.hidden = options.hidden;
    record_.rounds = options.rounds;
    record_.seed = options.seed;
    Random weights = random_.stream(weights_stream);
    layers_->initialise(weights);
  }

  ColumnModel train(const std::filesystem::path& work_folder, const std::function<bool(int)>& stop) {
    FittingRun run({named_weights(*layers_), named_weights(*average_), {}, {}},
                   {options_.epochs, batches(), options_.learning_rate}, run_identity(options_, record_), work_folder);
    run.run({[this](int epoch) { begin(epoch); }, [this](int epoch, std::int64_t i) { return batch_loss(epoch, i); },
             [this](nlohmann::json& line) { return test(line); }},
            stop);
    auto network = std::make_unique<ColumnModel::Network>();
    network->layers = options_.average ? average_ : layers_;
    ColumnModel model(std::move(network));
    record_.epochs = run.epochs_done();
    model.record = std::move(record_);
    return model;
  }

 private:
  int outputs() const { return static_cast<int>(record_.elements.size()); }
  std::int64_t batches() const { return (options_.fields + options_.batch - 1) / options_.batch; }
  std::shared_ptr<ColumnNetwork> new_network() const {
    return std::make_shared<ColumnNetwork>(record_.inputs, outputs(), options_.hidden, options_.rounds);
  }

  /// Each field is drawn anew every `refresh` epochs, not all in the same epoch.
  void begin(int epoch) {
    const bool first = fields_.empty();
    if (first) fields_.resize(options_.fields);
    parallel_for(options_.fields, [&](std::int64_t i, int) {
      const std::int64_t turn = epoch - 1 + i % options_.refresh;
      if (!first && turn % options_.refresh != 0) return;
      fields_[i] = data_.draw(turn / options_.refresh * options_.fields + i);
    });
    order_.resize(options_.fields);
    std::iota(order_.begin(), order_.end(), 0);
    random_.stream(order_stream).stream(epoch).shuffle(order_);
  }

  torch::Tensor batch_loss(int epoch, std::int64_t i) {
    const Random turns = random_.stream(turns_stream).stream(epoch);
    const ColumnBatch drawn = batch(i * options_.batch, turns);
    return negative_log_likelihood(layers_->forward(drawn), drawn);
  }

  ColumnBatch batch(std::int64_t begin, const Random& turns) const {
    std::vector<ColumnGraph> graphs;
    for (std::int64_t i = begin; i < std::min<std::int64_t>(begin + options_.batch, options_.fields); ++i) {
      Random own = turns.stream(static_cast<std::uint64_t>(order_[i]));
      const double angle = own.uniform(0, 2 * std::numbers::pi);
      graphs.push_back(turned(fields_[order_[i]], angle, own.below(2) == 1));
    }
    std::vector<const ColumnGraph*> pointers;
    for (const ColumnGraph& graph : graphs) pointers.push_back(&graph);
    return column_batch(pointers, record_.inputs, outputs());
  }

  std::string test(nlohmann::json& line) {
    if (data_.held_out.empty()) return "";
    const torch::NoGradGuard no_gradient;
    ColumnNetwork& network = options_.average ? *average_ : *layers_;
    double sum = 0, weight = 0;
    std::vector<std::vector<ColumnEstimate>> all;
    for (const ColumnGraph& graph : data_.held_out) {
      const ColumnGraph* only = &graph;
      const ColumnBatch batch = column_batch({&only, 1}, record_.inputs, outputs());
      const auto output = network.forward(batch);
      const double own = batch.weights.sum().item<double>();
      sum += own * negative_log_likelihood(output, batch).item<double>();
      weight += own;
      all.push_back(estimates(output));
    }
    line["test_loss"] = sum / std::max(weight, 1e-6);
    if (!data_.judge) return "";
    const nlohmann::json verdict = data_.judge(all);
    line.update(verdict);
    std::string note = fmt::format(", held out {:.4g}", line["test_loss"].get<double>());
    const nlohmann::json by_element = verdict.value("r2", nlohmann::json::object());
    for (const auto& [element, r2] : by_element.items()) {
      if (r2.is_number()) note += fmt::format(", {} {:.2f}", element, r2.get<double>());
    }
    return note;
  }

  const ColumnTrainingData& data_;
  const ColumnTrainingOptions& options_;
  ColumnModelRecord record_;
  Random random_;
  std::shared_ptr<ColumnNetwork> layers_, average_;
  std::vector<ColumnGraph> fields_;
  std::vector<std::int64_t> order_;
};

}  // namespace

void ColumnTrainingOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(prefix + "hidden", &hidden, "", "numbers that the network keeps of each column");
  table.add(prefix + "rounds", &rounds, "", "rounds of messages: how many columns far it looks");
  table.add(prefix + "epochs", &epochs, "", "after each, the held-out particles are judged");
  table.add(prefix + "fields", &fields, "", "fields of view in an epoch");
  table.add(prefix + "refresh", &refresh, "", "epochs for which the noise and signals drawn for a field are kept");
  table.add(prefix + "batch", &batch, "", "fields per step");
  table.add(prefix + "learning_rate", &learning_rate, "", "largest step size of Adam; it falls to 0 as a cosine");
  table.add(prefix + "average", &average, "", "the model is a running average of the weights");
  table.add(prefix + "seed", &seed, "", "seed of the split, the first weights and all that is drawn");
}

void ColumnTrainingOptions::check() const {
  const auto within = [](const char* name, double value, double low, double high) {
    if (!(value >= low && value <= high)) fail("{} is {}; it must lie in {} to {}", name, value, low, high);
  };
  within("hidden", hidden, 1, 4096);
  within("rounds", rounds, 0, 64);
  within("epochs", epochs, 1, 1e6);
  within("fields", fields, 1, 1e7);
  within("refresh", refresh, 1, 1e6);
  within("batch", batch, 1, 1e5);
  within("learning_rate", learning_rate, 1e-9, 10);
}

ColumnModel train_column_model(const ColumnTrainingData& data, const ColumnTrainingOptions& options,
                               ColumnModelRecord record, const std::filesystem::path& work_folder,
                               const std::function<bool(int epochs_done)>& stop) {
  options.check();
  // The arrays are small: threads of libtorch would wait for each other most of the time.
  at::set_num_threads(1);
  return ColumnTrainer(data, options, std::move(record)).train(work_folder, stop);
}

}  // namespace colonnade
