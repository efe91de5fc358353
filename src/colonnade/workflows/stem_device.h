// SPDX-License-Identifier: GPL-3.0-or-later
// What computes images, by name: "fftw", the processor's own engines, or a torch device: "cpu", "cuda", "cuda:1".
#pragma once

#include <string>

#include "colonnade/core/process_group.h"
#include "colonnade/simulate/stem_algorithm.h"

namespace colonnade {

/// For the help of an option that takes such a name.
extern const char* const stem_device_help;

/// Fails on an unknown name and on a device that is not there. With "cuda", the processes of a machine take its devices
/// in turn.
StemAlgorithmFactory stem_algorithms_on(const std::string& device, const ProcessGroup& group = {});

}  // namespace colonnade
