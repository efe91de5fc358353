// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/stem_algorithm.h"

#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/simulate/multislice_engine.h"
#include "colonnade/simulate/partitioned_prism.h"
#include "colonnade/simulate/prism.h"
#include "colonnade/simulate/specimen_check.h"

namespace colonnade {

void Signals::check() const {
  if (!detectors.empty()) check_detectors(detectors);
  check_local_signals(local);
  for (const auto& detector : detectors) {
    for (const auto& signal : local) {
      if (signal.name == detector.name) fail("a detector and a local signal are both called '{}'", signal.name);
    }
  }
  for (const double depth : depths_A) {
    if (!(depth >= 0) || !std::isfinite(depth)) fail("a depth of {} A; give depths of 0 A or more", depth);
  }
}

void StemAlgorithm::scan_patterns(const std::vector<ProbePosition>& /*positions*/, const PatternGrid& /*grid*/,
                                  const PatternSink& /*sink*/, const std::string& /*label*/) const {
  fail("this algorithm gives no diffraction patterns; use the algorithm multislice");
}

std::unique_ptr<StemAlgorithm> make_stem_algorithm(const Structure& structure, const PeriodicCell& cell,
                                                   const Optics& optics, const Signals& signals,
                                                   const MultisliceOptions& options) {
  check_inside(structure, cell);
  if (options.algorithm == "multislice") {
    return std::make_unique<Multislice>(structure, cell, optics, signals, options);
  }
  if (options.algorithm == "prism") {
    return std::make_unique<Prism>(structure, cell, optics, signals, options);
  }
  if (options.algorithm == "partitioned_prism") {
    return std::make_unique<PartitionedPrism>(structure, cell, optics, signals, options);
  }
  fail("there is no algorithm '{}'; choose multislice, prism or partitioned_prism", options.algorithm);
}

}  // namespace colonnade
