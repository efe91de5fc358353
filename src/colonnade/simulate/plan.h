// SPDX-License-Identifier: GPL-3.0-or-later
// The cheapest settings that reach a wanted accuracy, found by measurement on a few seeded probes of the very specimen.
//
// The error is that of the image, rms / mean, worst detector, against the limit of the model (see convergence.h): it
// holds the error of the algorithm (against multislice in the whole cell, with a wide border, same grid and slices) and
// that of the discretisation (against a grid of twice the band limit and a plane for each layer of atoms). Both are
// measured as differences probe by probe and added before squares are taken, so that they may cancel or add up as they
// do in the image; a second set of probes, which had no part in the choice, verifies the sum. What the interpolation of
// the scan adds (0.1 % with the automatic pitch) is not in it. Nothing is remembered from one specimen to the next.
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

struct PlanOptions {
  double accuracy = 0.02;  ///< wanted rms / mean
  int probes = 16;
  std::uint64_t seed = 1;
  double budget_s = 120;  ///< for the planning itself
  void describe(OptionTable& table, const std::string& section = "plan");
  void check() const;
};

/// Settings that were tried.
struct PlanCandidate {
  std::string stage;   ///< "slice", "grid", "algorithm"
  std::string name;    ///< what was varied, in words
  double error = 0;    ///< of this stage alone: rms / mean, worst detector
  double total = 0;    ///< together with the choices of the stages before
  double image_s = 0;  ///< processor time of the whole image with these settings
  bool chosen = false;
};

struct Plan {
  MultisliceOptions options;  ///< what to run
  double accuracy = 0;
  bool reached = false;
  /// Per detector, on the second set of probes; none where there was no time to verify.
  std::vector<std::optional<ErrorFigure>> verified;
  std::vector<ErrorFigure> errors;  ///< per detector, on the probes used for the choice
  double image_s = 0;               ///< predicted processor time of the image
  std::vector<PlanCandidate> tried;
  std::vector<std::string> remarks;  ///< what the references were; what could not be reached, and why
  std::vector<std::string> detectors;
  double processor_s = 0;

  std::string text() const;
  nlohmann::json to_json() const;
};

/// `base` gives everything that is not chosen (parametrisation, margin, memory limit); its algorithm, sampling,
/// oversampling, slice and window are chosen. Fails where nothing at all fits into the memory.
Plan plan_simulation(const Structure& structure, const Optics& optics, const std::vector<AnnularDetector>& detectors,
                     const FieldOfView& field, const MultisliceOptions& base, const PlanOptions& wanted,
                     const std::string& label = "");

}  // namespace colonnade
