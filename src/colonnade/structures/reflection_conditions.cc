// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/reflection_conditions.h"

#include <cmath>

namespace colonnade {

namespace {

constexpr double whole = 1e-3;  // translations are multiples of 1/24

bool keeps(const SymmetryOperation& operation, const Miller& hkl) {
  for (std::size_t column = 0; column < 3; ++column) {
    int sum = 0;
    for (std::size_t row = 0; row < 3; ++row) sum += hkl[row] * operation.rotation[row][column];
    if (sum != hkl[column]) return false;
  }
  return true;
}

}  // namespace

bool is_forbidden(const Miller& hkl, const std::vector<SymmetryOperation>& operations) {
  for (const SymmetryOperation& operation : operations) {
    if (!keeps(operation, hkl)) continue;
    const double phase = dot({double(hkl[0]), double(hkl[1]), double(hkl[2])}, operation.translation);
    if (std::abs(phase - std::round(phase)) > whole) return true;
  }
  return false;
}

}  // namespace colonnade
