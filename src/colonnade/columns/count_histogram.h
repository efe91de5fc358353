// SPDX-License-Identifier: GPL-3.0-or-later
// Histograms over columns whose counts are uncertain: the number of columns in a bin is a sum of independent yes-or-no
// events (Poisson binomial), with mean sum(p) and variance sum(p (1 - p)) over the columns' probabilities p of the bin.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/columns/count_distribution.h"

namespace colonnade {

struct ColumnHistogram {
  std::string name;                         ///< the element, or "total"
  std::vector<double> expected, deviation;  ///< columns per bin, and its standard deviation
};

/// Bins 0, 1, 2 ... atoms, as far as any of the elements or `with_total` reaches. One histogram per element, and at the
/// end that of the total.
std::vector<ColumnHistogram> count_histograms(const std::vector<CountDistribution>& columns,
                                              const std::vector<std::size_t>& which,
                                              const std::vector<std::string>& elements);

/// Bins of equal width of an element's share of its column's atoms, 0 to 1 (the figures 7c and 8c of Ragone et al.,
/// Comput. Mater. Sci. 2021, 110905). The share of a column is taken as normal with the first-order variance of n / N;
/// what lies outside 0 to 1 goes to the outermost bins.
std::vector<ColumnHistogram> share_histograms(const std::vector<CountDistribution>& columns,
                                              const std::vector<std::size_t>& which,
                                              const std::vector<std::string>& elements, int bins = 10);

/// Mean and standard deviation of an element's share of the column.
struct Share {
  double mean = 0, deviation = 0;
};
Share share_of(const CountDistribution& column, std::size_t element);

nlohmann::json to_json(const ColumnHistogram& histogram);

}  // namespace colonnade
