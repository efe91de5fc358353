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
#include "colonnade/learn/augmentation_tensor.h"
#include "colonnade/learn/checkpoint.h"
#include "colonnade/learn/training_setup.h"
#include "colonnade/learn/training_step.h"

namespace colonnade {
namespace {

using Clock = std::chrono::steady_clock;

/// Streams of the run's generator.
enum : std::uint64_t { weights_stream, order_stream, test_stream, epochs_stream, training_score_stream };

/// Of how many training samples the log states R2: enough to see a curve, few enough to cost nothing.
constexpr std::int64_t scored_training_samples = 64;

/// Of quick epochs not every one is worth a line to people; the log has them all.
constexpr double seconds_between_lines = 1;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// At most `most` of `count`, evenly spread.
std::vector<std::int64_t> spread(std::int64_t count, std::int64_t most) {
  std::vector<std::int64_t> indices(std::min(count, most));
  for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = std::int64_t(i) * count / std::ssize(indices);
  return indices;
}

std::shared_ptr<ElementNetwork> first_network(const ModelRecord& record, const Placement& placement, Random random) {
  auto network = std::make_shared<ElementNetwork>(record.widths, static_cast<int>(record.elements.size()));
  network->initialise(random);
  network->to(placement.device);
  use_memory_layout(*network, placement.layout());
  return network;
}

void copy_weights(const Adam::NamedTensors& from, Adam::NamedTensors to) {
  const torch::NoGradGuard no_gradient;
  for (std::size_t i = 0; i < from.size(); ++i) to[i].second.copy_(from[i].second);
}

class Trainer {
 public:
  Trainer(const TrainingData& data, const TrainingOptions& options, ModelRecord record, std::string fingerprint,
          std::filesystem::path work_folder, const Placement& placement)
      : data_(data),
        options_(options),
        record_(std::move(record)),
        work_folder_(std::move(work_folder)),
        placement_(placement),
        random_(options.seed),
        layers_(first_network(record_, placement, random_.stream(weights_stream))),
        step_(layers_, placement.device, placement.precision, placement.among),
        scored_(spread(samples(), scored_training_samples)),
        test_(spread(std::ssize(data.test), std::ssize(data.test))) {
    checkpoint_.run = run_identity(options, fingerprint);
    list_tensors();
  }

  void resume() {
    if (first_process() && read_checkpoint(work_folder_, checkpoint_) && checkpoint_.epochs_done > options_.epochs) {
      fail("{}: {} epochs are done there, more than the {} asked for; give another work folder",
           checkpoint_file(work_folder_).string(), checkpoint_.epochs_done, options_.epochs);
    }
    share_checkpoint();
    if (first_process()) truncate_log(log_file(), checkpoint_.epochs_done);
    if (checkpoint_.epochs_done == 0) return;
    step_.adam().set_steps(checkpoint_.steps);
    step_.loss_scale().restore(checkpoint_.loss_scale, checkpoint_.good_steps);
    info("going on after epoch {} of {}", checkpoint_.epochs_done, options_.epochs);
  }

  void run(const std::function<bool(int)>& stop) {
    Progress progress(first_process() ? "training" : "", options_.epochs * batches(),
                      checkpoint_.epochs_done * batches());
    const Clock::time_point start = Clock::now();
    Clock::time_point said = start;
    const int first = checkpoint_.epochs_done;
    while (checkpoint_.epochs_done < options_.epochs && !out_of_patience()) {
      std::string line = one_epoch(progress);
      const int done = checkpoint_.epochs_done - first, left = options_.epochs - checkpoint_.epochs_done;
      if (left > 0) line += "; " + format_duration(seconds_since(start) / done * left) + " left";
      const bool last = left == 0 || out_of_patience();
      if (first_process() && (last || done == 1 || seconds_since(said) > seconds_between_lines)) {
        progress.say(line);
        said = Clock::now();
      }
      if (stop && stop(checkpoint_.epochs_done)) return;
    }
    if (!out_of_patience()) return;
    info("training ends: {} epochs without a smaller held-out loss than that of epoch {}",
         checkpoint_.epochs_done - checkpoint_.best_epoch, checkpoint_.best_epoch);
  }

  Model finish() {
    if (placement_.among != nullptr) placement_.among->wait_for_all();
    record_.epochs = checkpoint_.epochs_done;
    if (options_.keep_best && checkpoint_.best_epoch > 0) {
      copy_weights(best_, named_weights(*layers_));
      record_.epochs = checkpoint_.best_epoch;
    }
    layers_->share_batches({});
    layers_->eval();
    auto network = std::make_unique<Model::Network>();
    network->layers = layers_;
    network->device = placement_.device;
    Model model(std::move(network));
    model.record = std::move(record_);
    return model;
  }

