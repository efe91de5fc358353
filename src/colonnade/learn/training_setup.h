// SPDX-License-Identifier: GPL-3.0-or-later
// What a training run decides before its first step: what its checkpoints and its model carry, and whether data,
// options and memory fit each other. Only sources include this header: it brings libtorch's.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/core/process_group.h"
#include "colonnade/learn/training_scores.h"

namespace colonnade {

/// What a checkpoint must have been made with: all options but those that do not change the epochs done so far.
nlohmann::json run_identity(TrainingOptions options, const std::string& fingerprint);

/// The record of the model to be trained.
ModelRecord first_record(const TrainingData& data, const TrainingOptions& options, const std::string& fingerprint);

/// Says what memory training on these particles takes, and fails where it is not there.
void check_memory(const std::vector<std::filesystem::path>& files, const TrainingOptions& options,
                  const Placement& placement, const ProcessGroup& group);

/// Fails where the images are too small for the network or the crop.
void check_sizes(const TrainingData& data, const TrainingOptions& options);

}  // namespace colonnade
