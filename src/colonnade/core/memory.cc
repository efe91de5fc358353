// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/core/memory.h"

#include <algorithm>
#include <dlfcn.h>
#include <fstream>
#include <limits>
#include <unistd.h>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

constexpr double share_of_available = 0.9;

// "MemAvailable:  123 kB" of /proc/meminfo; where there is none, all of the machine's memory.
double kernel_available() {
  std::ifstream file("/proc/meminfo");
  std::string name, unit;
  double value = 0;
  while (file >> name >> value) {
    std::getline(file, unit);
    if (name == "MemAvailable:") return value * 1024;
  }
  return double(sysconf(_SC_PHYS_PAGES)) * double(sysconf(_SC_PAGE_SIZE));
}

// A control group's limit in bytes; "max" or no file: none.
double group_limit(const char* path) {
  std::ifstream file(path);
  double value = 0;
  return file >> value ? value : std::numeric_limits<double>::infinity();
}

}  // namespace

double available_memory() {
  return std::min({kernel_available(), group_limit("/sys/fs/cgroup/memory.max"),
                   group_limit("/sys/fs/cgroup/memory/memory.limit_in_bytes")});
}

std::optional<double> free_cuda_memory() {
  using MemGetInfo = int (*)(std::size_t*, std::size_t*);
  const auto ask = reinterpret_cast<MemGetInfo>(dlsym(RTLD_DEFAULT, "cudaMemGetInfo"));
  std::size_t free = 0, total = 0;
  if (ask == nullptr || ask(&free, &total) != 0) return std::nullopt;
  return double(free);
}

double allowed_memory(double limit_GB) {
  return limit_GB > 0 ? limit_GB * bytes_per_GB : share_of_available * available_memory();
}

void require_memory(double bytes, double limit_GB, const std::string& what, const std::string& remedy) {
  const double allowed = allowed_memory(limit_GB);
  if (bytes <= allowed) return;
  fail("{} {:.3g} GB of memory and {:.3g} GB are {}; {}", what, bytes / bytes_per_GB, allowed / bytes_per_GB,
       limit_GB > 0 ? "allowed" : "free", remedy);
}

}  // namespace colonnade
