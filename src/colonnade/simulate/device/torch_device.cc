// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/device/torch_device.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <c10/core/DeviceGuard.h>
#include <charconv>
#include <torch/cuda.h>

#include "colonnade/core/error.h"
#include "colonnade/core/memory.h"
#include "colonnade/core/parallel.h"
#include "colonnade/simulate/device/device_algorithms.h"

namespace colonnade {

namespace {

constexpr double free_part_cuda = 0.8, part_processor = 0.5;
constexpr double unknown_memory = 4e9;
// Pixels of all waves under way: on the processor what its last cache holds, on a GPU what fills it for milliseconds.
constexpr double busy_pixels_processor = 1 << 17, busy_pixels_cuda = 1 << 26;

double free_memory(const at::Device& device) {
  const c10::DeviceGuard guard(device);
  return free_cuda_memory().value_or(unknown_memory);
}

}  // namespace

int cuda_device_count() { return torch::cuda::is_available() ? int(torch::cuda::device_count()) : 0; }

at::Device choose_torch_device(const std::string& name) {
  at::set_num_threads(thread_count());
  if (name == "cpu") return at::kCPU;
  int index = 0;
  bool known = name == "cuda";
  if (name.starts_with("cuda:")) {
    const char* end = name.data() + name.size();
    const auto [rest, error] = std::from_chars(name.data() + 5, end, index);
    known = error == std::errc() && rest == end && index >= 0;
  }
  if (!known) fail("the device \"{}\" is unknown; it is cpu, cuda or cuda:N", name);
  const int count = cuda_device_count();
  if (count == 0) fail("there is no CUDA device that this libtorch can use; choose the device cpu");
  if (index >= count) fail("there is no device {}; this machine's are cuda:0 to cuda:{}", name, count - 1);
  return {at::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

double memory_budget(const at::Device& device, double memory_GB) {
  if (memory_GB > 0) return memory_GB * 1e9;
  if (device.is_cuda()) return free_part_cuda * free_memory(device);
  return part_processor * available_memory();
}

int batch_size(const DeviceMemory& memory, double budget, std::size_t pixels, const at::Device& device) {
  if (memory.of(1) > budget) {
    fail(
        "one probe needs {:.2f} GB on the device {} ({:.2f} GB of it for the slices) and may take {:.2f} GB; use a "
        "coarser sampling, thicker slices, a smaller field, or more memory",
        memory.of(1) / 1e9, device.str(), memory.fixed / 1e9, budget / 1e9);
  }
  const double busy = (device.is_cuda() ? busy_pixels_cuda : busy_pixels_processor) / double(pixels);
  return int(std::max(1.0, std::min(busy, (budget - memory.fixed) / memory.per_probe)));
}

}  // namespace colonnade
