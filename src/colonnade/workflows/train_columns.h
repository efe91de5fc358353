// SPDX-License-Identifier: GPL-3.0-or-later
// The job "train-columns": a network over columns (column_table.h), trained on columns of a simulated dataset and on
// many more whose signals are drawn from the response fitted to that dataset; each time with other signals, doses and
// noise. Scored and calibrated on particles of the dataset that neither the network nor the response has seen.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/columns/scores.h"
#include "colonnade/core/options.h"
#include "colonnade/learn/column_training.h"
#include "colonnade/workflows/measured_field.h"

namespace colonnade {

struct TrainColumnsOptions {
  std::string dataset;  ///< folder
  std::string model = "columns.h5";
  double test_fraction = 0.25;   ///< of the particles, held out
  int drawn_particles = 600;     ///< whose signals are drawn from the response
  double drawn_share = 0.6;      ///< of the fields that the network sees
  Range annular_dose{1e3, 1e6};  ///< electrons per square Angstrom, drawn evenly in its logarithm
  Range xray_counts{3, 200};     ///< per atom, likewise
  ColumnTrainingOptions training;
  OptionTable table();
  void check() const;
};

/// Signals and doses that a model is judged with.
struct JudgedSignals {
  std::string name;                  ///< "HAADF, 5e4 e/A^2"
  std::vector<std::string> signals;  ///< as chosen_signals() reads them
  Doses doses;
};

/// Estimates of one kind on held-out particles, per element.
struct JudgedScores {
  std::string name;
  int columns = 0;
  /// Of the network (calibrated on the other half of the held-out particles), of physics alone, of the bound of the
  /// image, and of knowing the thickness only.
  std::vector<CountScore> network, physics, bound, thickness_only;
};
nlohmann::json to_json(const std::vector<JudgedScores>& scores);
std::string to_text(const std::vector<JudgedScores>& scores);

/// Trains (resuming from checkpoints beside the model file), calibrates, scores, and writes the model.
std::vector<JudgedScores> train_columns(const TrainColumnsOptions& options);

}  // namespace colonnade
