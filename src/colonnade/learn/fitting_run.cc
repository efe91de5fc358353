// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/fitting_run.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"

namespace colonnade {
namespace {

constexpr double largest_gradient = 5;  // norm over all weights; beyond it is scaled down
constexpr double warm_up = 0.02;        // part of all steps in which the learning rate rises from 0
constexpr double averaged = 0.995;      // of the average that a step leaves

/// to = keep x to + (1 - keep) x from.
void blend(const Adam::NamedTensors& from, Adam::NamedTensors& to, double keep) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i].second.mul_(keep).add_(from[i].second, 1 - keep);
}

}  // namespace

FittingRun::FittingRun(FittedTensors tensors, const Options& options, nlohmann::json run,
                       std::filesystem::path work_folder)
    : tensors_(std::move(tensors)),
      options_(options),
      work_folder_(std::move(work_folder)),
      adam_(tensors_.parameters) {
  average(0);
  checkpoint_.run = std::move(run);
  const auto keep = [this](const std::string& prefix, const Adam::NamedTensors& list) {
    for (const auto& [name, tensor] : list) checkpoint_.tensors.emplace_back(prefix + name, tensor);
  };
  keep("", tensors_.parameters);
  keep("", tensors_.buffers);
  keep("adam/", adam_.state());
  keep("average/", tensors_.average_parameters);
  keep("average/", tensors_.average_buffers);
}

void FittingRun::resume() {
  std::filesystem::create_directories(work_folder_);
  if (read_checkpoint(work_folder_, checkpoint_)) {
    adam_.set_steps(checkpoint_.steps);
    info("going on after epoch {} of {}", checkpoint_.epochs_done, options_.epochs);
  }
  truncate_log(work_folder_ / "log.jsonl", checkpoint_.epochs_done);
}

void FittingRun::run(const Task& task, const std::function<bool(int)>& stop) {
  resume();
  Progress progress("training", options_.epochs * options_.steps, checkpoint_.epochs_done * options_.steps);
  while (checkpoint_.epochs_done < options_.epochs) {
    one_epoch(task, progress);
    if (stop && stop(checkpoint_.epochs_done)) return;
  }
}

void FittingRun::one_epoch(const Task& task, Progress& progress) {
  const auto start = std::chrono::steady_clock::now();
  const int epoch = checkpoint_.epochs_done + 1;
  if (task.begin) task.begin(epoch);
  nlohmann::json line{{"epoch", epoch}, {"train_loss", train(task, epoch, progress)}};
  if (task.test) note_ = task.test(line);
  line["learning_rate"] = learning_rate();
  line["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  append_log(work_folder_ / "log.jsonl", line);
  checkpoint_.epochs_done = epoch;
  checkpoint_.steps = adam_.steps();
  write_checkpoint(work_folder_, checkpoint_);
}

double FittingRun::train(const Task& task, int epoch, Progress& progress) {
  double sum = 0;
  for (std::int64_t i = 0; i < options_.steps; ++i) {
    const torch::Tensor loss = task.batch_loss(epoch, i);
    const double value = loss.item<double>();
    if (!std::isfinite(value)) {
      fail("training diverged in epoch {}: the loss is {}; lower learning_rate", epoch, value);
    }
    step(loss);
    sum += value;
    progress.note(fmt::format("epoch {}, loss {:.4g}{}", epoch, value, note_));
    progress.advance();
  }
  return sum / double(options_.steps);
}

void FittingRun::step(const torch::Tensor& loss) {
  loss.backward();
  bound_gradients();
  adam_.step(learning_rate());
  average(std::min(averaged, 1 - 10.0 / double(10 + adam_.steps())));
}

void FittingRun::bound_gradients() {
  torch::Tensor squares = torch::zeros({});
  for (const auto& item : tensors_.parameters) {
    if (item.second.grad().defined()) squares = squares + item.second.grad().square().sum().cpu();
  }
  const double norm = std::sqrt(squares.item<double>());
  if (!(norm > largest_gradient)) return;
  for (auto& item : tensors_.parameters) {
    if (item.second.grad().defined()) item.second.grad().mul_(largest_gradient / norm);
  }
}

void FittingRun::average(double keep) {
  const torch::NoGradGuard no_gradient;
  blend(tensors_.parameters, tensors_.average_parameters, keep);
  blend(tensors_.buffers, tensors_.average_buffers, keep);
}

double FittingRun::learning_rate() const {
  const double done = double(adam_.steps()) / double(options_.epochs * options_.steps);
  const double rise = std::min(1.0, (done + 1e-4) / warm_up);
  return options_.learning_rate * rise * 0.5 * (1 + std::cos(std::numbers::pi * std::min(done, 1.0)));
}

}  // namespace colonnade
