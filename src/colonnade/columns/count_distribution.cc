// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/count_distribution.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

double normal_below(double value) { return 0.5 * std::erfc(-value / std::numbers::sqrt2); }

/// Where the histogram's integral reaches the level; bars are filled evenly.
double quantile(const CountProbabilities& probabilities, double level) {
  double below = 0;
  for (std::size_t n = 0; n < probabilities.size(); ++n) {
    if (below + probabilities[n] >= level && probabilities[n] > 0) {
      return double(n) - 0.5 + (level - below) / probabilities[n];
    }
    below += probabilities[n];
  }
  return double(probabilities.size()) - 0.5;
}

/// Integral of the histogram up to a place.
double integral(const CountProbabilities& probabilities, double place) {
  double sum = 0;
  for (std::size_t n = 0; n < probabilities.size(); ++n) {
    sum += probabilities[n] * std::clamp(place - (double(n) - 0.5), 0.0, 1.0);
  }
  return sum;
}

}  // namespace

Interval central_interval(const CountProbabilities& probabilities, double level) {
  if (!(level > 0 && level < 1)) fail("an interval of level {} is no interval; give a level between 0 and 1", level);
  return {quantile(probabilities, (1 - level) / 2), quantile(probabilities, (1 + level) / 2)};
}

double part_inside(int n, const Interval& interval) {
  return std::max(0.0, std::min(n + 0.5, interval.high) - std::max(n - 0.5, interval.low));
}

double mean_of(const CountProbabilities& probabilities) {
  double sum = 0;
  for (std::size_t n = 0; n < probabilities.size(); ++n) sum += double(n) * probabilities[n];
  return sum;
}

double variance_of(const CountProbabilities& probabilities) {
  const double mean = mean_of(probabilities);
  double sum = 0;
  for (std::size_t n = 0; n < probabilities.size(); ++n) sum += std::pow(double(n) - mean, 2) * probabilities[n];
  return sum;
}

int most_likely(const CountProbabilities& probabilities) {
  return int(std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin());
}

int most_likely_within_one(const CountProbabilities& probabilities) {
  const auto at = [&](int n) { return n >= 0 && n < std::ssize(probabilities) ? probabilities[n] : 0.0; };
  int best = 0;
  double most = -1;
  for (int n = 0; n < std::ssize(probabilities); ++n) {
    const double three = at(n - 1) + at(n) + at(n + 1) + 1e-9 * at(n);
    if (three > most) most = three, best = n;
  }
  return best;
}

CountProbabilities normal_counts(double mean, double deviation) {
  const double width = std::max(deviation, 1e-6);
  const int last = std::max(0, int(std::ceil(mean + 6 * width)));
  CountProbabilities bars(last + 1);
  double below = 0;
  for (int n = 0; n < last; ++n) {
    const double up_to = normal_below((n + 0.5 - mean) / width);
    bars[n] = up_to - below;
    below = up_to;
  }
  bars[last] = 1 - below;
  return bars;
}

CountProbabilities widened(const CountProbabilities& probabilities, double factor) {
  if (!(factor > 0 && std::isfinite(factor))) fail("intervals cannot be widened by {}; give a factor above 0", factor);
  if (factor == 1 || probabilities.empty()) return probabilities;
  const double centre = mean_of(probabilities), last = double(probabilities.size()) - 0.5;
  const int bars = std::max(1, int(std::ceil(centre + factor * (last - centre) + 0.5)));
  CountProbabilities result(bars);
  double below = 0;
  for (int n = 0; n + 1 < bars; ++n) {
    const double up_to = integral(probabilities, centre + (n + 0.5 - centre) / factor);
    result[n] = up_to - below;
    below = up_to;
  }
  result[bars - 1] = 1 - below;
  return result;
}

double CountDistribution::deviation(std::size_t element) const {
  return std::sqrt(std::max(0.0, covariance[element * mean.size() + element]));
}

double CountDistribution::correlation(std::size_t a, std::size_t b) const {
  const double product = deviation(a) * deviation(b);
  return product > 0 ? std::clamp(covariance[a * mean.size() + b] / product, -1.0, 1.0) : 0;
}

double CountDistribution::group_mean(const std::vector<std::size_t>& group) const {
  double sum = 0;
  for (const std::size_t element : group) sum += mean[element];
  return sum;
}

double CountDistribution::group_deviation(const std::vector<std::size_t>& group) const {
  return std::sqrt(std::max(0.0, block_sum(covariance, mean.size(), group, group)));
}

double block_sum(const std::vector<double>& covariance, std::size_t elements, const std::vector<std::size_t>& first,
                 const std::vector<std::size_t>& second) {
  double sum = 0;
  for (const std::size_t a : first) {
    for (const std::size_t b : second) sum += covariance[a * elements + b];
  }
  return sum;
}

CountDistribution normal_distribution(const std::vector<double>& mean, const std::vector<double>& covariance) {
  const std::size_t elements = mean.size();
  if (covariance.size() != elements * elements) {
    fail("a covariance of {} numbers does not fit {} elements; give one for each pair", covariance.size(), elements);
  }
  CountDistribution column{mean, covariance, {}, {}, 0, ""};
  double total = 0, variance = 0;
  for (std::size_t a = 0; a < elements; ++a) {
    if (!std::isfinite(mean[a])) fail("the mean count of element {} is not finite", a + 1);
    total += mean[a];
    for (std::size_t b = 0; b < elements; ++b) variance += covariance[a * elements + b];
    column.elements.push_back(normal_counts(mean[a], column.deviation(a)));
  }
  if (!std::isfinite(variance)) fail("the covariance of counts is not finite");
  column.total = normal_counts(total, std::sqrt(std::max(0.0, variance)));
  return column;
}

CountDistribution reordered(const CountDistribution& column, const std::vector<std::size_t>& order) {
  CountDistribution result = column;
  const std::size_t elements = order.size();
  for (std::size_t a = 0; a < elements; ++a) {
    result.mean[a] = column.mean[order[a]];
    result.elements[a] = column.elements[order[a]];
    for (std::size_t b = 0; b < elements; ++b) {
      result.covariance[a * elements + b] = column.covariance[order[a] * elements + order[b]];
    }
  }
  return result;
}

void check_distributions(const std::vector<CountDistribution>& columns, std::size_t elements) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const CountDistribution& column = columns[i];
    if (column.mean.size() != elements || column.covariance.size() != elements * elements ||
        column.elements.size() != elements || column.total.empty()) {
      fail("column {}: its distribution is not of {} elements; make all by one estimator", i + 1, elements);
    }
  }
}

}  // namespace colonnade
