// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/trial.h"

#include <cstdlib>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

TEST(Trial, FallsInTheChildAlone) {
  int calls = 0;
  EXPECT_TRUE(ends_well([&] { ++calls; }));
  EXPECT_EQ(calls, 0);  // the child's is another
  EXPECT_TRUE(ends_well([] { fail("damaged"); }));
  EXPECT_FALSE(ends_well([] { std::abort(); }));
}

TEST(Trial, DoesNotWaitForEver) {
  volatile unsigned turns = 0;
  EXPECT_FALSE(ends_well(
      [&] {
        while (true) turns = turns + 1;
      },
      1));
}

}  // namespace
}  // namespace colonnade
