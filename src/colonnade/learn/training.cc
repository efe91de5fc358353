// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/training.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>
#include <memory>
#include <numbers>
#include <numeric>
#include <span>
#include <utility>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/progress.h"
#include "colonnade/core/version.h"
#include "colonnade/learn/adam.h"
#include "colonnade/learn/checkpoint.h"
#include "colonnade/learn/network.h"
#include "colonnade/learn/training_data.h"

namespace colonnade {
namespace {

/// Streams of the run's generator.
enum : std::uint64_t { weights_stream, order_stream, test_stream, epochs_stream };

nlohmann::json options_json(TrainingOptions options) {
  OptionTable table;
  options.describe(table);
  return table.to_json();
}

/// What a checkpoint must have been made with: all options but those that do not change the epochs done so far.
nlohmann::json run_identity(TrainingOptions options, const std::string& fingerprint) {
  OptionTable table;
  options.describe(table, "");
  nlohmann::json run = table.to_json();
  run.erase("device");
  if (options.schedule == "constant") run.erase("epochs");
  run["data"] = fingerprint;
  run["version"] = version;
  return run;
}

torch::Tensor on_device(const std::vector<float>& values, std::vector<std::int64_t> shape,
                        const torch::Device& device) {
  const torch::Tensor view =
      torch::from_blob(const_cast<float*>(values.data()), shape);  // NOLINT: read only, libtorch has no const view
  return view.to(device).clone(memory_layout(device));
}

class Trainer {
 public:
  Trainer(const TrainingData& data, const TrainingOptions& options, ModelRecord record, std::string fingerprint,
          std::filesystem::path work_folder)
      : data_(data),
        options_(options),
        record_(std::move(record)),
        work_folder_(std::move(work_folder)),
        device_(choose_device(options.device)),
        random_(options.seed),
        layers_(std::make_shared<ElementNetwork>(record_.widths, static_cast<int>(record_.elements.size()))) {
    Random weights = random_.stream(weights_stream);
    layers_->initialise(weights);
    layers_->to(device_);
    use_memory_layout(*layers_, device_);
    Adam::NamedTensors parameters;
    for (const auto& item : layers_->named_parameters()) parameters.emplace_back(item.key(), item.value());
    adam_ = std::make_unique<Adam>(std::move(parameters));
    checkpoint_.run = run_identity(options, fingerprint);
    list_tensors();
  }

  void resume() {
    if (read_checkpoint(work_folder_, checkpoint_)) {
      if (checkpoint_.epochs_done > options_.epochs) {
        fail("{}: {} epochs are done there, more than the {} asked for; give another work folder",
             checkpoint_file(work_folder_).string(), checkpoint_.epochs_done, options_.epochs);
      }
      adam_->set_steps(checkpoint_.steps);
      info("going on after epoch {} of {}", checkpoint_.epochs_done, options_.epochs);
    }
    truncate_log(log_file(), checkpoint_.epochs_done);
  }

  void run(const std::function<bool(int)>& stop) {
    Progress progress("training", options_.epochs * batches(), checkpoint_.epochs_done * batches());
    while (checkpoint_.epochs_done < options_.epochs) {
      one_epoch(progress);
      if (stop && stop(checkpoint_.epochs_done)) return;
    }
  }

  Model finish() {
    record_.epochs = checkpoint_.epochs_done;
    if (options_.keep_best && checkpoint_.best_epoch > 0) {
      copy_weights(best_, named_weights(*layers_));
      record_.epochs = checkpoint_.best_epoch;
    }
    layers_->eval();
    auto network = std::make_unique<Model::Network>();
    network->layers = layers_;
    network->device = device_;
    Model model(std::move(network));
    model.record = std::move(record_);
    return model;
  }

 private:
  using NamedTensors = Adam::NamedTensors;

  std::filesystem::path log_file() const { return work_folder_ / "log.jsonl"; }
  std::int64_t samples() const { return std::ssize(data_.training); }
  std::int64_t batches() const { return (samples() + options_.batch - 1) / options_.batch; }

  void list_tensors() {
    checkpoint_.tensors = named_weights(*layers_);
    for (auto& item : adam_->state()) checkpoint_.tensors.emplace_back("adam/" + item.first, item.second);
    if (!options_.keep_best) return;
    for (const auto& [name, weight] : named_weights(*layers_)) best_.emplace_back(name, weight.detach().clone());
    for (const auto& [name, weight] : best_) checkpoint_.tensors.emplace_back("best/" + name, weight);
  }

