// SPDX-License-Identifier: GPL-3.0-or-later
// Trains a network over columns (column_network.h) by Adam and the negative log-likelihood, on graphs that are drawn
// afresh again and again and turned at random each time they are seen. Checkpointed each epoch: a killed run resumes to
// the same weights.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/learn/column_model.h"

namespace colonnade {

struct ColumnTrainingOptions {
  int hidden = 48;
  int rounds = 4;
  int epochs = 60;
  int fields = 600;  ///< per epoch
  int refresh = 3;   ///< epochs for which a drawn field is kept
  int batch = 8;     ///< fields per step
  double learning_rate = 2e-3;
  bool average = true;  ///< the model is a running average over the last steps' weights
  std::uint64_t seed = 1;
  void describe(OptionTable& table, const std::string& section = "training");
  void check() const;
};

/// Where graphs come from.
struct ColumnTrainingData {
  /// The graph of a number (any from 0 on), with targets and weights: the same number, the same graph. Called from
  /// several threads.
  std::function<ColumnGraph(std::int64_t number)> draw;
  std::vector<ColumnGraph> held_out;  ///< with targets and weights
  /// What the log gets of the estimates for the held-out graphs, e.g. {"r2": {"Pt": 0.9, ...}}.
  std::function<nlohmann::json(const std::vector<std::vector<ColumnEstimate>>&)> judge;
};

/// Checkpoints go to `work_folder` (resumed from where present; refused where made with other options or data), a line
/// of JSON per epoch to its log.jsonl: epoch, train_loss, test_loss, what `judge` says, seconds. `record` comes with
/// elements, inputs, fingerprint, version and table set. `stop` is asked after each epoch whether to end early; the
/// same call again goes on from there. The same seed gives the same weights, whatever the number of threads that draw.
ColumnModel train_column_model(const ColumnTrainingData& data, const ColumnTrainingOptions& options,
                               ColumnModelRecord record, const std::filesystem::path& work_folder,
                               const std::function<bool(int epochs_done)>& stop = {});

}  // namespace colonnade
