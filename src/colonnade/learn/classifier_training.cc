// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/classifier_training.h"

#include <algorithm>
#include <numeric>
#include <torch/nn/functional/loss.h>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/learn/fitting_run.h"
#include "colonnade/learn/network.h"
#include "colonnade/learn/residual_network.h"

namespace colonnade {
namespace {

/// Streams of the run's generator.
enum : std::uint64_t { weights_stream, order_stream };

nlohmann::json run_identity(ClassifierTrainingOptions options, const ClassifierRecord& record) {
  OptionTable table;
  options.describe(table, "");
  nlohmann::json run = table.to_json();
  run.erase("device");
  run["data"] = record.data_fingerprint;
  run["options"] = record.options;
  run["version"] = record.version;
  return run;
}

class ClassifierTrainer {
 public:
  ClassifierTrainer(const ClassifierTrainingData& data, const ClassifierTrainingOptions& options,
                    ClassifierRecord record)
      : data_(data),
        options_(options),
        record_(std::move(record)),
        random_(options.seed),
        device_(choose_device(options.device)),
        layers_(new_network()),
        average_(new_network()) {
    record_.depth = options.depth;
    record_.width = options.width;
    record_.side_px = options.side_px;
    record_.seed = options.seed;
    Random weights = random_.stream(weights_stream);
    layers_->initialise(weights);
    layers_->to(device_);
    average_->to(device_);
    average_->eval();
  }

  ClassifierModel train(const std::filesystem::path& work_folder, const std::function<bool(int)>& stop) {
    FittingRun run({parameters_of(*layers_), parameters_of(*average_), buffers_of(*layers_), buffers_of(*average_)},
                   {options_.epochs, options_.patterns / options_.batch, options_.learning_rate},
                   run_identity(options_, record_), work_folder);
    run.run({[this](int epoch) { begin(epoch); }, [this](int, std::int64_t i) { return batch_loss(i); },
             [this](nlohmann::json& line) { return test(line); }},
            stop);
    record_.epochs = run.epochs_done();
    return finish();
  }

 private:
  std::shared_ptr<ResidualNetwork> new_network() const {
    return std::make_shared<ResidualNetwork>(options_.depth, options_.width, int(record_.classes.size()));
  }

  /// Each pattern is drawn anew every `refresh` epochs, not all in the same epoch.
  void begin(int epoch) {
    const bool first = patterns_.empty();
    if (first) patterns_.resize(std::size_t(options_.patterns));
    parallel_for(options_.patterns, [&](std::int64_t i, int) {
      const std::int64_t turn = epoch - 1 + i % options_.refresh;
      if (!first && turn % options_.refresh != 0) return;
      patterns_[std::size_t(i)] = data_.draw(turn / options_.refresh * options_.patterns + i);
    });
    order_.resize(patterns_.size());
    std::iota(order_.begin(), order_.end(), 0);
    random_.stream(order_stream).stream(std::uint64_t(epoch)).shuffle(order_);
  }

  torch::Tensor batch_loss(std::int64_t i) {
    layers_->train();
    std::vector<const std::vector<float>*> pixels;
    std::vector<std::int64_t> labels;
    const auto begin = std::size_t(i) * std::size_t(options_.batch);
    for (std::size_t k = begin; k < begin + std::size_t(options_.batch); ++k) {
      const LabelledPattern& pattern = patterns_[order_[k]];
      pixels.push_back(&pattern.pixels);
      labels.push_back(pattern.label);
    }
    const torch::Tensor logits = layers_->forward(pattern_batch(pixels, options_.side_px).to(device_));
    return torch::nn::functional::cross_entropy(logits, torch::tensor(labels, torch::kLong).to(device_));
  }

  /// A model of the averaged weights as they are now.
  ClassifierModel averaged() const {
    auto network = std::make_unique<ClassifierModel::Network>();
    network->layers = average_;
    network->device = device_;
    ClassifierModel model(std::move(network));
    model.record = record_;
    return model;
  }

