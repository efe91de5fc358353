// SPDX-License-Identifier: GPL-3.0-or-later
// How wrong counts are by how many atoms there really are. An estimator that does not know an element says about its
// mean everywhere: its error grows and its bias falls from both sides of the mean.
#pragma once

#include <cstddef>
#include <vector>

namespace colonnade {

/// Over the columns that hold `height` atoms of an element.
struct HeightError {
  int height = 0, columns = 0;
  double mean_absolute = 0, rms = 0;
  double bias = 0;  ///< mean of predicted minus true
};

/// Per element, for each height that occurs, ascending. Rows by column, entries by element; true counts are whole.
std::vector<std::vector<HeightError>> errors_by_height(const std::vector<std::vector<double>>& truth,
                                                       const std::vector<std::vector<double>>& predicted,
                                                       std::size_t elements);

}  // namespace colonnade