 private:
  using NamedTensors = Adam::NamedTensors;

  std::filesystem::path log_file() const { return work_folder_ / "log.jsonl"; }
  std::int64_t samples() const { return std::ssize(data_.training); }
  std::int64_t batches() const { return (samples() + options_.batch - 1) / options_.batch; }
  int processes() const { return placement_.among != nullptr ? placement_.among->size() : 1; }
  int rank() const { return placement_.among != nullptr ? placement_.among->rank() : 0; }
  bool first_process() const { return rank() == 0; }

  void list_tensors() {
    checkpoint_.tensors = named_weights(*layers_);
    for (auto& item : step_.adam().state()) checkpoint_.tensors.emplace_back("adam/" + item.first, item.second);
    if (!options_.keep_best) return;
    for (const auto& [name, weight] : named_weights(*layers_)) best_.emplace_back(name, weight.detach().clone());
    for (const auto& [name, weight] : best_) checkpoint_.tensors.emplace_back("best/" + name, weight);
  }

  /// What the first process read goes to all: only it has to see the work folder.
  void share_checkpoint() {
    if (placement_.among == nullptr) return;
    Checkpoint& c = checkpoint_;
    torch::Tensor numbers = torch::tensor(
        {double(c.epochs_done), double(c.steps), c.best_loss, double(c.best_epoch), c.loss_scale, double(c.good_steps)},
        torch::kDouble);
    placement_.among->broadcast(numbers);
    const auto number = numbers.accessor<double, 1>();
    c.epochs_done = static_cast<int>(number[0]);
    c.steps = static_cast<std::int64_t>(number[1]);
    c.best_loss = number[2];
    c.best_epoch = static_cast<int>(number[3]);
    c.loss_scale = number[4];
    c.good_steps = static_cast<int>(number[5]);
    step_.share(c.tensors);
  }

  bool out_of_patience() const {
    if (options_.patience == 0) return false;
    const int waited = checkpoint_.epochs_done - checkpoint_.best_epoch;
    return waited >= options_.patience;
  }

  double learning_rate() {
    if (options_.schedule == "constant") return options_.learning_rate;
    const double done = double(step_.adam().steps()) / double(options_.epochs * batches());
    return options_.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * done));
  }

  std::vector<std::int64_t> shuffled_samples(int epoch) const {
    std::vector<std::int64_t> order(samples());
    std::iota(order.begin(), order.end(), 0);
    random_.stream(order_stream).stream(epoch).shuffle(order);
    return order;
  }

  /// What to tell people of it.
  std::string one_epoch(Progress& progress) {
    const auto start = Clock::now();
    const int epoch = checkpoint_.epochs_done + 1;
    const double training_loss = train_on_all(epoch, progress);
    nlohmann::json line{{"epoch", epoch}, {"train_loss", training_loss}};
    std::string text = fmt::format("epoch {}/{}: loss {:.4g}", epoch, options_.epochs, training_loss);
    evaluate(epoch, line, text);
    line["learning_rate"] = learning_rate();
    line["seconds"] = seconds_since(start);
    keep(epoch, line);
    return text;
  }

  void keep(int epoch, const nlohmann::json& line) {
    checkpoint_.epochs_done = epoch;
    checkpoint_.steps = step_.adam().steps();
    checkpoint_.loss_scale = step_.loss_scale().value();
    checkpoint_.good_steps = step_.loss_scale().good_steps();
    step_.share(named_weights(*layers_));  // the same already; this keeps a processor's own rounding from adding up
    if (!first_process()) return;
    append_log(log_file(), line);  // first the log: what a kill leaves too much there, the next run cuts off
    write_checkpoint(work_folder_, checkpoint_);
  }

  /// This process's samples of a batch; where there are fewer than processes, some compute along on the first.
  struct Part {
    std::span<const std::int64_t> samples;
    std::int64_t count = 0, whole = 0;
  };
  Part part_of_batch(std::span<const std::int64_t> order, std::int64_t batch) const {
    const std::int64_t begin = batch * options_.batch,
                       whole = std::min<std::int64_t>(options_.batch, samples() - begin);
    const std::int64_t from = whole * rank() / processes(), to = whole * (rank() + 1) / processes();
    if (from == to) return {order.subspan(begin, 1), 0, whole};
    return {order.subspan(begin + from, to - from), to - from, whole};
  }

