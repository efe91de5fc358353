// SPDX-License-Identifier: GPL-3.0-or-later
// A job for outside libraries that damaged files can bring down (HDF5 1.10 falls or loops for ever on some): first in a
// child process, which may die in the place of this one.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace colonnade {

/// Calls `job` in a copy of this process and says whether it came to an end there, by a result or by an Error; false
/// where it fell, or took more than `seconds` of processor time. What it prints is lost. True where no process can be
/// made. POSIX.
bool ends_well(const std::function<void()>& job, unsigned seconds = 8);

/// What `read`, which gives `count` numbers or throws an Error, gave in a copy of this process; nothing where that one
/// fell or took more than `seconds` of processor time. Throws what `read` throws. Calls it here where no process can be
/// made.
std::optional<std::vector<float>> read_apart(std::size_t count, const std::function<std::vector<float>()>& read,
                                             unsigned seconds = 8);

}  // namespace colonnade
