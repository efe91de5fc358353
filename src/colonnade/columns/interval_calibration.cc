// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/interval_calibration.h"

#include <cmath>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

/// How many of the columns hold the truth of one element, both levels summed.
double held(const std::vector<CountDistribution>& columns, const std::vector<std::vector<double>>& truth,
            std::size_t element, double factor) {
  double sum = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const CountProbabilities bars = widened(columns[i].elements[element], factor);
    const int count = int(std::lround(truth[i][element]));
    for (const double level : {0.68, 0.95}) sum += part_inside(count, central_interval(bars, level));
  }
  return sum;
}

}  // namespace

std::vector<double> widening_of(const std::vector<CountDistribution>& columns,
                                const std::vector<std::vector<double>>& truth) {
  if (columns.size() != truth.size()) {
    fail("{} columns were counted but {} are known; match them first", columns.size(), truth.size());
  }
  std::vector<double> factors;
  if (columns.empty()) return factors;
  for (std::size_t e = 0; e < columns[0].mean.size(); ++e) {
    double low = 1.0 / 3, high = 3;
    for (int turn = 0; turn < 20; ++turn) {
      const double factor = std::sqrt(low * high);
      (held(columns, truth, e, factor) > (0.68 + 0.95) * double(columns.size()) ? high : low) = factor;
    }
    factors.push_back(std::sqrt(low * high));
  }
  return factors;
}

CountDistribution widened(const CountDistribution& column, const std::vector<double>& factors) {
  if (factors.empty()) return column;
  CountDistribution result = column;
  const std::size_t elements = factors.size();
  double before = 0, after = 0;
  for (std::size_t a = 0; a < elements; ++a) {
    result.elements[a] = widened(column.elements[a], factors[a]);
    for (std::size_t b = 0; b < elements; ++b) {
      double& entry = result.covariance[a * elements + b];
      before += entry;
      entry *= factors[a] * factors[b];
      after += entry;
    }
  }
  if (before > 0 && after > 0) result.total = widened(column.total, std::sqrt(after / before));
  return result;
}

}  // namespace colonnade
