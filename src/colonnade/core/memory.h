// SPDX-License-Identifier: GPL-3.0-or-later
// How much memory a program can still have, in bytes, and refusing beforehand what would take more.
#pragma once

#include <optional>
#include <string>

namespace colonnade {

inline constexpr double bytes_per_GB = 1e9;

/// What the kernel calls available, or a container's limit where that is less.
double available_memory();
/// Free memory of the present CUDA device; empty where there is no CUDA runtime. The runtime is asked by name, as it
/// comes with libtorch while its headers do not.
std::optional<double> free_cuda_memory();
/// Bytes that may be used: the limit, or nine tenths of what is available where it is 0.
double allowed_memory(double limit_GB);
/// Fails where `bytes` are more than allowed: "{what} x GB of memory and y GB are free; {remedy}".
void require_memory(double bytes, double limit_GB, const std::string& what, const std::string& remedy);

}  // namespace colonnade
