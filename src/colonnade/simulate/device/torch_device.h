// SPDX-License-Identifier: GPL-3.0-or-later
// Which torch device, how much memory it has, and how a job is cut into batches that fit. Only sources of this folder
// include this header: it brings libtorch's.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <cstdint>
#include <string>

namespace colonnade {

/// "cpu", "cuda", "cuda:N". Sets libtorch's threads. Fails on other names and on devices that are not there.
at::Device choose_torch_device(const std::string& name);

/// Bytes that waves and slices may take: `memory_GB`, or where that is 0 a part of what is free on the device.
double memory_budget(const at::Device& device, double memory_GB);

/// What a job needs on the device, in bytes: once, and for each probe under way.
struct DeviceMemory {
  double fixed = 0, per_probe = 0;
  double of(int probes) const { return fixed + per_probe * probes; }
};

/// How many probes are propagated together: what fits into the budget, and no more than keeps the device busy; the same
/// whatever the number of threads. Fails, with how much is missing, where not even one probe fits.
int batch_size(const DeviceMemory& memory, double budget, std::size_t pixels, const at::Device& device);

}  // namespace colonnade
