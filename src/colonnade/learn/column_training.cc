// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/column_training.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <numbers>
#include <numeric>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/parallel.h"
#include "colonnade/core/progress.h"
#include "colonnade/learn/adam.h"
#include "colonnade/learn/checkpoint.h"
#include "colonnade/learn/column_network.h"

namespace colonnade {
namespace {

/// Streams of the run's generator.
enum : std::uint64_t { weights_stream, order_stream, turns_stream };

constexpr double largest_gradient = 5;  // norm over all weights; beyond it is scaled down
constexpr double warm_up = 0.02;        // part of all steps in which the learning rate rises from 0
constexpr double averaged = 0.995;      // of the average that a step leaves

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
  ColumnTrainer(const ColumnTrainingData& data, const ColumnTrainingOptions& options, ColumnModelRecord record,
                std::filesystem::path work_folder)
      : data_(data),
        options_(options),
        record_(std::move(record)),
        work_folder_(std::move(work_folder)),
        random_(options.seed),
        layers_(new_network()),
        average_(new_network()) {
    record_.hidden = options.hidden;
    record_.rounds = options.rounds;
    record_.seed = options.seed;
    Random weights = random_.stream(weights_stream);
    layers_->initialise(weights);
    copy_weights(*layers_, *average_, 0);
    adam_ = std::make_unique<Adam>(named_weights(*layers_));
    checkpoint_.run = run_identity(options, record_);
    checkpoint_.tensors = named_weights(*layers_);
    for (auto& item : adam_->state()) checkpoint_.tensors.emplace_back("adam/" + item.first, item.second);
    for (auto& item : named_weights(*average_)) checkpoint_.tensors.emplace_back("average/" + item.first, item.second);
  }

  void resume() {
    if (read_checkpoint(work_folder_, checkpoint_)) {
      adam_->set_steps(checkpoint_.steps);
      info("going on after epoch {} of {}", checkpoint_.epochs_done, options_.epochs);
    }
    truncate_log(work_folder_ / "log.jsonl", checkpoint_.epochs_done);
  }

  void run(const std::function<bool(int)>& stop) {
    Progress progress("training", options_.epochs * batches(), checkpoint_.epochs_done * batches());
    while (checkpoint_.epochs_done < options_.epochs) {
      one_epoch(progress);
      if (stop && stop(checkpoint_.epochs_done)) return;
    }
  }

  ColumnModel finish() {
    auto network = std::make_unique<ColumnModel::Network>();
    network->layers = options_.average ? average_ : layers_;
    ColumnModel model(std::move(network));
    record_.epochs = checkpoint_.epochs_done;
    model.record = std::move(record_);
    return model;
  }

 private:
  int outputs() const { return static_cast<int>(record_.elements.size()); }
  std::int64_t batches() const { return (options_.fields + options_.batch - 1) / options_.batch; }
  std::shared_ptr<ColumnNetwork> new_network() const {
    return std::make_shared<ColumnNetwork>(record_.inputs, outputs(), options_.hidden, options_.rounds);
  }

  /// to = keep x to + (1 - keep) x from.
  static void copy_weights(const ColumnNetwork& from, const ColumnNetwork& to, double keep) {
    const torch::NoGradGuard no_gradient;
    const auto source = named_weights(from);
    auto target = named_weights(to);
    for (std::size_t i = 0; i < source.size(); ++i) {
      target[i].second.mul_(keep).add_(source[i].second, 1 - keep);
    }
  }

  double learning_rate() const {
    const double done = double(adam_->steps()) / double(options_.epochs * batches());
    const double rise = std::min(1.0, (done + 1e-4) / warm_up);
    return options_.learning_rate * rise * 0.5 * (1 + std::cos(std::numbers::pi * std::min(done, 1.0)));
  }

  /// Each field is drawn anew every `refresh` epochs, not all in the same epoch.
  void draw(int epoch) {
    const bool first = fields_.empty();
    if (first) fields_.resize(options_.fields);
    parallel_for(options_.fields, [&](std::int64_t i, int) {
      const std::int64_t turn = epoch - 1 + i % options_.refresh;
      if (!first && turn % options_.refresh != 0) return;
      fields_[i] = data_.draw(turn / options_.refresh * options_.fields + i);
    });
  }

