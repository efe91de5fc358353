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

double WaveGrid::band_end() const { return limit_per_pitch / std::max(pitch_y_A, pitch_x_A); }

double WaveGrid::band_flat() const { return (limit_per_pitch - taper_per_pitch) / std::max(pitch_y_A, pitch_x_A); }

double WaveGrid::band_limit(double k_per_A) const {
  if (k_per_A <= band_flat()) return 1;
  if (k_per_A >= band_end()) return 0;
  return 0.5 * (1 + std::cos(std::numbers::pi * (k_per_A - band_flat()) / (band_end() - band_flat())));
}

double largest_angle_mrad(double sampling_A, double energy_keV) {
  return 1e3 * electron_wavelength_A(energy_keV) * limit_per_pitch / sampling_A;
}

double sampling_for_angle(double angle_mrad, double energy_keV) {
  return 1e3 * electron_wavelength_A(energy_keV) * limit_per_pitch / angle_mrad;
}

}  // namespace colonnade
