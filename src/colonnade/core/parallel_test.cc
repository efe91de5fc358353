// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/core/parallel.h"

#include <atomic>
#include <gtest/gtest.h>
#include <vector>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

TEST(Parallel, EveryIndexOnceAndWorkersInRange) {
  for (const int threads : {1, 2, 5}) {
    std::vector<std::atomic<int>> seen(1000);
    parallel_for(
        1000,
        [&](std::int64_t i, int worker) {
          EXPECT_GE(worker, 0);
          EXPECT_LT(worker, threads);
          ++seen[i];
        },
        threads);
    for (const auto& count : seen) EXPECT_EQ(count, 1);
  }
}

TEST(Parallel, NothingToDo) {
  parallel_for(0, [](std::int64_t, int) { FAIL() << "called for an empty range"; });
}

TEST(Parallel, TheExceptionArrives) {
  EXPECT_THROW(parallel_for(
                   100,
                   [](std::int64_t i, int) {
                     if (i == 17) fail("seventeen");
                   },
                   3),
               Error);
}

TEST(Parallel, SettingTheNumberOfThreads) {
  const int before = thread_count();
  set_thread_count(3);
  EXPECT_EQ(thread_count(), 3);
  set_thread_count(0);
  EXPECT_GE(thread_count(), 1);
  set_thread_count(before);
}

}  // namespace
}  // namespace colonnade
