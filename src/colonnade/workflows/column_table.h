// SPDX-License-Identifier: GPL-3.0-or-later
// Counting by a network over columns (learn/column_model.h). Physics goes first: the thickness that a column's
// neighbours predict, and the normal posterior of its counts under the response of the signals, a random alloy of
// nominal composition at moderate order. The network is given both, and the signals, and predicts the counts in units
// of that posterior: counts = mean + factor x (what the network says). It need not learn what is known: an untrained
// one counts as physics does, signals that are absent widen the posterior by themselves, and the loss is of the order
// of one whatever the dose. What is left to learn is what physics approximates: shapes of particles, clusters, misfit.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/columns/count_distribution.h"
#include "colonnade/columns/interval_calibration.h"
#include "colonnade/columns/signal_response.h"
#include "colonnade/learn/column_model.h"

namespace colonnade {

/// A column's counts as physics alone sees them: counts = mean + factor x standard normal.
struct PhysicsView {
  std::vector<double> mean, factor;  ///< factor lower triangular, [element][element]
  double surprise = 0;               ///< as in CountDistribution
};

struct ColumnTable {
  ColumnGraph graph;
  std::vector<PhysicsView> physics;
};

/// How signals become the network's inputs: the response to all signals that the network may be given.
class ColumnTableMaker {
 public:
  /// `fractions`: the nominal composition; empty: equal.
  explicit ColumnTableMaker(SignalResponse response, std::vector<double> fractions = {});
  static ColumnTableMaker from_json(const nlohmann::json& json, const std::string& where);
  nlohmann::json to_json() const;

  const SignalResponse& response() const { return response_; }
  int inputs() const;
  /// The signals are those of the response or any of them, in any order; at least one.
  ColumnTable table(const ColumnSignals& signals) const;
  /// The same with the counts as targets; columns that are not whole weigh less.
  ColumnTable table(const KnownColumns& field) const;

 private:
  struct Signal;  // one that is present
  std::vector<Signal> present(const ColumnSignals& signals) const;

  SignalResponse response_;
  std::vector<double> fractions_;
};

/// How far distributions must be widened so that their intervals hold: for each class of signals, by element.
struct Calibration {
  std::map<std::string, std::vector<double>> widening;
  static std::string class_of(const std::vector<SignalKind>& kinds);
  /// Empty where the class is not calibrated: 1.
  std::vector<double> of(const std::vector<SignalKind>& kinds) const;
};
/// The network's estimate for a column in atoms. Bars are those of a normal distribution narrower by the variance 1/12
/// of a bar itself, so that they have the covariance that is stated.
CountDistribution counts_of(const PhysicsView& physics, const ColumnEstimate& estimate);

/// In the order of the model's elements, calibrated, with flags as count_by_physics sets them. Fails on signals that
/// the model does not know.
std::vector<CountDistribution> count_by_network(const ColumnModel& model, const ColumnSignals& signals);

}  // namespace colonnade
