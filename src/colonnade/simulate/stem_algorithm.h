// SPDX-License-Identifier: GPL-3.0-or-later
// What all ways to compute a STEM image have in common: a specimen in a periodic cell, a probe set down at many places,
// and for each place a few numbers. Multislice is the reference; PRISM, partitioned PRISM and the torch devices are
// tested against it through this interface.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/simulate/detector.h"
#include "colonnade/simulate/local_signal.h"
#include "colonnade/simulate/multislice.h"
#include "colonnade/simulate/potential.h"
#include "colonnade/simulate/probe.h"

namespace colonnade {

struct ProbePosition {
  double x_A = 0, y_A = 0;  ///< in the structure's coordinates
};

/// What is measured for each probe: the far field on detectors, then local signals (see local_signal.h); at least one
/// in all.
struct Signals {
  std::vector<AnnularDetector> detectors;
  std::vector<LocalSignal> local;
};

/// Fails where nothing is asked for or something is not possible; see check_detectors and check_local_signals.
void check_signals(const Signals& signals);

class StemAlgorithm {
 public:
  virtual ~StemAlgorithm() = default;
  /// [position][detector..., local signal..., fraction of the beam left within the band limit]. In parallel; the result
  /// is the same whatever the number of threads. `label` names the progress line; empty: none.
  virtual std::vector<std::vector<float>> scan(const std::vector<ProbePosition>& positions,
                                               const std::string& label) const = 0;
  /// What was chosen and used: grid, window, slices, beams, ... for the output's metadata.
  virtual nlohmann::json record() const = 0;
};

using StemAlgorithmFactory = std::function<std::unique_ptr<StemAlgorithm>(
    const Structure&, const PeriodicCell&, const Optics&, const Signals&, const MultisliceOptions&)>;

/// By options.algorithm, on the processor.
std::unique_ptr<StemAlgorithm> make_stem_algorithm(const Structure& structure, const PeriodicCell& cell,
                                                   const Optics& optics, const Signals& signals,
                                                   const MultisliceOptions& options);

/// simulate_stem() (multislice.h) of any signals, one image each, by algorithms of any make, e.g. those of a device.
std::vector<Image> simulate_stem(const Structure& structure, const Optics& optics, const Signals& signals,
                                 const FieldOfView& field, const MultisliceOptions& options, const std::string& label,
                                 const StemAlgorithmFactory& factory = make_stem_algorithm);

}  // namespace colonnade
