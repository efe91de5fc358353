// SPDX-License-Identifier: GPL-3.0-or-later
// The probe as a sum of plane waves: the points of Fourier space within the aperture, of which PRISM (C. Ophus, Adv.
// Struct. Chem. Imaging 3, 13, 2017) keeps every f-th each way. What remains is a probe with the period cell / f.
#pragma once

#include <complex>
#include <vector>

#include "colonnade/simulate/probe.h"
#include "colonnade/simulate/wave_grid.h"

namespace colonnade {

/// exp(2 pi i k.r) with k = (row / length_y, column / length_x) of the cell, row and column signed.
struct Beam {
  int row = 0, column = 0;
  std::complex<double> amplitude = 1;
  double ky(const WaveGrid& cell) const { return row / cell.length_y_A(); }
  double kx(const WaveGrid& cell) const { return column / cell.length_x_A(); }
};

/// Every `interpolation`-th point of the cell's Fourier grid within the aperture, with the probe's amplitudes (squares
/// sum to 1; aberrations in) for a probe at the origin. Fails where fewer than 7 remain.
std::vector<Beam> aperture_beams(const WaveGrid& cell, int interpolation, const Optics& optics);

/// exp(-2 pi i k.r), the phase reduced in double precision; r in Angstrom from the cell's corner.
std::complex<double> shift_factor(const Beam& beam, const WaveGrid& cell, double y_A, double x_A);

}  // namespace colonnade
