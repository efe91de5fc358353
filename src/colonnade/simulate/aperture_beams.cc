// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/aperture_beams.h"

#include <cmath>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/simulate/electron.h"

namespace colonnade {

namespace {

constexpr std::size_t least_beams = 7;

// A grid with the reciprocal lattice wanted, just large enough to carry the aperture and its soft edge.
WaveGrid aperture_grid(const WaveGrid& cell, int interpolation, double widest_per_A) {
  const double length_y = cell.length_y_A() / interpolation, length_x = cell.length_x_A() / interpolation;
  const int ny = 2 * (int(std::ceil(1.5 * widest_per_A * length_y)) + 3);
  const int nx = 2 * (int(std::ceil(1.5 * widest_per_A * length_x)) + 3);
  return {ny, nx, length_y / ny, length_x / nx};
}

}  // namespace

std::vector<Beam> aperture_beams(const WaveGrid& cell, int interpolation, const Optics& optics) {
  const double widest = optics.semiangle_mrad * 1e-3 / electron_wavelength_A(optics.energy_keV);
  const WaveGrid grid = aperture_grid(cell, interpolation, widest);
  const auto spectrum = probe_spectrum(grid, optics);
  std::vector<Beam> beams;
  for (int row = 0; row < grid.ny; ++row) {
    for (int column = 0; column < grid.nx; ++column) {
      const auto amplitude = spectrum[std::size_t(row) * grid.nx + column];
      if (amplitude == std::complex<float>(0)) continue;
      beams.push_back({(row < grid.ny / 2 ? row : row - grid.ny) * interpolation,
                       (column < grid.nx / 2 ? column : column - grid.nx) * interpolation, amplitude});
    }
  }
  if (beams.size() < least_beams) {
    fail("a PRISM interpolation of {} leaves {} beams in the aperture; use a smaller one", interpolation, beams.size());
  }
  return beams;
}

std::complex<double> shift_factor(const Beam& beam, const WaveGrid& cell, double y_A, double x_A) {
  const double turns = beam.ky(cell) * y_A + beam.kx(cell) * x_A;
  return std::polar(1.0, -2 * std::numbers::pi * (turns - std::round(turns)));
}

}  // namespace colonnade
