// SPDX-License-Identifier: GPL-3.0-or-later
// What phases show along their zone axes: the zero-order layer of each zone as a plane lattice with intensities, once
// per family of zones that a proper rotation of the Laue group carries into each other (the rest differ by more than a
// rotation in the plane). 1/Angstrom, in the frame of zone_axis_rotation().
#pragma once

#include <vector>

#include "colonnade/diffraction/pattern_scale.h"
#include "colonnade/diffraction/phase.h"

namespace colonnade {

/// A reflection of a zone, m and n its whole numbers along the zone's basis.
struct ZoneReflection {
  int m = 0, n = 0;
  float x = 0, y = 0, length = 0;  ///< 1/Angstrom
  float strength = 0;              ///< |F|^2 over the strongest of the zone
};

struct Zone {
  std::size_t phase = 0;  ///< in the list of phases
  Miller axis{};
  /// The lattice that the zone's own reflections span: a double diffraction within the zone reaches each of its points,
  /// absent reflections among them, and no other.
  std::array<Vector2, 2> basis{};
  std::array<Miller, 2> basis_hkl{};
  double cell_area = 0;                     ///< 1/Angstrom^2
  std::vector<ZoneReflection> reflections;  ///< not absent; by length
  int reach_m = 0, reach_n = 0;             ///< the table's
  std::vector<float> table;                 ///< strength at (m, n), 0: absent

  float strength(int m, int n) const {
    if (m < -reach_m || m > reach_m || n < -reach_n || n > reach_n) return 0;
    return table[std::size_t(m + reach_m) * (2 * reach_n + 1) + std::size_t(n + reach_n)];
  }
  Miller hkl(int m, int n) const {
    return {m * basis_hkl[0][0] + n * basis_hkl[1][0], m * basis_hkl[0][1] + n * basis_hkl[1][1],
            m * basis_hkl[0][2] + n * basis_hkl[1][2]};
  }
};

/// Directions [uvw] without a common factor, no index beyond `highest_index`, one of each family under the operations
/// of determinant +1: that with the fewest negative indices, of these the largest u, then v, then w.
std::vector<Miller> zone_families(const std::vector<std::array<Miller, 3>>& laue, int highest_index);

/// Whether an operation of the Laue group, proper or not, carries one zone into the other or its opposite.
bool same_family(const std::vector<std::array<Miller, 3>>& laue, const Miller& one, const Miller& other);

/// The zones of all phases whose layer holds reflections in two directions.
std::vector<Zone> make_zones(const std::vector<Phase>& phases, int highest_index);

}  // namespace colonnade
