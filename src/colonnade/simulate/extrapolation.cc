// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/extrapolation.h"

#include <cmath>

#include "colonnade/core/error.h"

namespace colonnade {

namespace {

constexpr double least_correlation = 0.9;
constexpr double lowest_order = 0.5, highest_order = 8;

std::vector<double> difference(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> result(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) result[i] = a[i] - b[i];
  return result;
}

double product(const std::vector<double>& a, const std::vector<double>& b, const std::vector<double>& shares) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += shares[i] * a[i] * b[i];
  return sum;
}

// By how much the difference shrinks from steps (a, b) to (b, c) at a given order; grows with the order.
double shrinking(double a, double b, double c, double order) {
  return (std::pow(a, order) - std::pow(b, order)) / (std::pow(b, order) - std::pow(c, order));
}

std::optional<double> observed_order(double a, double b, double c, double ratio) {
  double low = lowest_order, high = highest_order;
  if (ratio < shrinking(a, b, c, low) || ratio > shrinking(a, b, c, high)) return std::nullopt;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (shrinking(a, b, c, middle) < ratio ? low : high) = middle;
  }
  return low;
}

}  // namespace

Extrapolation extrapolate(const std::vector<double>& steps, const std::vector<std::vector<double>>& results,
                          const std::vector<double>& shares) {
  if (results.size() < 2 || steps.size() != results.size()) fail("a limit needs at least two results with their steps");
  const std::size_t last = results.size() - 1;
  Extrapolation found{results[last], std::nullopt};
  if (last < 2) return found;
  const auto first = difference(results[last - 2], results[last - 1]);
  const auto second = difference(results[last - 1], results[last]);
  const double first_square = product(first, first, shares), second_square = product(second, second, shares);
  if (second_square == 0) return found;
  if (product(first, second, shares) < least_correlation * std::sqrt(first_square * second_square)) return found;
  const double a = steps[last - 2], b = steps[last - 1], c = steps[last];
  found.order = observed_order(a, b, c, std::sqrt(first_square / second_square));
  if (!found.order) return found;
  const double remaining = std::pow(c, *found.order) / (std::pow(b, *found.order) - std::pow(c, *found.order));
  for (std::size_t i = 0; i < found.limit.size(); ++i) found.limit[i] -= remaining * second[i];
  return found;
}

}  // namespace colonnade
