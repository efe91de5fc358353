// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/scattering_factors.h"

#include <limits>

#include "colonnade/core/error.h"
#include "colonnade/simulate/factor_terms.h"
#include "colonnade/simulate/scattering_tables.h"

namespace colonnade {

Parametrization parse_parametrization(const std::string& name) {
  for (const auto known : {Parametrization::lobato, Parametrization::kirkland, Parametrization::peng}) {
    if (name == parametrization_name(known)) return known;
  }
  fail("parametrization '{}' of the scattering factors is unknown; use lobato, kirkland or peng", name);
}

std::string parametrization_name(Parametrization parametrization) {
  switch (parametrization) {
    case Parametrization::kirkland:
      return "kirkland";
    case Parametrization::peng:
      return "peng";
    default:
      return "lobato";
  }
}

int largest_number(Parametrization parametrization) {
  return parametrization == Parametrization::peng ? largest_peng_number : largest_parametrized_number;
}

double largest_valid_q(Parametrization parametrization) {
  switch (parametrization) {
    case Parametrization::kirkland:
      return 12;
    case Parametrization::peng:
      return 4;
    default:
      return std::numeric_limits<double>::infinity();
  }
}

double scattering_factor(Parametrization parametrization, int atomic_number, double q_per_A) {
  return factor_terms(parametrization, atomic_number).factor(q_per_A);
}

}  // namespace colonnade
