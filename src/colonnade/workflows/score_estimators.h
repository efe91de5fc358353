// SPDX-License-Identifier: GPL-3.0-or-later
// The job "score": everything that counts atoms, on the same columns of a dataset that none of it has seen, beside what
// the thickness alone gives, the published figures, and the best that is possible.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/columns/scores.h"
#include "colonnade/core/options.h"

namespace colonnade {

struct ScoreOptions {
  std::uint64_t seed = 1;
  std::vector<std::string> models;              ///< files of networks
  std::string response;                         ///< file; empty: no physics and no bounds
  double dose_per_A2 = 50000;                   ///< of the annular signals
  std::vector<double> x_ray_counts{5, 20, 80};  ///< per atom, on average over elements and columns
  std::vector<double> fractions;                ///< of the alloy, as told to physics and bounds; empty: equal
  OptionTable table();
  void check() const;
};

struct ScoreRow {
  std::string who, signals;
  std::vector<CountScore> scores;  ///< per element
};

struct ScoreTable {
  std::vector<std::string> elements;
  std::vector<ScoreRow> rows;
  int particles = 0, columns = 0;
  double dose_per_A2 = 0;
  std::vector<double> x_ray_doses_per_A2;  ///< what those counts take
};

/// Only columns whose cell and neighbours lie inside the field count, for all rows alike.
ScoreTable score_estimators(const std::filesystem::path& dataset_folder, const ScoreOptions& options);

nlohmann::json to_json(const ScoreTable& table);
std::string to_text(const ScoreTable& table);
/// As a Markdown table: R2, exact and within one in each cell, then coverage.
std::string to_markdown(const ScoreTable& table);

}  // namespace colonnade
