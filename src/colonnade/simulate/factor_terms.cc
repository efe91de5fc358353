// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/factor_terms.h"

#include <cmath>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/simulate/scattering_tables.h"

namespace colonnade {

namespace {

constexpr double pi = std::numbers::pi;

void require_element(Parametrization parametrization, int atomic_number) {
  const int largest = largest_number(parametrization);
  if (atomic_number < 1 || atomic_number > largest) {
    fail("no scattering factor for atomic number {}; the parametrisation '{}' covers 1 to {}", atomic_number,
         parametrization_name(parametrization), largest);
  }
}

std::vector<FactorTerms> all_terms(Parametrization parametrization) {
  std::vector<FactorTerms> terms;
  for (int number = 1; number <= largest_number(parametrization); ++number) terms.emplace_back(parametrization, number);
  return terms;
}

}  // namespace

FactorTerms::FactorTerms(Parametrization parametrization, int atomic_number) {
  require_element(parametrization, atomic_number);
  const std::size_t z = std::size_t(atomic_number) - 1;
  if (parametrization == Parametrization::kirkland) {
    const auto& row = kirkland_table[z];
    for (std::size_t i = 0; i < 6; i += 2) {
      lorentzians_.push_back({row[i], row[i + 1]});
      gaussians_.push_back({row[i + 6], row[i + 7]});
    }
  } else if (parametrization == Parametrization::peng) {
    const auto& row = peng_table[z];
    for (std::size_t i = 0; i < 5; ++i) gaussians_.push_back({row[i], row[i + 5] / 4});
  } else {
    // a (2 + b q^2) / (1 + b q^2)^2 with c = 1/b is a c / (q^2 + c) + a c^2 / (q^2 + c)^2.
    const auto& row = lobato_table[z];
    for (std::size_t i = 0; i < 5; ++i) {
      const double c = 1 / row[i + 5];
      lorentzians_.push_back({row[i] * c, c});
      squares_.push_back({row[i] * c * c, c});
    }
  }
}

double FactorTerms::factor(double q_per_A) const {
  const double q_squared = q_per_A * q_per_A;
  double sum = 0;
  for (const auto& [a, c] : lorentzians_) sum += a / (q_squared + c);
  for (const auto& [a, c] : squares_) sum += a / ((q_squared + c) * (q_squared + c));
  for (const auto& [a, b] : gaussians_) sum += a * std::exp(-b * q_squared);
  return sum;
}

// With kappa = sqrt(k^2 + c): the transform of 1 / (k^2 + k_z^2 + c) along z is pi / kappa exp(-2 pi kappa |z|), and
// -d/dc of it that of 1 / (k^2 + k_z^2 + c)^2.
double FactorTerms::beyond(double k_per_A, double distance_A) const {
  const double k_squared = k_per_A * k_per_A, d = distance_A;
  double sum = 0;
  for (const auto& [a, c] : lorentzians_) {
    const double kappa = std::sqrt(k_squared + c);
    sum += a * std::exp(-2 * pi * kappa * d) / (2 * kappa * kappa);
  }
  for (const auto& [a, c] : squares_) {
    const double kappa = std::sqrt(k_squared + c);
    sum += a * std::exp(-2 * pi * kappa * d) * (1 + pi * d * kappa) / (2 * std::pow(kappa, 4));
  }
  for (const auto& [a, b] : gaussians_) {
    sum += a * std::exp(-b * k_squared) * std::erfc(pi * d / std::sqrt(b)) / 2;
  }
  return sum;
}

double FactorTerms::projected(double radius_A) const {
  double sum = 0;
  for (const auto& [a, c] : lorentzians_) {
    sum += a * 2 * pi * std::cyl_bessel_k(0, 2 * pi * std::sqrt(c) * radius_A);
  }
  for (const auto& [a, c] : squares_) {
    const double root = std::sqrt(c);
    sum += a * 2 * pi * pi * radius_A / root * std::cyl_bessel_k(1, 2 * pi * root * radius_A);
  }
  for (const auto& [a, b] : gaussians_) sum += a * pi / b * std::exp(-pi * pi * radius_A * radius_A / b);
  return sum;
}

const FactorTerms& factor_terms(Parametrization parametrization, int atomic_number) {
  static const std::vector<FactorTerms> tables[] = {
      all_terms(Parametrization::lobato), all_terms(Parametrization::kirkland), all_terms(Parametrization::peng)};
  require_element(parametrization, atomic_number);
  return tables[int(parametrization)][std::size_t(atomic_number) - 1];
}

double FactorTerms::reach(double share) const {
  const double wanted = share * factor(0);
  double distance = 0.5;
  while (beyond(0, distance) > wanted && distance < 50) distance += 0.25;
  return distance;
}

}  // namespace colonnade
