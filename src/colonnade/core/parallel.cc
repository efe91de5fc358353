// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/core/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace colonnade {
namespace {
std::atomic<int> chosen_threads{0};
}

int thread_count() {
  const int chosen = chosen_threads;
  return chosen > 0 ? chosen : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void set_thread_count(int threads) { chosen_threads = threads; }

void parallel_for(std::int64_t count, const std::function<void(std::int64_t, int)>& work, int threads) {
  const auto workers = static_cast<int>(std::min<std::int64_t>(threads > 0 ? threads : thread_count(), count));
  std::atomic<std::int64_t> next{0};
  std::exception_ptr error;
  std::mutex error_mutex;
  const auto run = [&](int worker) {
    try {
      for (std::int64_t i = next++; i < count; i = next++) work(i, worker);
    } catch (...) {
      const std::lock_guard lock(error_mutex);
      if (!error) error = std::current_exception();
      next = count;
    }
  };
  std::vector<std::thread> pool;
  for (int worker = 1; worker < workers; ++worker) pool.emplace_back(run, worker);
  run(0);
  for (auto& thread : pool) thread.join();
  if (error) std::rethrow_exception(error);
}

}  // namespace colonnade
