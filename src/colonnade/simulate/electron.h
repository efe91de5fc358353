// SPDX-License-Identifier: GPL-3.0-or-later
// The relativistic electron (constants: CODATA 2018).
#pragma once

namespace colonnade {

/// Bohr radius in Angstrom.
inline constexpr double bohr_radius_A = 0.529177210903;
/// h^2 / (2 pi m e) in V A^2 with the rest mass: turns a scattering factor in A into a projected potential's transform.
inline constexpr double potential_per_scattering_factor = 47.877647305682395;

/// de Broglie wavelength in Angstrom at an acceleration voltage in kV.
double electron_wavelength_A(double energy_keV);
/// Mass over rest mass, 1 + eU / (m c^2).
double electron_mass_ratio(double energy_keV);
/// Interaction constant sigma = 2 pi m e lambda / h^2 in rad / (V Angstrom).
double interaction_constant(double energy_keV);

}  // namespace colonnade
