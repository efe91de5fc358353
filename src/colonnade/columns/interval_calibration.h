// SPDX-License-Identifier: GPL-3.0-or-later
// Intervals that hold what they promise: factors on the standard deviations of counts, found on columns whose truth is
// known and that the estimator has not seen.
#pragma once

#include <vector>

#include "colonnade/columns/count_distribution.h"

namespace colonnade {

/// The factors, by element, under which the 68 % and 95 % intervals of the columns hold the truth as often as they
/// should (the two summed), within 1/3 to 3. Empty without columns. `truth`: [column][element].
std::vector<double> widening_of(const std::vector<CountDistribution>& columns,
                                const std::vector<std::vector<double>>& truth);

/// With each deviation times its element's factor. Empty factors: as it is.
CountDistribution widened(const CountDistribution& column, const std::vector<double>& factors);

}  // namespace colonnade
