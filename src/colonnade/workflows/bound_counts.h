// SPDX-License-Identifier: GPL-3.0-or-later
// The job "bound": before a microscope is booked, how well any estimator could count each element of an alloy, for
// signals and doses (count_bound.h). Particles are drawn as for a dataset, but not simulated: their signals are drawn
// from the response.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/columns/count_bound.h"
#include "colonnade/workflows/make_dataset.h"

namespace colonnade {

struct BoundOptions {
  DatasetOptions dataset;  ///< particles, optics, and the signals of a calibration
  std::string response;    ///< file; empty: one in the cache is used, or made (minutes)
  /// Sets of signals, joined by +: "HAADF", "annular", "annular+X-rays".
  std::vector<std::string> signal_sets{"HAADF", "annular", "annular+X-rays"};
  std::vector<double> doses_per_A2{1e3, 1e4, 1e5, 1e6};  ///< of annular signals
  std::vector<double> x_ray_counts{2, 5, 20, 80,
                                   300};  ///< per atom on average, with the annular signals at the largest dose
  BoundOptions();
  OptionTable table();
  void check() const;
};

struct BoundPoint {
  std::string signals;
  double dose_per_A2 = 0, x_ray_counts = 0, x_ray_dose_per_A2 = 0;
  BoundScores scores;
};

struct BoundSweep {
  std::vector<std::string> elements;
  std::vector<BoundPoint> points;
  int particles = 0;
};

BoundSweep sweep_bounds(const BoundOptions& options);

nlohmann::json to_json(const BoundSweep& sweep);
/// The table, and what it means: which elements can be told apart, and from which dose on.
std::string to_text(const BoundSweep& sweep);

/// Writes bound.json, bound.txt, and figures of R2 and within-one against dose and counts as SVG and PNG into a folder.
BoundSweep bound_counts(const BoundOptions& options, const std::filesystem::path& out, bool overwrite);

}  // namespace colonnade