  TensorBatch make_batch(std::span<const std::int64_t> samples, const Random& random) const {
    if (placement_.device.is_cpu()) {
      const Batch batch = training_batch(data_.training, samples, options_, record_, random);
      return {images_tensor(batch, placement_), labels_tensor(batch, placement_)};
    }
    TensorBatch batch = training_batch_on(placement_.device, data_.training, samples, options_, record_, random);
    batch.images = batch.images.contiguous(placement_.layout());
    batch.labels = batch.labels.contiguous(placement_.layout());
    return batch;
  }

  double train_on_all(int epoch, Progress& progress) {
    const std::vector<std::int64_t> order = shuffled_samples(epoch);
    const Random random = random_.stream(epochs_stream).stream(epoch);
    const auto prepare = [&](std::int64_t batch) { return make_batch(part_of_batch(order, batch).samples, random); };
    // With a device of its own the network need not wait for the processor's part in the next batch.
    const std::launch policy = placement_.device.is_cpu() ? std::launch::deferred : std::launch::async;
    layers_->train();
    double sum = 0;
    std::future<TensorBatch> next = std::async(policy, prepare, 0);
    for (std::int64_t i = 0; i < batches(); ++i) {
      const TensorBatch batch = next.get();
      if (i + 1 < batches()) next = std::async(policy, prepare, i + 1);
      const Part part = part_of_batch(order, i);
      const double loss = step_.run(batch.images, batch.labels, part.count, part.whole, learning_rate());
      if (!std::isfinite(loss)) fail("training diverged in epoch {}: the loss is {}; lower learning_rate", epoch, loss);
      sum += loss * double(part.whole);
      progress.note(fmt::format("epoch {}, loss {:.4g}", epoch, loss));
      progress.advance();
    }
    return sum / double(samples());
  }

  /// Adds to the log's line and to the text for people; keeps the weights where they are the best so far and that is
  /// asked for.
  void evaluate(int epoch, nlohmann::json& line, std::string& text) {
    const SampleScores training = score_samples(*layers_, placement_, data_.training, scored_, options_, record_,
                                                random_.stream(training_score_stream));
    line["train_r2"] = r2_json(training, record_.elements);
    line["test_loss"] = nullptr;
    if (data_.test.empty()) {
      text += ", R2 " + r2_text(training, record_.elements);
      return;
    }
    const SampleScores held_out =
        score_samples(*layers_, placement_, data_.test, test_, options_, record_, random_.stream(test_stream));
    line["test_loss"] = held_out.loss;
    line["r2"] = r2_json(held_out, record_.elements);
    text += fmt::format(", held out {:.4g}, R2 {}", held_out.loss, r2_text(held_out, record_.elements));
    const bool better = checkpoint_.best_epoch == 0 || held_out.loss < checkpoint_.best_loss;
    if (!std::isfinite(held_out.loss) || !better) return;
    checkpoint_.best_epoch = epoch;
    checkpoint_.best_loss = held_out.loss;
    if (options_.keep_best) copy_weights(named_weights(*layers_), best_);
  }

  const TrainingData& data_;
  const TrainingOptions& options_;
  ModelRecord record_;
  std::filesystem::path work_folder_;
  Placement placement_;
  Random random_;
  std::shared_ptr<ElementNetwork> layers_;
  TrainingStep step_;
  std::vector<std::int64_t> scored_, test_;  ///< samples that are scored after each epoch
  NamedTensors best_;
  Checkpoint checkpoint_;
};

}  // namespace

Model train(const std::filesystem::path& dataset_folder, const TrainingOptions& options,
            const std::filesystem::path& work_folder, const std::function<bool(int epochs_done)>& stop,
            const ProcessGroup& group) {
  options.check();
  keep_freed_memory();
  Placement placement;
  placement.device = choose_device(options.device, group.local_rank);
  placement.precision = choose_precision(options.precision, placement.device);
  const std::vector<std::filesystem::path> files = particle_files(dataset_folder);
  const std::string fingerprint = dataset_fingerprint(files);
  std::unique_ptr<Collective> among;
  if (group.size > 1) among = join_processes(group, meeting_point(group), placement.device);
  placement.among = among.get();
  if (among) among->require_same(run_identity(options, fingerprint).dump(), "dataset or other options");
  check_memory(files, options, placement, group);
  const TrainingData data = read_training_data(files, options);
  check_sizes(data, options);
  if (group.rank == 0) std::filesystem::create_directories(work_folder);
  Trainer trainer(data, options, first_record(data, options, fingerprint), fingerprint, work_folder, placement);
  trainer.resume();
  trainer.run(stop);
  return trainer.finish();
}

}  // namespace colonnade