  std::vector<std::vector<double>> held_out_log_probabilities() const {
    std::vector<std::vector<float>> pixels;
    for (const LabelledPattern& pattern : data_.held_out) pixels.push_back(pattern.pixels);
    return averaged().log_probabilities(pixels);
  }

  std::string test(nlohmann::json& line) const {
    if (data_.held_out.empty()) return "";
    const auto all = held_out_log_probabilities();
    double loss = 0, right = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto label = std::size_t(data_.held_out[i].label);
      loss -= all[i][label];
      right += std::max_element(all[i].begin(), all[i].end()) - all[i].begin() == std::ptrdiff_t(label);
    }
    line["test_loss"] = loss / double(all.size());
    line["test_accuracy"] = right / double(all.size());
    if (data_.judge) line.update(data_.judge(all));
    return fmt::format(", held out {:.4g}, right {:.3f}", loss / double(all.size()), right / double(all.size()));
  }

  ClassifierModel finish() {
    ClassifierModel model = averaged();
    if (data_.held_out.empty()) return model;
    std::vector<int> labels;
    for (const LabelledPattern& pattern : data_.held_out) labels.push_back(pattern.label);
    model.record.temperature = fitted_temperature(held_out_log_probabilities(), labels);
    return model;
  }

  const ClassifierTrainingData& data_;
  const ClassifierTrainingOptions& options_;
  ClassifierRecord record_;
  Random random_;
  torch::Device device_;
  std::shared_ptr<ResidualNetwork> layers_, average_;
  std::vector<LabelledPattern> patterns_;
  std::vector<std::size_t> order_;
};

}  // namespace

void ClassifierTrainingOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(prefix + "depth", &depth, "", "layers of the residual network: 18, 50 or 101");
  table.add(prefix + "width", &width, "", "channels of its first stage (64 as published)");
  table.add(prefix + "side_px", &side_px, "px", "side of the patterns that it is given");
  table.add(prefix + "epochs", &epochs, "", "after each, held-out materials are judged");
  table.add(prefix + "patterns", &patterns, "", "patterns in an epoch");
  table.add(prefix + "refresh", &refresh, "", "epochs for which a drawn pattern is kept");
  table.add(prefix + "batch", &batch, "", "patterns per step");
  table.add(prefix + "learning_rate", &learning_rate, "", "largest step size of Adam; it falls to 0 as a cosine");
  table.add(prefix + "device", &device, "", "auto, cpu or cuda");
  table.add(prefix + "seed", &seed, "", "seed of the first weights and of all that is drawn");
}

void ClassifierTrainingOptions::check() const {
  const auto within = [](const char* name, double value, double low, double high) {
    if (!(value >= low && value <= high)) fail("{} is {}; it must lie in {} to {}", name, value, low, high);
  };
  if (depth != 18 && depth != 50 && depth != 101) fail("depth is {}; it must be 18, 50 or 101", depth);
  within("width", width, 1, 1024);
  within("side_px", side_px, 32, 1024);
  within("epochs", epochs, 1, 1e6);
  within("patterns", patterns, 2, 1e7);
  within("refresh", refresh, 1, 1e6);
  within("batch", batch, 2, 1e5);
  within("learning_rate", learning_rate, 1e-9, 10);
  if (batch > patterns)
    fail("a batch of {} is more than the {} patterns of an epoch; make it smaller", batch, patterns);
}

ClassifierModel train_classifier(const ClassifierTrainingData& data, const ClassifierTrainingOptions& options,
                                 ClassifierRecord record, const std::filesystem::path& work_folder,
                                 const std::function<bool(int epochs_done)>& stop) {
  options.check();
  keep_freed_memory();
  return ClassifierTrainer(data, options, std::move(record)).train(work_folder, stop);
}

}  // namespace colonnade
