// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/wave_grid.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "colonnade/simulate/electron.h"

namespace colonnade {

namespace {
constexpr double limit_per_pitch = 2.0 / 3 / 2;
constexpr double taper_per_pitch = 0.01;
}  // namespace

double WaveGrid::band_end() const {
  return (band == BandShape::radial ? limit_per_pitch : 0.25) / std::max(pitch_y_A, pitch_x_A);
}

double WaveGrid::band_flat() const {
  return band == BandShape::radial ? (limit_per_pitch - taper_per_pitch) / std::max(pitch_y_A, pitch_x_A) : band_end();
}

double WaveGrid::band_limit(double k_per_A) const {
  if (k_per_A <= band_flat()) return 1;
  if (k_per_A >= band_end()) return 0;
  return 0.5 * (1 + std::cos(std::numbers::pi * (k_per_A - band_flat()) / (band_end() - band_flat())));
}

double WaveGrid::band_limit(double kx_per_A, double ky_per_A) const {
  if (band == BandShape::radial) return band_limit(std::hypot(kx_per_A, ky_per_A));
  const double limit = band_end() * (1 - 1e-12);
  const auto within = [limit](double k) { return k >= -limit * (1 + 2e-12) && k < limit; };
  return within(kx_per_A) && within(ky_per_A) ? 1 : 0;
}

double largest_angle_mrad(double sampling_A, double energy_keV) {
  return 1e3 * electron_wavelength_A(energy_keV) * limit_per_pitch / sampling_A;
}

double sampling_for_angle(double angle_mrad, double energy_keV) {
  return 1e3 * electron_wavelength_A(energy_keV) * limit_per_pitch / angle_mrad;
}

}  // namespace colonnade
