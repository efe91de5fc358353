// SPDX-License-Identifier: GPL-3.0-or-later
// The focused probe. Aberrations in Krivanek notation (Krivanek, Dellby, Lupini, Ultramicroscopy 78, 1, 1999):
// chi(alpha, phi) = 2 pi / lambda * sum_{n,m} C_nm alpha^(n+1)/(n+1) cos(m (phi - phi_nm)), probe = F^-1[A exp(-i
// chi)], phi = atan2(k_y, k_x) in the image's axes (x to the right, y downwards), n from 1 to 5: all fourteen
// coefficients up to fifth order. C10 = -defocus. Positive defocus (C10
// < 0) is underfocus: the crossover lies that far below the entrance surface.
#pragma once

#include <complex>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/simulate/wave_grid.h"

namespace colonnade {

/// Coefficients in Angstrom, angles in degrees.
struct Aberrations {
  double C10 = 0, C12 = 0, phi12 = 0;
  double C21 = 0, phi21 = 0, C23 = 0, phi23 = 0;
  double C30 = 0, C32 = 0, phi32 = 0, C34 = 0, phi34 = 0;
  double C41 = 0, phi41 = 0, C43 = 0, phi43 = 0, C45 = 0, phi45 = 0;
  double C50 = 0, C52 = 0, phi52 = 0, C54 = 0, phi54 = 0, C56 = 0, phi56 = 0;
  /// Phase chi in radians at polar angle alpha (rad) and azimuth phi (rad).
  double phase(double alpha_rad, double azimuth_rad, double wavelength_A) const;
  /// Sets a coefficient (A) or an azimuth (degrees) by its name, "C10" ... "phi56"; fails on another name, naming the
  /// nearest.
  void set(const std::string& name, double value);
};

struct Optics {
  double energy_keV = 200;
  double semiangle_mrad = 17.5;
  Aberrations aberrations;
  void describe(OptionTable& table, const std::string& section = "optics");
  void check() const;
};

/// What every output says about the sign of the defocus.
extern const char* const defocus_statement;

/// The aperture on one point of a grid, 0 to 1. Its edge is one grid step wide, so that the probe's shape does not jump
/// with the grid: clip((a_max |a| - |a|^2) / sqrt(sum_i (da_i a_i)^2) + 1/2, 0, 1), angles a = lambda k.
double aperture(const WaveGrid& grid, int row, int column, const Optics& optics);

/// The probe at the grid's origin in Fourier space, (y, x) in FFT order, normalised to sum |psi|^2 = 1.
std::vector<std::complex<float>> probe_spectrum(const WaveGrid& grid, const Optics& optics);

/// The part of the probe's intensity that lies within a radius of its centre, in vacuum, a depth below the entrance
/// surface. By quadrature, to about 1e-3.
double probe_within(const Optics& optics, double depth_A, double radius_A);

}  // namespace colonnade