  static void copy_weights(const NamedTensors& from, NamedTensors to) {
    const torch::NoGradGuard no_gradient;
    for (std::size_t i = 0; i < from.size(); ++i) to[i].second.copy_(from[i].second);
  }

  double learning_rate() const {
    if (options_.schedule == "constant") return options_.learning_rate;
    const double done = double(adam_->steps()) / double(options_.epochs * batches());
    return options_.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * done));
  }

  std::vector<std::int64_t> shuffled_samples(int epoch) const {
    std::vector<std::int64_t> order(samples());
    std::iota(order.begin(), order.end(), 0);
    random_.stream(order_stream).stream(epoch).shuffle(order);
    return order;
  }

  void one_epoch(Progress& progress) {
    const auto start = std::chrono::steady_clock::now();
    const int epoch = checkpoint_.epochs_done + 1;
    const double training_loss = train_on_all(epoch, progress);
    const nlohmann::json line = evaluate(epoch, training_loss, start);
    append_log(log_file(), line);  // first the log: what a kill leaves too much there, the next run cuts off
    checkpoint_.epochs_done = epoch;
    checkpoint_.steps = adam_->steps();
    write_checkpoint(work_folder_, checkpoint_);
  }

  double train_on_all(int epoch, Progress& progress) {
    const std::vector<std::int64_t> order = shuffled_samples(epoch);
    const Random random = random_.stream(epochs_stream).stream(epoch);
    const auto prepare = [&](std::int64_t batch) {
      const std::int64_t begin = batch * options_.batch,
                         count = std::min<std::int64_t>(options_.batch, samples() - begin);
      return training_batch(data_.training, std::span(order).subspan(begin, count), options_, record_, random);
    };
    // With a device of its own the network need not wait for the processor to make the next batch.
    const std::launch policy = device_.is_cpu() ? std::launch::deferred : std::launch::async;
    layers_->train();
    double sum = 0;
    std::future<Batch> next = std::async(policy, prepare, 0);
    for (std::int64_t i = 0; i < batches(); ++i) {
      const Batch batch = next.get();
      if (i + 1 < batches()) next = std::async(policy, prepare, i + 1);
      const double loss = step(batch);
      if (!std::isfinite(loss)) fail("training diverged in epoch {}: the loss is {}; lower learning_rate", epoch, loss);
      sum += loss * batch.count;
      progress.note(fmt::format("epoch {}, loss {:.4g}", epoch, loss));
      progress.advance();
    }
    return sum / double(samples());
  }

  torch::Tensor images(const Batch& batch) const {
    return on_device(batch.images, {batch.count, 1, batch.height, batch.width}, device_);
  }
  torch::Tensor labels(const Batch& batch) const {
    return on_device(batch.labels, {batch.count, batch.elements, batch.height, batch.width}, device_);
  }

  double step(const Batch& batch) {
    const torch::Tensor loss = torch::mse_loss(layers_->forward(images(batch)), labels(batch));
    loss.backward();
    adam_->step(learning_rate());
    return loss.item<double>();
  }

  /// The log's line for an epoch; keeps the weights where they are the best so far and that is asked for.
  nlohmann::json evaluate(int epoch, double training_loss, std::chrono::steady_clock::time_point start) {
    nlohmann::json line{{"epoch", epoch}, {"train_loss", training_loss}, {"test_loss", nullptr}};
    if (!data_.test.empty()) {
      HeldOut held_out = test();
      line["test_loss"] = held_out.loss;
      for (std::size_t e = 0; e < record_.elements.size(); ++e) line["r2"][record_.elements[e]] = held_out.r2[e];
      if (options_.keep_best && (checkpoint_.best_epoch == 0 || held_out.loss < checkpoint_.best_loss)) {
        checkpoint_.best_epoch = epoch;
        checkpoint_.best_loss = held_out.loss;
        copy_weights(named_weights(*layers_), best_);
      }
    }
    line["learning_rate"] = learning_rate();
    line["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return line;
  }

  struct HeldOut {
    double loss = 0;
    std::vector<nlohmann::json> r2;  ///< null where the counts do not vary
  };
  HeldOut test();

  const TrainingData& data_;
  const TrainingOptions& options_;
  ModelRecord record_;
  std::filesystem::path work_folder_;
  torch::Device device_;
  Random random_;
  std::shared_ptr<ElementNetwork> layers_;
  std::unique_ptr<Adam> adam_;
  NamedTensors best_;
  Checkpoint checkpoint_;
};

/// Sums for one element's R2 over columns.
struct Regression {
  double count = 0, sum = 0, squares = 0, residuals = 0;

