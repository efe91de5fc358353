// SPDX-License-Identifier: GPL-3.0-or-later
// Trains a residual network (residual_network.h) to classify patterns, by Adam and cross-entropy, on patterns drawn
// afresh again and again. Checkpointed each epoch: a killed run resumes to the same weights.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/learn/classifier_model.h"

namespace colonnade {

struct ClassifierTrainingOptions {
  int depth = 18;
  int width = 32;
  int side_px = 64;
  int epochs = 30;
  int patterns = 20000;  ///< per epoch
  int refresh = 2;       ///< epochs for which a drawn pattern is kept
  int batch = 64;        ///< patterns per step; what an epoch has left over waits for the next one
  double learning_rate = 2e-3;
  std::string device = "auto";  ///< auto, cpu, cuda
  std::uint64_t seed = 1;
  void describe(OptionTable& table, const std::string& section = "training");
  void check() const;
};

/// A square of side_px x side_px numbers of the order of 1, and its class.
struct LabelledPattern {
  std::vector<float> pixels;
  int label = 0;
};

/// Where patterns come from.
struct ClassifierTrainingData {
  /// The pattern of a number (any from 0 on): the same number, the same pattern. Called from several threads.
  std::function<LabelledPattern(std::int64_t number)> draw;
  std::vector<LabelledPattern> held_out;
  /// What the log gets of the logarithms of probabilities for the held-out patterns, e.g. {"accuracy": 0.9}; optional.
  std::function<nlohmann::json(const std::vector<std::vector<double>>&)> judge;
};

/// Checkpoints go to `work_folder` (resumed from where present; refused where made with other options or data), a line
/// of JSON per epoch to its log.jsonl: epoch, train_loss, test_loss, test_accuracy, what `judge` says, seconds.
/// `record` comes with classes, meaning, options, fingerprint and version set. `stop` is asked after each epoch whether
/// to end early; the same call again goes on from there. The model is the running average of the weights; its
/// temperature is fitted to the held-out patterns. On a CPU the same seed and thread count give the same weights.
ClassifierModel train_classifier(const ClassifierTrainingData& data, const ClassifierTrainingOptions& options,
                                 ClassifierRecord record, const std::filesystem::path& work_folder,
                                 const std::function<bool(int epochs_done)>& stop = {});

}  // namespace colonnade
