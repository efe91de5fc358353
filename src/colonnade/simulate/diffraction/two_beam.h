// SPDX-License-Identifier: GPL-3.0-or-later
// The dynamical theory of one diffracted beam in closed form, without absorption (P. B. Hirsch, A. Howie, R. B.
// Nicholson, D. W. Pashley, M. J. Whelan, Electron Microscopy of Thin Crystals, chapter 8). Lengths in Angstrom.
#pragma once

#include <complex>
#include <vector>

#include "colonnade/simulate/diffraction/spot_list.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

/// Strength of a reflection in the potential, U_g = (mass ratio) F_g / (pi V), 1/A^2.
std::complex<double> potential_strength(std::complex<double> factor_A, double volume_A3, double energy_keV);

/// pi V / (mass ratio x wavelength x |F|), F in A with the rest mass, far from grazing incidence.
double extinction_distance_A(double factor_A, double volume_A3, double energy_keV);

/// The diffracted share of the beam behind a crystal of this thickness at excitation error s.
double two_beam_intensity(double extinction_A, double excitation_per_A, double thickness_A);

/// Each reflection as if it were alone with the direct beam, which has what is left of 1, and 0 where nothing is:
/// then the theory does not apply. `options.shape` gives the thickness.
std::vector<DiffractionSpot> two_beam_spots(const Structure& crystal, const std::vector<Reflection>& reflections,
                                            const Matrix3& orientation, const SpotOptions& options);

}  // namespace colonnade
