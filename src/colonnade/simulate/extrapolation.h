// SPDX-License-Identifier: GPL-3.0-or-later
// The limit of a sequence of results as a step size goes to zero (Richardson, Phil. Trans. A 210, 307, 1911), with the
// order of convergence observed, not assumed.
#pragma once

#include <optional>
#include <vector>

namespace colonnade {

struct Extrapolation {
  std::vector<double> limit;    ///< the finest result where nothing can be extrapolated
  std::optional<double> order;  ///< of the step size; none: not extrapolated
};

/// `results[i]` are the same quantities at step size steps[i], steps falling; `shares` weigh them. The last three
/// determine the order: the limit is extrapolated only where both differences point the same way (weighted correlation
/// above 0.9) and shrink as a power between 0.5 and 8 of the step; else it is the finest result. Fails on fewer than
/// two.
Extrapolation extrapolate(const std::vector<double>& steps, const std::vector<std::vector<double>>& results,
                          const std::vector<double>& shares);

}  // namespace colonnade
