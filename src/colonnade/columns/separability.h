// SPDX-License-Identifier: GPL-3.0-or-later
// Which elements the data can tell apart, from the columns' distributions alone.
// For two elements (or groups) a and b of overall fractions c_a, c_b, the contrast d = n_a / c_a - n_b / c_b does not
// depend on the column's total N, and in a random alloy of which N alone is known its variance is N (1/c_a + 1/c_b)
// (multinomial). The ratio of the posterior variance to that, both summed over columns, is 1 where the data say nothing
// beyond the total and 0 where both are known. A plain difference n_a - n_b would call a rare, well-known element
// unknown because its abundant partner is.
// Groups: as long as any two have a ratio of `threshold` or more, the two with the largest are merged and from then on
// counted together. The threshold is 0.5: two elements are separated where the data take away more than half of the
// variance of their contrast, that is where more than half of what varies between columns is seen (R2 above 0.5).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/columns/count_distribution.h"

namespace colonnade {

inline constexpr double separation_threshold = 0.5;

struct Separability {
  std::vector<double> ratios;                    ///< element x element; the diagonal is 0
  std::vector<std::vector<std::size_t>> groups;  ///< elements ascending; groups by their first element
  double threshold = separation_threshold;
};

/// Fails unless the threshold lies between 0 and 1. Without usable columns nothing is separated.
Separability separability(const std::vector<CountDistribution>& columns, std::size_t elements,
                          double threshold = separation_threshold);

/// "Ni+Co+Fe" for a group.
std::string group_name(const std::vector<std::size_t>& group, const std::vector<std::string>& elements);

nlohmann::json to_json(const Separability& separability, const std::vector<std::string>& elements);

}  // namespace colonnade
