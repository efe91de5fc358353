// SPDX-License-Identifier: GPL-3.0-or-later
// How much memory a simulation will take, told before it starts, in bytes, and what to change where that is too much.
// The slices' transmission functions outweigh everything else; while they are made, every thread holds the finer grid
// on which exp(i sigma V) is computed.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "colonnade/core/memory.h"
#include "colonnade/simulate/detector.h"
#include "colonnade/simulate/multislice.h"
#include "colonnade/simulate/wave_grid.h"

namespace colonnade {

struct MemoryEstimate {
  double slices = 0;   ///< transmission functions
  double making = 0;   ///< while these are made: the threads' fine grids and the scattering factors
  double waves = 0;    ///< the threads' waves, the propagators, the detectors
  double results = 0;  ///< intensities of all probes and the images
  /// The fine grids are gone when the first probe starts.
  double peak() const;
  nlohmann::json to_json() const;
};

/// What one stack of slices takes, made by all threads from a transmission function `oversampling` times finer.
MemoryEstimate estimate_stack_memory(const Structure& structure, const WaveGrid& grid, std::size_t slices,
                                     int oversampling);
/// What simulate_stem takes by multislice with these options.
MemoryEstimate estimate_memory(const Structure& structure, const Optics& optics,
                               const std::vector<AnnularDetector>& detectors, const FieldOfView& field,
                               const MultisliceOptions& options);

/// require_memory() for a stack of slices; names the sampling, the cell and the number of slices that would fit.
void require_stack_memory(const MemoryEstimate& estimate, double limit_GB, const WaveGrid& grid, std::size_t slices);

}  // namespace colonnade
