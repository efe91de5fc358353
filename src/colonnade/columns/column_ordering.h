// SPDX-License-Identifier: GPL-3.0-or-later
// Order between neighbouring columns: Warren-Cowley parameters over columns (Cowley, Phys. Rev. 77, 669, 1950, for
// pairs of atoms in neighbouring columns, touching or not) and Moran's I per element (Moran, Biometrika 37, 17, 1950),
// each against a random alloy of the same composition and totals (departures.h says how the null is drawn). Over pairs
// i ~ j of neighbouring columns, both ways:
//   alpha_ab = 1 - sum n_ia n_jb / (c_a c_b sum N_i N_j),  c_a = sum n_ia N_j / sum N_i N_j,
// which is 0 for a random alloy, negative on the diagonal where an element's columns cluster, negative off it where two
// elements seek each other. From estimates shrunk by reliabilities R the measured alpha is R_a R_b times the true one
// (errors of different elements taken as unmixed), and `corrected` divides by it.
// Moran's I is the correlation of neighbouring columns' standardised departures, -1/(columns - 1) for a random alloy.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/columns/count_distribution.h"
#include "colonnade/columns/point_grid.h"
#include "colonnade/columns/significance.h"
#include "colonnade/core/options.h"

namespace colonnade {

struct OrderingOptions {
  std::uint64_t seed = 1;
  int shuffles = 999;
  double reach = 1.3;               ///< neighbours: within this many times the distance of nearest ones
  double least_atoms = 1;           ///< columns with fewer in the mean are left out
  std::string null = "departures";  ///< or "atoms" (departures.h)
  void describe(OptionTable& table, const std::string& section = "analysis");
  void check() const;
};

struct PairOrder {
  std::size_t a = 0, b = 0;  ///< a <= b
  double alpha = 0;
  double corrected = 0, corrected_deviation = 0;  ///< NaN where R_a R_b is below 0.2
  Significance chance;                            ///< of alpha, judged with all other pairs
};

struct Aggregation {
  std::size_t element = 0;
  double moran = 0;
  Significance chance;     ///< judged with all other elements
  double reliability = 0;  ///< 0: the estimates say nothing of this element beyond the total; 1: known
  double spread = 0;       ///< variance within columns over that of a random alloy: above 1, it clusters along the beam
};

struct ColumnOrdering {
  std::size_t columns = 0, neighbour_pairs = 0;
  int shuffles = 0;
  std::string without;  ///< why there is nothing to say (too few columns, one element), or empty
  std::vector<PairOrder> pairs;
  std::vector<Aggregation> elements;
  const PairOrder& pair(std::size_t a, std::size_t b) const;
  /// The smallest adjusted p of all pairs; 1 without pairs.
  double smallest_p() const;
};

/// `positions` of the columns in nm (any unit does). Flagged columns are left out. Same seed, same numbers, whatever
/// the number of threads.
ColumnOrdering column_ordering(const std::vector<Point>& positions, const std::vector<CountDistribution>& columns,
                               const OrderingOptions& options = {});

nlohmann::json to_json(const ColumnOrdering& ordering, const std::vector<std::string>& elements);

}  // namespace colonnade
