// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/scattering_factors.h"

#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/simulate/scattering_tables.h"

namespace colonnade {

namespace {

double kirkland_factor(const std::array<double, 12>& row, double q_squared) {
  double sum = 0;
  for (int i = 0; i < 6; i += 2) {
    sum += row[i] / (q_squared + row[i + 1]) + row[i + 6] * std::exp(-row[i + 7] * q_squared);
  }
  return sum;
}

double lobato_factor(const std::array<double, 10>& row, double q_squared) {
  double sum = 0;
  for (int i = 0; i < 5; ++i) {
    const double term = row[i + 5] * q_squared;
    sum += row[i] * (2 + term) / ((1 + term) * (1 + term));
  }
  return sum;
}

}  // namespace

Parametrization parse_parametrization(const std::string& name) {
  if (name == "lobato") return Parametrization::lobato;
  if (name == "kirkland") return Parametrization::kirkland;
  fail("parametrization '{}' of the scattering factors is unknown; use lobato or kirkland", name);
}

double scattering_factor(Parametrization parametrization, int atomic_number, double q_per_A) {
  if (atomic_number < 1 || atomic_number > largest_parametrized_number) {
    fail("no scattering factor for atomic number {}; the parametrisations cover 1 to {}", atomic_number,
         largest_parametrized_number);
  }
  const double q_squared = q_per_A * q_per_A;
  const std::size_t row = atomic_number - 1;
  return parametrization == Parametrization::lobato ? lobato_factor(lobato_table[row], q_squared)
                                                    : kirkland_factor(kirkland_table[row], q_squared);
}

}  // namespace colonnade
