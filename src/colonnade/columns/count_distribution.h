// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of the atoms of one column: what every estimator of counts gives. Means and covariances over elements
// (the sum of two is often known better than each), and the distribution of each count and of the total.
// Intervals are those of a count's histogram: a count n stands for the bar from n - 1/2 to n + 1/2, so that an interval
// can hold exactly 68 % although counts are whole. Coverage is judged likewise: the part of the true count's bar that
// lies inside (the randomised probability integral transform; Czado, Gneiting and Held, Biometrics 65, 1254, 2009).
#pragma once

#include <string>
#include <vector>

namespace colonnade {

/// probabilities[n] of n atoms; they sum to 1.
using CountProbabilities = std::vector<double>;

struct Interval {
  double low = 0, high = 0;
};

/// The central interval that holds the level (0.68: from the quantile 0.16 to that of 0.84), -1/2 at the lowest.
Interval central_interval(const CountProbabilities& probabilities, double level);
/// The part of n's bar, n - 1/2 to n + 1/2, that lies in the interval.
double part_inside(int n, const Interval& interval);
double mean_of(const CountProbabilities& probabilities);
double variance_of(const CountProbabilities& probabilities);
/// The count most likely exact, and the count most likely off by one at most.
int most_likely(const CountProbabilities& probabilities);
int most_likely_within_one(const CountProbabilities& probabilities);
/// Bars of a normal distribution of this mean and deviation; what lies below -1/2 goes to 0.
CountProbabilities normal_counts(double mean, double deviation);
/// Probabilities whose intervals are wider by the factor (about the mean), for calibration.
CountProbabilities widened(const CountProbabilities& probabilities, double factor);

struct CountDistribution {
  std::vector<double> mean;                  ///< per element
  std::vector<double> covariance;            ///< element x element
  std::vector<CountProbabilities> elements;  ///< of each element's count
  CountProbabilities total;                  ///< of the sum over all elements
  double surprise =
      0;             ///< distance of the signals from what the estimator expects, in standard deviations; 0: not known
  std::string flag;  ///< why the column lies outside what the estimator is for ("edge of the image", ...); or empty

  double deviation(std::size_t element) const;
  /// Between two elements' counts; 0 where one is known exactly.
  double correlation(std::size_t a, std::size_t b) const;
  /// Mean and standard deviation of the sum of a group's counts.
  double group_mean(const std::vector<std::size_t>& group) const;
  double group_deviation(const std::vector<std::size_t>& group) const;
};

/// The normal distribution with these moments, its bars for every element and for the total. Fails where the covariance
/// does not fit the means, or is not finite.
CountDistribution normal_distribution(const std::vector<double>& mean, const std::vector<double>& covariance);

/// The same with its elements in another order: the first is `order[0]` of before.
CountDistribution reordered(const CountDistribution& column, const std::vector<std::size_t>& order);

/// Fails, naming the column, where the parts of a distribution do not fit each other or the number of elements.
void check_distributions(const std::vector<CountDistribution>& columns, std::size_t elements);

/// Covariance of two sums over groups of elements, of a covariance [element][element].
double block_sum(const std::vector<double>& covariance, std::size_t elements, const std::vector<std::size_t>& first,
                 const std::vector<std::size_t>& second);

}  // namespace colonnade
