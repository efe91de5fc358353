// SPDX-License-Identifier: GPL-3.0-or-later
// Which columns stand side by side, from their positions alone. Any length unit.
#pragma once

#include <utility>
#include <vector>

#include "colonnade/columns/point_grid.h"

namespace colonnade {

/// Pairs (i < j) of points not farther apart than `reach` times the median distance to the nearest neighbour. The
/// default takes the six neighbours of an fcc crystal seen down [110] (the second distance is 1.15 of the first, the
/// third 1.63) and the nearest shell of square and hexagonal projections (next: 1.41, 1.73).
std::vector<std::pair<int, int>> neighbour_pairs(const std::vector<Point>& points, double reach = 1.3);

/// Of each point the others that lie within the distance, in their order.
std::vector<std::vector<int>> neighbour_lists(const std::vector<Point>& points, double distance);

}  // namespace colonnade
