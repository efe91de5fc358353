// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/ionisation.h"

#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/structures/elements.h"

namespace colonnade {

namespace {

constexpr double rydberg_eV = 13.605693122994;
constexpr double rest_energy_eV = 510998.95;
constexpr double hbar_c_eV_A = 1973.269804;
constexpr double barn_per_A2 = 1e8;

// sqrt(energy / Rydberg) as a polynomial of Z / 50 - 1.
struct Moseley {
  const char* name;
  int first_number, electrons;
  double coefficients[6];
};

constexpr int last_number = 92;
constexpr Moseley subshells[] = {
    {"K", 6, 2, {46.3114, 50.1793, 3.72806, 2.7421, 0.395263, -2.17206}},
    {"L1", 20, 2, {18.1309, 23.255, 2.60438, -1.91704, 2.26452, 1.39157}},
    {"L2", 20, 2, {17.4931, 23.1636, 2.56315, -1.94939, 2.2195, 1.47604}},
    {"L3", 20, 4, {17.0095, 21.6204, 0.804153, -2.74852, 1.99465, 1.20338}},
};

template <int count>
double polynomial(const double (&coefficients)[count], double x) {
  double value = 0;
  for (int i = count - 1; i >= 0; --i) value = value * x + coefficients[i];
  return value;
}

double yield_from_root(double fourth_root) {
  const double ratio = std::pow(fourth_root, 4);
  return ratio / (1 + ratio);
}

}  // namespace

Shell parse_shell(const std::string& name) {
  if (name == "K") return Shell::K;
  if (name == "L") return Shell::L;
  fail("there are no X-ray lines '{}' here; give K or L", name);
}

const char* shell_name(Shell shell) { return shell == Shell::K ? "K" : "L"; }

double binding_energy_eV(int atomic_number, Subshell subshell) {
  const Moseley& fit = subshells[int(subshell)];
  if (atomic_number < fit.first_number || atomic_number > last_number) {
    fail("the {} binding energy of element {} is not known; elements {} to {} have one", fit.name, atomic_number,
         fit.first_number, last_number);
  }
  return rydberg_eV * std::pow(polynomial(fit.coefficients, atomic_number / 50.0 - 1), 2);
}

double ionisation_cross_section_barn(int atomic_number, Subshell subshell, double energy_keV) {
  const double binding = binding_energy_eV(atomic_number, subshell);
  const double u = 1e3 * energy_keV / binding;
  if (u <= 1) return 0;
  const double phi = 10.57 * std::exp(-1.736 / u + 0.317 / (u * u));
  const double psi = std::pow(binding / rydberg_eV, -0.0318 + 0.316 / u - 0.1135 / (u * u));
  // Gryzinski's relativistic factor; energies in units of the electron's rest energy.
  const double i = binding / rest_energy_eV, t = 1e3 * energy_keV / rest_energy_eV;
  const double up = std::pow(1 + i, 2) * (2 + t);
  const double relativistic =
      (2 + i) / (2 + t) * std::pow((1 + t) / (1 + i), 2) * std::pow((i + t) * up / (t * up + i * (2 + i)), 1.5);
  return subshells[int(subshell)].electrons * std::pow(bohr_radius_A * rydberg_eV / binding, 2) * barn_per_A2 *
         relativistic * psi * phi * std::log(u) / u;
}

double fluorescence_yield(int atomic_number, Shell shell) {
  if (atomic_number < 3 || atomic_number > 100) fail("element {} has no fluorescence yield here", atomic_number);
  const double z = atomic_number;
  if (shell == Shell::K) return yield_from_root(polynomial({0.0370, 0.03112, 5.44e-5, -1.25e-6}, z));
  if (atomic_number < 37) return 1.939e-8 * std::pow(z, 3.8874);
  return yield_from_root(polynomial({0.17765, 0.00298937, 8.91297e-5, -2.67184e-7}, z));
}

double ionisation_impact_parameter_A(double binding_eV, double energy_keV) {
  const double total = 1e3 * energy_keV / rest_energy_eV + 1, beta = std::sqrt(1 - 1 / (total * total));
  const double ratio = 1e3 * energy_keV / binding_eV;
  if (!(ratio > 1)) fail("a beam of {} keV does not ionise a shell bound by {:.0f} eV", energy_keV, binding_eV);
  return hbar_c_eV_A * beta / binding_eV / std::sqrt(std::log(4 * ratio));
}

}  // namespace colonnade
