// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/reflection_conditions.h"

#include <gtest/gtest.h>

namespace colonnade {

namespace {

/// Against the conditions that International Tables, Volume A, print for the group.
template <class Condition>
void expect_conditions(int hall, const Condition& allowed) {
  const auto operations = operations_of_hall(hall);
  for (int h = -6; h <= 6; ++h)
    for (int k = -6; k <= 6; ++k)
      for (int l = -6; l <= 6; ++l)
        EXPECT_EQ(is_forbidden({h, k, l}, operations), !allowed(h, k, l)) << h << ' ' << k << ' ' << l;
}

bool even(int n) { return n % 2 == 0; }

TEST(ReflectionConditions, OfCentredLattices) {
  expect_conditions(517, [](int, int, int) { return true; });                              // 221
  expect_conditions(523, [](int h, int k, int l) { return even(h + k) && even(k + l); });  // 225
  expect_conditions(529, [](int h, int k, int l) { return even(h + k + l); });             // 229
}

TEST(ReflectionConditions, OfDiamondGlides) {
  // 227: F; 0kl: k + l = 4n and k, l even, in all permutations.
  expect_conditions(525, [](int h, int k, int l) {
    if (!even(h + k) || !even(k + l)) return false;
    if (h == 0 && (k + l) % 4 != 0) return false;
    if (k == 0 && (h + l) % 4 != 0) return false;
    return l != 0 || (h + k) % 4 == 0;
  });
}

TEST(ReflectionConditions, OfScrews) {
  // 213, P4_132: h00: h = 4n, in all permutations.
  expect_conditions(509, [](int h, int k, int l) {
    if (k == 0 && l == 0) return h % 4 == 0;
    if (h == 0 && l == 0) return k % 4 == 0;
    return !(h == 0 && k == 0) || l % 4 == 0;
  });
}

}  // namespace

}  // namespace colonnade
