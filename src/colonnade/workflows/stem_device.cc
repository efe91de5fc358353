// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/stem_device.h"

#include "colonnade/core/error.h"
#include "colonnade/simulate/device/device_algorithms.h"

namespace colonnade {

const char* const stem_device_help =
    "what computes: fftw (the processor, fastest there), cuda or cuda:N (a GPU), cpu (the GPU's program on the "
    "processor)";

StemAlgorithmFactory stem_algorithms_on(const std::string& device, const ProcessGroup& group) {
  if (device == "fftw") return make_stem_algorithm;
  if (device != "cpu" && device != "cuda" && !device.starts_with("cuda:")) {
    fail("the device \"{}\" is unknown; it is fftw, cpu, cuda or cuda:N", device);
  }
  const int count = device == "cuda" ? cuda_device_count() : 0;
  return device_stem_algorithms(count > 1 ? fmt::format("cuda:{}", group.local_rank % count) : device);
}

}  // namespace colonnade
