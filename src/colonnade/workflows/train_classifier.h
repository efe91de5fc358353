// SPDX-License-Identifier: GPL-3.0-or-later
// The job "train-classifier": a residual network that says which look a diffraction pattern has, and so which space
// groups it can come from (pattern_materials.h), trained on patterns drawn afresh (pattern_drawing.h) of materials that
// neither its validation nor its test has. The case of Jeong, Ra, Jeong and Lee, RSC Adv. 14, 18489 (2024), is
// `--defects false`; what they ask for in the end is `--defects true`.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "colonnade/learn/classifier_training.h"
#include "colonnade/workflows/group_evidence.h"
#include "colonnade/workflows/pattern_drawing.h"

namespace colonnade {

struct TrainClassifierOptions {
  std::string model = "classifier.h5";
  bool defects = true;                               ///< train over defects; else on perfect crystals at rest
  int variants = 150;                                ///< materials per group, real ones and others with their symmetry
  double validation_share = 0.12, test_share = 0.2;  ///< of the materials of each group
  int validation_patterns = 1000;
  ClassifierTrainingOptions training;
  OptionTable table();
  void check() const;
};

/// Trains (resuming from checkpoints beside the model file) and writes the model. Returns its record.
nlohmann::json train_classifier_job(const TrainClassifierOptions& options);

/// What a trained model's classes mean: names of looks, P(look | group), the materials of its split.
struct ClassifierMeaning {
  std::vector<std::string> looks;                       ///< the last is "none of these"
  std::vector<std::vector<double>> look_shares;         ///< [group][look]
  std::vector<std::string> training, validation, test;  ///< names of materials
  bool defects = true;
};
nlohmann::json to_json(const ClassifierMeaning& meaning);
/// Fails, naming `where`, on a record that is not of patterns.
ClassifierMeaning classifier_meaning(const nlohmann::json& json, const std::string& where);

}  // namespace colonnade
