// SPDX-License-Identifier: GPL-3.0-or-later
// The lattice that a crystal shows along a zone axis: the shortest translations that carry its projection into itself,
// which may be finer than the projected cell (diamond along [001]), and the atomic columns within. Angstrom, in the
// frame of zone_axis_rotation().
#pragma once

#include <array>
#include <map>
#include <vector>

#include "colonnade/structures/crystal.h"

namespace colonnade {

struct ProjectedColumn {
  std::array<double, 2> place{};  ///< fractions of a and b, in [0, 1)
  std::map<int, double> atoms;    ///< atomic number -> atoms per Angstrom along the beam
};

struct ProjectedLattice {
  std::array<double, 2> a{}, b{};  ///< a the shortest, b the next; a x b > 0
  std::vector<ProjectedColumn> columns;
};

ProjectedLattice projected_lattice(const Structure& crystal, const Miller& zone_axis);

}  // namespace colonnade
