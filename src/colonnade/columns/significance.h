// SPDX-License-Identifier: GPL-3.0-or-later
// How statistics stand to draws under a null hypothesis: z-scores, p-values, and p-values for many at once.
#pragma once

#include <vector>

namespace colonnade {

/// How far a statistic lies from what chance gives.
struct Significance {
  double expected = 0, deviation = 0;  ///< of the null
  double z = 0;                        ///< (measured - expected) / deviation
  double p = 1;                        ///< two-sided, (1 + draws as far out) / (1 + draws)
  double p_adjusted = 1;               ///< the same for the farthest of all statistics judged together
};

/// Judges statistics against draws under the null (draws[k] as long as `measured`). p_adjusted holds the family's error
/// rate whatever the correlations between the statistics (single-step max |z|: Westfall and Young 1993).
std::vector<Significance> judge(const std::vector<double>& measured, const std::vector<std::vector<double>>& draws);

}  // namespace colonnade
