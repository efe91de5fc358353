// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/atomic_rows.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "colonnade/core/error.h"
#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/neighbours.h"

namespace colonnade {
namespace {

constexpr double cone_degrees = 10;
constexpr std::size_t tried_bonds = 1500;
constexpr int refinements = 6;

Vector3 unit(const Vector3& v) { return scaled(v, 1 / length(v)); }

/// The mean of the bonds within the cone around a direction, either way, and their number.
std::size_t within_cone(const std::vector<Vector3>& bonds, const Vector3& direction, Vector3& mean) {
  const double least = std::cos(cone_degrees * std::numbers::pi / 180);
  std::size_t count = 0;
  mean = {};
  for (const Vector3& bond : bonds) {
    const double along = dot(bond, direction), sign = along < 0 ? -1 : 1;
    if (std::abs(along) < least) continue;
    for (int k = 0; k < 3; ++k) mean[k] += sign * bond[k];
    ++count;
  }
  return count;
}

}  // namespace

Position densest_rows(const Structure& structure, double reach_A) {
  std::vector<Vector3> bonds;
  const NeighbourList neighbours(structure, reach_A);
  for (std::size_t i = 0; i < neighbours.size(); ++i) {
    const Position& from = structure.atoms[i].position;
    for (const auto other : neighbours.of(i)) {
      const Position& to = structure.atoms[other].position;
      const Vector3 bond{to.x - from.x, to.y - from.y, to.z - from.z};
      if (std::size_t(other) > i && dot(bond, bond) > 0) bonds.push_back(unit(bond));
    }
  }
  if (bonds.empty()) fail("no two atoms are less than {} A apart, so there are no rows of neighbours", reach_A);
  Vector3 best{}, mean{};
  std::size_t most = 0;
  const std::size_t step = std::max<std::size_t>(1, bonds.size() / tried_bonds);
  for (std::size_t i = 0; i < bonds.size(); i += step) {
    const std::size_t count = within_cone(bonds, bonds[i], mean);
    if (count > most) most = count, best = bonds[i];
  }
  for (int turn = 0; turn < refinements; ++turn) {
    within_cone(bonds, best, mean);
    best = unit(mean);
  }
  if (best[2] < 0) best = scaled(best, -1);
  return {best[0], best[1], best[2]};
}

void turn_to_beam(Structure& structure, const Position& direction) {
  const Vector3 z = unit({direction.x, direction.y, direction.z});
  const Vector3 y = unit(cross(z, std::abs(z[0]) < 0.9 ? Vector3{1, 0, 0} : Vector3{0, 1, 0}));
  rotate(structure, {cross(y, z), y, z});
}

}  // namespace colonnade
