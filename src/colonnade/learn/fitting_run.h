// SPDX-License-Identifier: GPL-3.0-or-later
// The epochs of a run that fits a network: a learning rate that rises, then falls to 0 as a cosine, Adam with bounded
// gradients, a running average of the weights, a checkpoint and a line of the log after each epoch. Only sources of
// this room include this header: it brings libtorch.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <torch/types.h>

#include "colonnade/core/progress.h"
#include "colonnade/learn/adam.h"
#include "colonnade/learn/checkpoint.h"

namespace colonnade {

/// A network's tensors and, tensor by tensor, those of a second network that becomes the running average.
struct FittedTensors {
  Adam::NamedTensors parameters, average_parameters;
  Adam::NamedTensors buffers, average_buffers;  ///< running statistics, which have no gradient
};

class FittingRun {
 public:
  struct Options {
    int epochs = 1;
    std::int64_t steps = 1;  ///< per epoch
    double learning_rate = 1e-3;
  };
  struct Task {
    std::function<void(int epoch)> begin;                                   ///< draws what the epoch needs
    std::function<torch::Tensor(int epoch, std::int64_t step)> batch_loss;  ///< a scalar with its graph
    /// Adds what held-out data say to the epoch's line of the log; returns a note for the progress line.
    std::function<std::string(nlohmann::json& line)> test;
  };

  /// `run`: all that the result depends on, which a checkpoint is refused by where it differs.
  FittingRun(FittedTensors tensors, const Options& options, nlohmann::json run, std::filesystem::path work_folder);

  /// Goes on from the checkpoint where there is one, up to the last epoch or until `stop` says so after an epoch.
  void run(const Task& task, const std::function<bool(int epochs_done)>& stop = {});
  int epochs_done() const { return checkpoint_.epochs_done; }

 private:
  void resume();
  void one_epoch(const Task& task, Progress& progress);
  double train(const Task& task, int epoch, Progress& progress);
  void step(const torch::Tensor& loss);
  void bound_gradients();
  void average(double keep);
  double learning_rate() const;

  FittedTensors tensors_;
  Options options_;
  std::filesystem::path work_folder_;
  Adam adam_;
  Checkpoint checkpoint_;
  std::string note_;
};

}  // namespace colonnade
