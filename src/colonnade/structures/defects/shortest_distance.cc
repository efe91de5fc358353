// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/defects/shortest_distance.h"

#include <algorithm>
#include <limits>

#include "colonnade/structures/defects/oriented_cell.h"
#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/neighbours.h"

namespace colonnade {

namespace {

/// From an atom to its own images.
double shortest_period(const Structure& structure) {
  double nearest = std::numeric_limits<double>::infinity();
  constexpr int reach = 2;
  for (int a = -reach; a <= reach; ++a) {
    for (int b = -reach; b <= reach; ++b) {
      for (int c = -reach; c <= reach; ++c) {
        const Vector3 steps{double(a), double(b), double(c)};
        bool counts = a != 0 || b != 0 || c != 0;
        for (std::size_t k = 0; k < 3; ++k) counts = counts && (steps[k] == 0 || structure.periodic[k]);
        if (counts) nearest = std::min(nearest, length(combine(steps, structure.cell)));
      }
    }
  }
  return nearest;
}

}  // namespace

double shortest_distance(const Structure& structure) {
  double nearest = std::numeric_limits<double>::infinity();
  if (structure.atoms.empty()) return nearest;
  const double own = shortest_period(structure);
  const bool periodic = structure.periodic[0] || structure.periodic[1] || structure.periodic[2];
  for (const double reach : {1.0, 2.0, 4.0, 6.0}) {
    const NeighbourList list(structure, reach);
    for (std::size_t i = 0; i < list.size(); ++i) {
      for (const auto j : list.of(i)) {
        if (std::size_t(j) == i) {
          nearest = std::min(nearest, own);
          continue;
        }
        const Position &p = structure.atoms[i].position, &q = structure.atoms[std::size_t(j)].position;
        const double direct = length({p.x - q.x, p.y - q.y, p.z - q.z});
        nearest = std::min(nearest, periodic ? periodic_distance(structure, p, q) : direct);
      }
    }
    if (nearest <= reach) return nearest;
  }
  return nearest;
}

}  // namespace colonnade
