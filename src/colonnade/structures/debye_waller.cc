// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/debye_waller.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/structures/elements.h"

namespace colonnade {
namespace {

constexpr double eight_pi_squared = 8 * std::numbers::pi * std::numbers::pi;
constexpr double table_K = 280;

struct TabulatedFactor {
  int number;
  double b_280K;
};

// Lithium to thorium; of calcium and iron the form stable at room temperature (fcc, bcc).
constexpr TabulatedFactor tabulated[] = {
    {3, 4.5950},  {4, 0.4040},  {6, 0.1420},  {11, 6.3640},  {12, 1.7310}, {13, 0.7460}, {14, 0.4630}, {19, 10.239},
    {20, 1.9080}, {21, 0.7120}, {22, 0.4910}, {23, 0.5460},  {24, 0.2390}, {26, 0.3100}, {28, 0.3400}, {29, 0.5260},
    {30, 1.0910}, {32, 0.5730}, {37, 12.604}, {38, 3.6220},  {39, 0.8170}, {40, 0.5430}, {41, 0.4290}, {42, 0.2050},
    {46, 0.4250}, {47, 0.7017}, {50, 1.0825}, {55, 16.7698}, {56, 2.9279}, {57, 1.7739}, {65, 0.9660}, {67, 0.8023},
    {73, 0.3078}, {74, 0.1526}, {78, 0.3557}, {79, 0.5925},  {82, 2.0341}, {90, 0.6977},
};
constexpr double cobalt_300K = 0.3643 * (58.693 * 450.0 * 450.0) / (58.933 * 445.0 * 445.0);

struct DebyeTemperature {
  int number;
  double kelvin;
};

constexpr DebyeTemperature debye_temperatures[] = {
    {25, 410}, {31, 320}, {33, 282}, {44, 600}, {45, 480},  {48, 209},  {49, 108}, {51, 211}, {52, 153},
    {72, 252}, {75, 430}, {76, 500}, {77, 420}, {80, 71.9}, {81, 78.5}, {83, 119}, {92, 207},
};

/// hbar^2 / (u k), A^2 K: CODATA 2018.
constexpr double quantum_A2_K = 1.054571817e-34 * 1.054571817e-34 / (1.66053906660e-27 * 1.380649e-23) * 1e20;

}  // namespace

double default_b_factor(int atomic_number) {
  if (atomic_number == 27) return cobalt_300K;
  const auto* const found = std::find_if(std::begin(tabulated), std::end(tabulated),
                                         [&](const auto& entry) { return entry.number == atomic_number; });
  return found == std::end(tabulated) ? 0 : found->b_280K * 300 / table_K;
}

double debye_phi(double x) {
  if (x < 1e-6) return 1 - x / 4;
  // Beyond 50 the integrand is below 1e-20.
  const double end = std::min(x, 50.0);
  constexpr int steps = 400;
  const double h = end / steps;
  const auto integrand = [](double t) { return t < 1e-9 ? 1.0 : t / std::expm1(t); };
  double sum = integrand(0) + integrand(end);
  for (int i = 1; i < steps; ++i) sum += (i % 2 == 1 ? 4 : 2) * integrand(i * h);
  return sum * h / 3 / x;
}

double debye_sigma_A(double mass_u, double debye_K, double temperature_K) {
  const bool proper =
      mass_u > 0 && debye_K > 0 && temperature_K >= 0 && std::isfinite(mass_u + debye_K + temperature_K);
  if (!proper) {
    fail("a mass of {} u with a Debye temperature of {} K at {} K is not possible", mass_u, debye_K, temperature_K);
  }
  const double x = temperature_K > 0 ? debye_K / temperature_K : 0;
  const double motion = temperature_K > 0 ? debye_phi(x) / x : 0;
  return std::sqrt(3 * quantum_A2_K / (mass_u * debye_K) * (0.25 + motion));
}

double debye_temperature_of(double mass_u, double sigma_A, double temperature_K) {
  double low = 5, high = 5000;
  if (!(debye_sigma_A(mass_u, low, temperature_K) > sigma_A && debye_sigma_A(mass_u, high, temperature_K) < sigma_A)) {
    fail("no Debye temperature from {} to {} K gives a displacement of {} A at {} K", low, high, sigma_A,
         temperature_K);
  }
  while (high - low > 1e-9 * high) {
    const double middle = (low + high) / 2;
    (debye_sigma_A(mass_u, middle, temperature_K) > sigma_A ? low : high) = middle;
  }
  return (low + high) / 2;
}

double debye_temperature_K(int atomic_number) {
  if (const double b = default_b_factor(atomic_number); b > 0) {
    return debye_temperature_of(element(atomic_number).mass_u, std::sqrt(b * table_K / 300 / eight_pi_squared),
                                table_K);
  }
  const auto* const found = std::find_if(std::begin(debye_temperatures), std::end(debye_temperatures),
                                         [&](const auto& entry) { return entry.number == atomic_number; });
  return found == std::end(debye_temperatures) ? 0 : found->kelvin;
}

}  // namespace colonnade
