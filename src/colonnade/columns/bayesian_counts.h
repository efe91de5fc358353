// SPDX-License-Identifier: GPL-3.0-or-later
// Counts of a whole particle by physics alone: the response of the signals as the likelihood, and as the prior the
// alloy's composition and a thickness that is smooth from column to column. No training; any elements that the response
// was calibrated for. The alloy's composition, how much columns differ from it, and the roughness of the surface are
// found from the particle itself, by their evidence.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/columns/count_distribution.h"
#include "colonnade/columns/count_posterior.h"
#include "colonnade/columns/local_composition.h"
#include "colonnade/columns/signal_response.h"
#include "colonnade/columns/thickness_surface.h"
#include "colonnade/core/options.h"

namespace colonnade {

struct BayesianOptions {
  std::uint64_t seed = 1;
  std::vector<double> fractions;    ///< of the alloy as far as known; empty: equal
  double composition_spread = 0.1;  ///< relative standard deviation of each fraction
  double absolute_gain = 1;         ///< of annular signals against calculation
  double gain_spread = 0;           ///< relative standard deviation of that gain: common to all columns
  void describe(OptionTable& table, const std::string& section = "counts");
  void check() const;
};

/// What was found for the particle as a whole.
struct AlloyState {
  std::vector<double> fractions;
  LocalOrder order;
  SurfaceParameters surface;
  double gain = 1;
  nlohmann::json to_json(const std::vector<std::string>& elements) const;
};

struct BayesianCounts {
  std::vector<CountDistribution> columns;
  AlloyState alloy;
};

/// Fails where signals and response do not fit. Columns that are not whole, or whose signals the model does not
/// explain, are flagged.
BayesianCounts count_by_physics(const ColumnSignals& signals, const SignalResponse& response,
                                const BayesianOptions& options);

/// Why the column's counts are not to be trusted, for people: it is cut by the image's edge, its signals are far from
/// any that the response allows, or it or the microscope's settings lie outside the calibration; or empty.
std::string flag_of(const ColumnSignals& signals, std::size_t i, const CountDistribution& column,
                    const SignalResponse& response);

}  // namespace colonnade
