// SPDX-License-Identifier: GPL-3.0-or-later
// The job "evaluate": a model's counts on particles it was not trained on, beside what knowing the thickness alone
// gives and the published figures. Splits are by particle.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/columns/scores.h"
#include "colonnade/learn/model.h"

namespace colonnade {

/// True and predicted counts on the columns of some particles, rows by column, entries by element of the model.
struct CountComparison {
  std::vector<std::vector<double>> truth, predicted;
  std::vector<int> particle;  ///< per column: the index of its particle's file
};

/// Predicts on every view of the files, with counting noise at the dose (0: none), and reads the maps at the true
/// columns that lie at least `border_px` inside the image. `wanted`: which images, numbered through all files; empty:
/// all.
CountComparison compare_counts(const Model& model, const std::vector<std::filesystem::path>& files, double dose_per_A2,
                               std::uint64_t seed, double border_px = 4,
                               const std::function<bool(std::size_t image)>& wanted = {});

struct Evaluation {
  std::vector<CountScore> model, thickness_only;
  /// Fraction of the columns whose truth lies within 1 and 2 standard deviations as the model states them, per element;
  /// empty where the model has no error bars.
  std::vector<double> within_1_sd, within_2_sd;
  int particles = 0, columns = 0;
  double dose_per_A2 = 0;
  std::string particles_are;  ///< "held out from the training data" or "a dataset of their own"
};

Evaluation evaluate(const Model& model, const CountComparison& comparison);
/// Held-out particles of the model's own data, or all of another dataset. A negative dose: the one trained for.
Evaluation evaluate_model(const Model& model, const std::filesystem::path& dataset_folder, double dose_per_A2,
                          std::uint64_t seed);

/// rms error of the predictions by rounded predicted count; counts seen fewer than 20 times join their neighbours.
std::vector<CountError> count_errors(const CountComparison& comparison, std::size_t elements);

nlohmann::json to_json(const Evaluation& evaluation);
/// The rows of the table that people see; the header is that of evaluation_header().
std::vector<std::string> evaluation_header();
std::vector<std::vector<std::string>> evaluation_rows(const Evaluation& evaluation);
/// As plain text.
std::string to_text(const Evaluation& evaluation);

}  // namespace colonnade
