// SPDX-License-Identifier: GPL-3.0-or-later
// Atom counts of columns: true ones from a structure, predicted ones from maps.
#pragma once

#include <string>
#include <vector>

#include "colonnade/columns/column.h"
#include "colonnade/columns/point_grid.h"
#include "colonnade/image/image.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

struct TrueColumn {
  double x_A = 0, y_A = 0;
  std::vector<int> counts;  ///< per element, in the order asked
};

/// Groups atoms along the beam: atoms within `tolerance_A` of a dense spot in (x, y) are one column (mean position);
/// every atom belongs to exactly one. Columns sorted by y, then x. Fails on an element that is not in the list.
std::vector<TrueColumn> true_columns(const Structure& structure, const std::vector<std::string>& elements,
                                     double tolerance_A = 0.5);

/// Counts at the columns: the map's value there, as the Gaussian label's peak (largest of the bicubic values within one
/// pixel). One row per column, one entry per map; not rounded, never below 0.
std::vector<std::vector<double>> read_counts(const std::vector<Image>& maps, const std::vector<Column>& columns);

/// For each of `reference`, the index in `found` of its partner within the distance (nearest pairs first, each used
/// once), or -1.
std::vector<int> match_points(const std::vector<Point>& reference, const std::vector<Point>& found, double distance);

}  // namespace colonnade
