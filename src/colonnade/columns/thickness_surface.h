// SPDX-License-Identifier: GPL-3.0-or-later
// What the neighbourhood says of a column's total: thickness is a smooth surface (facets) with roughness. The totals of
// the columns around, each known to its own error, predict that of the column by kriging: a local plane plus a
// Gaussian process of Matern 3/2 correlation plus roughness (Rasmussen and Williams, Gaussian Processes for Machine
// Learning, 2006, chapters 2.7 and 4). The column's own value is left out of its prediction.
#pragma once

#include <vector>

#include "colonnade/columns/point_grid.h"

namespace colonnade {

struct Estimate {
  double value = 0, variance = 0;
};

/// Standard deviations in atoms, length in nm.
struct SurfaceParameters {
  double amplitude = 2, length_nm = 1, roughness = 0.7;
};

/// For each column, its total as the others around predict it; the variance includes the roughness. Where fewer than
/// three others are near, the mean of all with their spread.
std::vector<Estimate> predict_from_others(const std::vector<Point>& positions_nm, const std::vector<Estimate>& totals,
                                          const SurfaceParameters& parameters);

/// The parameters (of a small grid) under which the totals are best predicted by their neighbours (largest
/// leave-one-out predictive density). Totals with an error larger than they spread give the defaults.
SurfaceParameters fit_surface(const std::vector<Point>& positions_nm, const std::vector<Estimate>& totals);

}  // namespace colonnade
