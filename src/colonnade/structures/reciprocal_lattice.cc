// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/reciprocal_lattice.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "colonnade/core/error.h"

namespace colonnade {

namespace {

constexpr double most_points = 5e6;

void require_reasonable(const Structure& crystal, double longest_per_A) {
  if (!(std::isfinite(longest_per_A) && longest_per_A > 0))
    fail("the longest reciprocal vector is {} 1/A; give a positive number", longest_per_A);
  const double volume = std::abs(determinant(crystal.cell));
  const double expected = 4 * std::numbers::pi / 3 * std::pow(longest_per_A, 3) * volume;
  if (expected > most_points)
    fail("{:.3g} reciprocal lattice points within {} 1/A are too many; give a smaller limit or a smaller cell",
         expected, longest_per_A);
}

// Lengths that differ by rounding only are one: else the order of symmetric points would be that of the rounding.
long length_class(const Vector3& g, double longest) { return std::lround(length(g) / longest * 1e9); }

}  // namespace

Matrix3 reciprocal_cell(const Structure& crystal) {
  require_cell(crystal);
  return reciprocal(crystal.cell);
}

std::vector<ReciprocalPoint> reciprocal_points(const Structure& crystal, double longest_per_A) {
  const Matrix3 star = reciprocal_cell(crystal);
  require_reasonable(crystal, longest_per_A);
  // h = g . a, so |h| <= |g| |a|.
  Miller most{};
  for (std::size_t k = 0; k < 3; ++k) most[k] = int(longest_per_A * length(crystal.cell[k]) * (1 + 1e-12));
  std::vector<ReciprocalPoint> points;
  for (int h = most[0]; h >= -most[0]; --h)
    for (int k = most[1]; k >= -most[1]; --k)
      for (int l = most[2]; l >= -most[2]; --l) {
        const Vector3 g = combine({double(h), double(k), double(l)}, star);
        if ((h || k || l) && length(g) <= longest_per_A * (1 + 1e-12)) points.push_back({{h, k, l}, g});
      }
  std::stable_sort(points.begin(), points.end(), [&](const ReciprocalPoint& a, const ReciprocalPoint& b) {
    return length_class(a.g, longest_per_A) < length_class(b.g, longest_per_A);
  });
  return points;
}

}  // namespace colonnade
