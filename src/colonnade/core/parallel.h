// SPDX-License-Identifier: GPL-3.0-or-later
// Data-parallel loops over threads.
#pragma once

#include <cstdint>
#include <functional>

namespace colonnade {

/// How many threads loops use when not told: all cores unless set (by --threads).
int thread_count();
void set_thread_count(int threads);

/// Calls work(index, worker) for every index in [0, count), worker in [0, threads); indices are handed out one by one,
/// so results must not depend on the worker. The first exception is rethrown after all have stopped.
void parallel_for(std::int64_t count, const std::function<void(std::int64_t index, int worker)>& work, int threads = 0);

}  // namespace colonnade
