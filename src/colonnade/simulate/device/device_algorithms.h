// SPDX-License-Identifier: GPL-3.0-or-later
// The algorithms of stem_algorithm.h on a torch device, in complex64, with the definitions, windows, detectors and
// transmission functions of the processor's engines: they agree to single precision. Probes are propagated in batches
// as large as a memory budget allows. This header needs none of libtorch's.
#pragma once

#include <string>

#include "colonnade/simulate/stem_algorithm.h"

namespace colonnade {

/// `device`: "cpu", "cuda" or "cuda:1"; fails where there is none of that name. `memory_GB`: the most that waves and
/// slices may take on the device; 0: on a CUDA device 0.8 of what is free, on the processor 0.5 of what it has to
/// spare. The factory knows the algorithms "multislice" (whole cell and window; detectors, local signals, depths,
/// diffraction patterns) and "prism" (detectors).
StemAlgorithmFactory device_stem_algorithms(const std::string& device, double memory_GB = 0);

/// CUDA devices that this libtorch can use; 0 where it has none.
int cuda_device_count();

}  // namespace colonnade
