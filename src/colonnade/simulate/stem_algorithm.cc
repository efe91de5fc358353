// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/stem_algorithm.h"

#include "colonnade/core/error.h"
#include "colonnade/simulate/multislice_engine.h"

namespace colonnade {

void check_signals(const Signals& signals) {
  if (!signals.detectors.empty() || signals.local.empty()) check_detectors(signals.detectors);
  check_local_signals(signals.local);
}

std::unique_ptr<StemAlgorithm> make_stem_algorithm(const Structure& structure, const PeriodicCell& cell,
                                                   const Optics& optics, const Signals& signals,
                                                   const MultisliceOptions& options) {
  if (options.algorithm == "multislice") {
    return std::make_unique<Multislice>(structure, cell, optics, signals, options);
  }
  fail("there is no algorithm '{}'; choose multislice", options.algorithm);
}

}  // namespace colonnade
