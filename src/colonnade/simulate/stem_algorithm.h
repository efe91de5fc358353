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
#include "colonnade/simulate/pattern_grid.h"
#include "colonnade/simulate/potential.h"
#include "colonnade/simulate/probe.h"

namespace colonnade {

struct ProbePosition {
  double x_A = 0, y_A = 0;  ///< in the structure's coordinates
};

/// What is measured for each probe: the far field on detectors, then local signals (see local_signal.h). Either may be
/// empty.
struct Signals {
  std::vector<AnnularDetector> detectors;
  std::vector<LocalSignal> local = {};
  /// Depths below the entrance surface, A, at which everything is measured, too, as if the specimen ended there; they
  /// are rounded to whole slices.
  std::vector<double> depths_A = {};

  /// Detectors, local signals, and the fraction left.
  std::size_t values_per_depth() const { return detectors.size() + local.size() + 1; }
  /// Fails where something is not possible: see check_detectors and check_local_signals; names differ, and depths are
  /// not negative.
  void check() const;
};

class StemAlgorithm {
 public:
  virtual ~StemAlgorithm() = default;
  /// [position][detector..., local signal..., fraction of the beam left within the band limit] behind the whole
  /// specimen, and then, of each depth asked for, as many values in the same order. In parallel; the result is the same
  /// whatever the number of threads. `label` names the progress line; empty: none.
  virtual std::vector<std::vector<float>> scan(const std::vector<ProbePosition>& positions,
                                               const std::string& label) const = 0;
  /// |psi(k)|^2 of each position, binned to a camera, into a sink that is called in the order of the positions. Fails
  /// where an algorithm has no such pattern.
  virtual void scan_patterns(const std::vector<ProbePosition>& positions, const PatternGrid& grid,
                             const PatternSink& sink, const std::string& label) const;
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
