// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/electron.h"

#include <cmath>

namespace colonnade {

namespace {
constexpr double rest_energy_keV = 510.99895000;
constexpr double planck_times_c_keV_A = 12.398419843320026;
}  // namespace

double electron_wavelength_A(double energy_keV) {
  return planck_times_c_keV_A / std::sqrt(energy_keV * (2 * rest_energy_keV + energy_keV));
}

double electron_mass_ratio(double energy_keV) { return 1 + energy_keV / rest_energy_keV; }

// sigma x potential_per_scattering_factor = mass ratio x wavelength, exactly.
double interaction_constant(double energy_keV) {
  return electron_mass_ratio(energy_keV) * electron_wavelength_A(energy_keV) / potential_per_scattering_factor;
}

}  // namespace colonnade
