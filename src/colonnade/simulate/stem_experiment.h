// SPDX-License-Identifier: GPL-3.0-or-later
// A STEM experiment as far as the microscope goes: images of one specimen, averaged over what changes from electron to
// electron. Thermal motion (frozen phonons, or the absorptive model, which adds the thermal diffuse part to every
// detector), the defocus (chromatic aberration) and the place of the source. Counting and scan errors come later, in
// image.
#pragma once

#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/image/image.h"
#include "colonnade/simulate/stem_algorithm.h"

namespace colonnade {

/// What is averaged incoherently, beside thermal motion (MultisliceOptions::thermal).
struct PartialCoherence {
  double source_size_A = 0;   ///< full width at half maximum of the source's Gaussian image at the specimen
  double focal_spread_A = 0;  ///< standard deviation of the defocus
  int defocus_steps = 5;      ///< defocus values within two deviations of it, with Gaussian weights
  void describe(OptionTable& table, const std::string& section = "optics");
  void check() const;
  double source_deviation_A() const;
};

struct DefocusValue {
  double offset_A, weight;
};
/// Evenly over two deviations of the focal spread to both sides; the weights sum to one.
std::vector<DefocusValue> defocus_values(const PartialCoherence& coherence);

struct StemExperiment {
  Optics optics;
  PartialCoherence coherence;
  Signals signals;
  FieldOfView field;
  MultisliceOptions multislice;
};

/// One image per signal, then per depth and signal. Frozen phonons: the mean of all configurations; metadata
/// "thermal_motion" has their number and the standard error. Near the edge of the field (two deviations) the source's
/// image is of what the field holds: ask for a border where that matters.
std::vector<Image> simulate_experiment(const Structure& structure, const StemExperiment& experiment,
                                       const std::string& label,
                                       const StemAlgorithmFactory& factory = make_stem_algorithm);

}  // namespace colonnade
