// SPDX-License-Identifier: GPL-3.0-or-later
// How a column's composition differs from the alloy's: it follows its neighbours where like atoms cluster, and varies
// about that. The counts of a column of n atoms are Dirichlet-multinomial about fractions in which each neighbour's
// atom weighs `kinship` against 1 for the alloy's; a concentration without end is a random alloy.
#pragma once

#include <limits>
#include <vector>

namespace colonnade {

struct LocalOrder {
  double concentration = std::numeric_limits<double>::infinity();
  double kinship = 0;
};

/// What is tried when the order is found by evidence. `followed`: also that columns follow their neighbours. That needs
/// signals that tell all elements apart: of elements that look alike, the neighbours are not known either.
std::vector<LocalOrder> possible_orders(bool followed = true);

/// What is expected of an alloy whose order is not known: concentrations about 12, to within a factor of e. Signals
/// that tell elements apart overrule it at once.
double log_prior(const LocalOrder& order);

/// Expected fractions of every column. `atoms`: [column][element], of the neighbours as known; below 0 counts as 0.
std::vector<std::vector<double>> local_fractions(const std::vector<double>& alloy,
                                                 const std::vector<std::vector<double>>& atoms,
                                                 const std::vector<std::vector<int>>& neighbours, double kinship);

/// Of the possible orders that under which columns whose counts are known are likeliest.
LocalOrder order_of(const std::vector<double>& alloy, const std::vector<std::vector<double>>& counts,
                    const std::vector<std::vector<int>>& neighbours);

}  // namespace colonnade