  void one_epoch(Progress& progress) {
    const auto start = std::chrono::steady_clock::now();
    const int epoch = checkpoint_.epochs_done + 1;
    draw(epoch);
    nlohmann::json line{{"epoch", epoch}, {"train_loss", train_on_all(epoch, progress)}};
    test(line);
    line["learning_rate"] = learning_rate();
    line["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    append_log(work_folder_ / "log.jsonl", line);
    checkpoint_.epochs_done = epoch;
    checkpoint_.steps = adam_->steps();
    write_checkpoint(work_folder_, checkpoint_);
  }

  ColumnBatch batch(const std::vector<std::int64_t>& order, std::int64_t begin, const Random& turns) const {
    std::vector<ColumnGraph> graphs;
    for (std::int64_t i = begin; i < std::min<std::int64_t>(begin + options_.batch, options_.fields); ++i) {
      Random own = turns.stream(static_cast<std::uint64_t>(order[i]));
      const double angle = own.uniform(0, 2 * std::numbers::pi);
      graphs.push_back(turned(fields_[order[i]], angle, own.below(2) == 1));
    }
    std::vector<const ColumnGraph*> pointers;
    for (const ColumnGraph& graph : graphs) pointers.push_back(&graph);
    return column_batch(pointers, record_.inputs, outputs());
  }

  double train_on_all(int epoch, Progress& progress) {
    std::vector<std::int64_t> order(options_.fields);
    std::iota(order.begin(), order.end(), 0);
    random_.stream(order_stream).stream(epoch).shuffle(order);
    const Random turns = random_.stream(turns_stream).stream(epoch);
    double sum = 0;
    for (std::int64_t i = 0; i < batches(); ++i) {
      const double loss = step(batch(order, i * options_.batch, turns));
      if (!std::isfinite(loss)) fail("training diverged in epoch {}: the loss is {}; lower learning_rate", epoch, loss);
      sum += loss;
      progress.note(fmt::format("epoch {}, loss {:.4g}{}", epoch, loss, note_));
      progress.advance();
    }
    return sum / double(batches());
  }

  double step(const ColumnBatch& batch) {
    const torch::Tensor loss = negative_log_likelihood(layers_->forward(batch), batch);
    loss.backward();
    double squares = 0;
    for (const auto& item : named_weights(*layers_)) {
      if (item.second.grad().defined()) squares += item.second.grad().square().sum().item<double>();
    }
    if (const double norm = std::sqrt(squares); norm > largest_gradient) {
      for (auto& item : named_weights(*layers_)) {
        if (item.second.grad().defined()) item.second.grad().mul_(largest_gradient / norm);
      }
    }
    adam_->step(learning_rate());
    copy_weights(*layers_, *average_, std::min(averaged, 1 - 10.0 / double(10 + adam_->steps())));
    return loss.item<double>();
  }

  void test(nlohmann::json& line) {
    if (data_.held_out.empty()) return;
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
    if (!data_.judge) return;
    const nlohmann::json verdict = data_.judge(all);
    line.update(verdict);
    note_ = fmt::format(", held out {:.4g}", line["test_loss"].get<double>());
    const nlohmann::json by_element = verdict.value("r2", nlohmann::json::object());
    for (const auto& [element, r2] : by_element.items()) {
      if (r2.is_number()) note_ += fmt::format(", {} {:.2f}", element, r2.get<double>());
    }
  }

  const ColumnTrainingData& data_;
  const ColumnTrainingOptions& options_;
  ColumnModelRecord record_;
  std::filesystem::path work_folder_;
  Random random_;
  std::shared_ptr<ColumnNetwork> layers_, average_;
  std::unique_ptr<Adam> adam_;
  std::vector<ColumnGraph> fields_;
  std::string note_;
  Checkpoint checkpoint_;
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
  std::filesystem::create_directories(work_folder);
  ColumnTrainer trainer(data, options, std::move(record), work_folder);
  trainer.resume();
  trainer.run(stop);
  return trainer.finish();
}

}  // namespace colonnade