  void add(double truth, double predicted) {
    count += 1;
    sum += truth;
    squares += truth * truth;
    residuals += (truth - predicted) * (truth - predicted);
  }
  nlohmann::json r2() const {
    const double total = squares - sum * sum / std::max(count, 1.0);
    return total > 0 ? nlohmann::json(1 - residuals / total) : nlohmann::json();
  }
};

/// Adds the predictions at the pixels nearest to the columns; `maps`: (element, y, x).
void add_columns(const std::vector<LabelledColumn>& columns, const torch::Tensor& maps, std::vector<Regression>& sums) {
  const auto values = maps.accessor<float, 3>();
  for (const LabelledColumn& column : columns) {
    const auto x = std::lround(column.x_px), y = std::lround(column.y_px);
    if (x < 0 || y < 0 || x >= values.size(2) || y >= values.size(1)) continue;
    for (std::size_t e = 0; e < sums.size(); ++e) {
      sums[e].add(column.counts[e], std::max(0.0F, values[static_cast<std::int64_t>(e)][y][x]));
    }
  }
}

Trainer::HeldOut Trainer::test() {
  const torch::NoGradGuard no_gradient;
  layers_->eval();
  const Random random = random_.stream(test_stream);
  HeldOut result;
  std::vector<Regression> sums(record_.elements.size());
  const std::int64_t count = std::ssize(data_.test);
  for (std::int64_t begin = 0; begin < count; begin += options_.batch) {
    const std::int64_t end = std::min<std::int64_t>(count, begin + options_.batch);
    const Batch batch = test_batch(data_.test, begin, end, options_, record_, random);
    const torch::Tensor predicted = layers_->forward(images(batch));
    result.loss += torch::mse_loss(predicted, labels(batch)).item<double>() * double(end - begin) / double(count);
    const torch::Tensor maps = predicted.to(torch::kCPU);
    for (std::int64_t i = begin; i < end; ++i) add_columns(data_.test[i].columns, maps[i - begin], sums);
  }
  for (const Regression& sum : sums) result.r2.push_back(sum.r2());
  return result;
}

ModelRecord first_record(const TrainingData& data, const TrainingOptions& options, const std::string& fingerprint) {
  ModelRecord record;
  record.elements = data.elements;
  record.pixel_size_nm = data.pixel_size_nm;
  record.normalisation = options.normalisation;
  if (options.normalisation == "beam") {
    const IntensityStatistics statistics = intensity_statistics(data.training);
    record.intensity_mean = statistics.mean;
    record.intensity_deviation = statistics.deviation;
  }
  record.widths.assign(options.widths.begin(), options.widths.end());
  record.label_sigma_px = data.label_sigma_px;
  record.options = {{"dataset", data.dataset_options}, {"training", options_json(options)}};
  record.data_fingerprint = fingerprint;
  record.seed = options.seed;
  record.version = version;
  return record;
}

void check_sizes(const TrainingData& data, const TrainingOptions& options) {
  if (options.crop_px > std::min(data.height, data.width)) {
    fail("crop_px is {}, but the images are {} x {} px", options.crop_px, data.width, data.height);
  }
  if (options.largest_side(std::min(data.height, data.width)) == 0) {
    fail("the images are {} x {} px, too small for a network of {} widths", data.width, data.height,
         options.widths.size());
  }
}

}  // namespace

Model train(const std::filesystem::path& dataset_folder, const TrainingOptions& options,
            const std::filesystem::path& work_folder, const std::function<bool(int epochs_done)>& stop) {
  options.check();
  keep_freed_memory();
  const std::vector<std::filesystem::path> files = particle_files(dataset_folder);
  const std::string fingerprint = dataset_fingerprint(files);
  const TrainingData data = read_training_data(split_particles(files, options.test_fraction, options.seed));
  check_sizes(data, options);
  std::filesystem::create_directories(work_folder);
  Trainer trainer(data, options, first_record(data, options, fingerprint), fingerprint, work_folder);
  trainer.resume();
  trainer.run(stop);
  return trainer.finish();
}

}  // namespace colonnade
