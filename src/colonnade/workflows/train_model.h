// SPDX-License-Identifier: GPL-3.0-or-later
// The job "train": a network on a dataset, scored and its error bars calibrated on particles it has not seen.
#pragma once

#include <filesystem>
#include <string>

#include "colonnade/core/options.h"
#include "colonnade/learn/training.h"
#include "colonnade/workflows/evaluate_model.h"

namespace colonnade {

struct TrainModelOptions {
  std::string dataset;  ///< folder
  std::string model = "model.h5";
  TrainingOptions training;
  OptionTable table();
};

/// Trains (resuming from checkpoints beside the model file), then splits the held-out particles in two: one half
/// calibrates the error bars, the other checks them. Returns the scores on all held-out particles; the coverage of the
/// error bars is that of the second half. With several processes all train, and the first alone scores and writes the
/// model; the others get no scores.
Evaluation train_model(const TrainModelOptions& options, const ProcessGroup& group = {});

}  // namespace colonnade
