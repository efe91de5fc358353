// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/device/device_algorithms.h"

#include "colonnade/core/error.h"
#include "colonnade/simulate/device/device_multislice.h"
#include "colonnade/simulate/device/device_prism.h"

namespace colonnade {

StemAlgorithmFactory device_stem_algorithms(const std::string& name, double memory_GB) {
  if (!(memory_GB >= 0)) fail("the device's memory is {} GB; give a size above 0, or 0 for automatic", memory_GB);
  const at::Device device = choose_torch_device(name);
  return
      [device, memory_GB](const Structure& structure, const PeriodicCell& cell, const Optics& optics,
                          const Signals& signals, const MultisliceOptions& options) -> std::unique_ptr<StemAlgorithm> {
        if (options.algorithm == "multislice") {
          return std::make_unique<DeviceMultislice>(structure, cell, optics, signals, options, device, memory_GB);
        }
        if (options.algorithm == "prism") {
          return std::make_unique<DevicePrism>(structure, cell, optics, signals, options, device, memory_GB);
        }
        fail("the device {} knows no algorithm '{}'; choose multislice or prism, or the device fftw", device.str(),
             options.algorithm);
      };
}

}  // namespace colonnade
