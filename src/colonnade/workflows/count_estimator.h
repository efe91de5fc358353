// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that counts atoms, behind one door: images of all signals and the columns' places in, for each column a
// distribution over counts out.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "colonnade/columns/bayesian_counts.h"
#include "colonnade/columns/column_signals.h"
#include "colonnade/columns/count_distribution.h"
#include "colonnade/learn/model.h"

namespace colonnade {

/// One field as measured: the images of its signals, annular detectors first, and their columns.
struct MeasuredField {
  std::vector<Image> images;
  std::vector<SignalKind> kinds;
  std::vector<Column> columns;
  Conditions conditions;  ///< empty where not known: the estimators that need them fail
};

class CountEstimator {
 public:
  virtual ~CountEstimator() = default;
  virtual std::string name() const = 0;
  /// In the order of the counts.
  virtual const std::vector<std::string>& elements() const = 0;
  /// Uses the signals that it knows, and fails where it needs others.
  virtual std::vector<CountDistribution> count(const MeasuredField& field) const = 0;
};

/// Bayes' rule with a response (bayesian_counts.h). `signals`: which to use; empty: all that the response knows.
std::unique_ptr<CountEstimator> physics_estimator(SignalResponse response, BayesianOptions options,
                                                  std::vector<std::string> signals = {});

/// What a network's maps say at the columns; its elements' order.
struct MapCounts {
  std::vector<Image> maps;  ///< at the model's pixel size
  std::vector<CountDistribution> distributions;
};
MapCounts count_on_maps(const Model& model, const Image& image, const std::vector<Column>& columns);

/// What the file holds: a response (.json) or a model (.h5).
std::unique_ptr<CountEstimator> load_estimator(const std::filesystem::path& file,
                                               std::vector<std::string> signals = {});

}  // namespace colonnade
