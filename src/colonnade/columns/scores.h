// SPDX-License-Identifier: GPL-3.0-or-later
// How good counts are: per element R2, errors, and the figures they have to be held against.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/columns/count_distribution.h"

namespace colonnade {

struct CountScore {
  std::string element;
  int columns = 0;
  double r2 = 0;  ///< 1 - SSE/SST over columns; NaN where the truth does not vary
  double mean_absolute_error = 0;
  double exact = 0, within_1 = 0, within_2 = 0, within_3 = 0;  ///< fractions of the columns, after rounding
  /// Of distributions: their root mean square deviation, and the part of the columns in their intervals (part_inside);
  /// else NaN.
  double deviation = NAN, coverage_68 = NAN, coverage_95 = NAN;
};

/// `truth` and `predicted`: one row per column, one entry per element.
std::vector<CountScore> score_counts(const std::vector<std::vector<double>>& truth,
                                     const std::vector<std::vector<double>>& predicted,
                                     const std::vector<std::string>& elements);
/// The same of distributions: R2 of their means, exact of the most likely counts, within_n of the counts most likely
/// off by one at most.
std::vector<CountScore> score_distributions(const std::vector<std::vector<double>>& truth,
                                            const std::vector<CountDistribution>& predicted,
                                            const std::vector<std::string>& elements);
/// The thickness-only predictor: each column's true total times the element's mean fraction over all columns.
std::vector<std::vector<double>> thickness_only(const std::vector<std::vector<double>>& truth);
/// Figures of Ragone et al. 2021 for Pt, Ni, Pd, Co, Fe (exact and within one); other elements have none.
struct PublishedScore {
  double exact = 0, within_1 = 0;
};
const PublishedScore* published_score(const std::string& element);

nlohmann::json to_json(const CountScore& score);

}  // namespace colonnade
