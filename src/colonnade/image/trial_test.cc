// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/trial.h"

#include <cstdlib>
#include <gtest/gtest.h>

#include "colonnade/core/test_errors.h"

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

TEST(Trial, NumbersComeBackFromTheChild) {
  int calls = 0;
  const auto numbers = read_apart(3, [&] {
    ++calls;
    return std::vector<float>{1, 2, 4};
  });
  EXPECT_EQ(numbers, (std::vector<float>{1, 2, 4}));
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(read_apart(3, []() -> std::vector<float> { std::abort(); }), std::nullopt);
  EXPECT_EQ(message_of([] { read_apart(3, []() -> std::vector<float> { fail("cut short"); }); }), "cut short");
}

}  // namespace
}  // namespace colonnade
