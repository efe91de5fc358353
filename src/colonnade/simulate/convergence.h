// SPDX-License-Identifier: GPL-3.0-or-later
// How far a simulation with given settings is from its limit. On a few seeded probes every setting is refined on its
// own and all of them together; where a sequence converges as a power of the step its limit is extrapolated, else the
// finest result stands for it, and the report says which.
//
// The limit is that of the model, not of nature: static atoms as given, electrostatic potentials of the
// parametrisation chosen, elastic scattering in small-angle approximation. Grid: the band limit goes to infinity and
// exp(i sigma V) does not alias. Slices: with infinite projection each atom acts at once in its own plane, so the limit
// is one plane for each layer of atoms, not a potential resolved along the beam. Window and algorithm: multislice in
// the whole cell. Lengths in Angstrom, intensities as fractions of the beam, times in seconds.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/simulate/multislice.h"
#include "colonnade/simulate/probe_sample.h"

namespace colonnade {

struct ConvergenceOptions {
  int probes = 24;
  std::uint64_t seed = 1;
  /// What it may take: the finest refinements are left out where the prediction exceeds it.
  double budget_s = 120;
  void describe(OptionTable& table, const std::string& section = "convergence");
  void check() const;
};

/// One setting, refined on its own.
struct ConvergenceComponent {
  std::string name;                          ///< "window", "sampling", "oversampling", "slice", "scan pitch"
  std::vector<std::string> settings;         ///< as chosen, then ever finer
  std::vector<ErrorFigure> errors;           ///< per detector, of the chosen setting against the limit
  std::vector<std::optional<double>> order;  ///< per detector; none: the finest stands for the limit
  /// [setting][detector], rms / mean against the limit, beginning with the chosen one.
  std::vector<std::vector<double>> sequence;
  std::string limit;  ///< what the limit is
};

struct ConvergenceReport {
  std::vector<std::string> detectors;
  int probes = 0;
  std::uint64_t seed = 0;
  std::vector<ConvergenceComponent> components;
  /// Per detector: all settings refined at once, what is left of each beyond that extrapolated; the interpolation of
  /// the scan is added in squares.
  std::vector<ErrorFigure> total;
  std::string together;  ///< the settings of the run that was refined in everything
  double predicted_s = 0, processor_s = 0;
  std::vector<std::string> left_out;  ///< refinements that time or memory did not allow

  /// A table for people.
  std::string text() const;
  nlohmann::json to_json() const;
};

/// Measures; `label` names the progress line (empty: none), behind a line that states the predicted cost.
ConvergenceReport measure_convergence(const Structure& structure, const Optics& optics,
                                      const std::vector<AnnularDetector>& detectors, const FieldOfView& field,
                                      const MultisliceOptions& options, const ConvergenceOptions& wanted,
                                      const std::string& label = "");

}  // namespace colonnade
