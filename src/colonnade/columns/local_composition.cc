// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/local_composition.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace colonnade {
namespace {

constexpr std::array concentrations{4.0, 12.0, 40.0, std::numeric_limits<double>::infinity()};
constexpr std::array kinships{0.0, 0.01, 0.1};

/// log of the Dirichlet-multinomial, up to what does not depend on the order.
double log_likelihood(const std::vector<double>& counts, const std::vector<double>& fractions, double concentration) {
  double log = 0, total = 0;
  for (std::size_t e = 0; e < counts.size(); ++e) {
    const double f = std::max(fractions[e], 1e-12), a = concentration * f;
    log += std::isfinite(concentration) ? std::lgamma(counts[e] + a) - std::lgamma(a) : counts[e] * std::log(f);
    total += counts[e];
  }
  if (std::isfinite(concentration)) log += std::lgamma(concentration) - std::lgamma(total + concentration);
  return log;
}

}  // namespace

std::vector<LocalOrder> possible_orders(bool followed) {
  std::vector<LocalOrder> orders;
  for (const double concentration : concentrations) {
    for (const double kinship : kinships) {
      if (followed || kinship == 0) orders.push_back({concentration, kinship});
    }
  }
  return orders;
}

double log_prior(const LocalOrder& order) {
  constexpr double usual = 12, random_alloy = 200;
  const double concentration = std::min(order.concentration, random_alloy);
  return -0.5 * std::pow(std::log(concentration / usual), 2);
}

std::vector<std::vector<double>> local_fractions(const std::vector<double>& alloy,
                                                 const std::vector<std::vector<double>>& atoms,
                                                 const std::vector<std::vector<int>>& neighbours, double kinship) {
  std::vector<std::vector<double>> fractions(neighbours.size(), alloy);
  for (std::size_t i = 0; i < fractions.size(); ++i) {
    double weight = 1;
    for (const int other : neighbours[i]) {
      for (std::size_t e = 0; e < alloy.size(); ++e) {
        const double added = kinship * std::max(0.0, atoms[other][e]);
        fractions[i][e] += added;
        weight += added;
      }
    }
    for (double& fraction : fractions[i]) fraction /= weight;
  }
  return fractions;
}

LocalOrder order_of(const std::vector<double>& alloy, const std::vector<std::vector<double>>& counts,
                    const std::vector<std::vector<int>>& neighbours) {
  LocalOrder best;
  double most = -std::numeric_limits<double>::infinity();
  for (const LocalOrder& order : possible_orders()) {
    const auto fractions = local_fractions(alloy, counts, neighbours, order.kinship);
    double likelihood = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      likelihood += log_likelihood(counts[i], fractions[i], order.concentration);
    }
    if (likelihood > most) most = likelihood, best = order;
  }
  return best;
}

}  // namespace colonnade
