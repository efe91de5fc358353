// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/diffraction/two_beam.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "colonnade/simulate/electron.h"

namespace colonnade {

using std::numbers::pi;

std::complex<double> potential_strength(std::complex<double> factor_A, double volume_A3, double energy_keV) {
  return factor_A * (electron_mass_ratio(energy_keV) / (pi * volume_A3));
}

double extinction_distance_A(double factor_A, double volume_A3, double energy_keV) {
  return pi * volume_A3 / (electron_mass_ratio(energy_keV) * electron_wavelength_A(energy_keV) * factor_A);
}

double two_beam_intensity(double extinction_A, double excitation_per_A, double thickness_A) {
  const double effective = std::hypot(excitation_per_A, 1 / extinction_A);
  return std::pow(std::sin(pi * thickness_A * effective) / (extinction_A * effective), 2);
}

std::vector<DiffractionSpot> two_beam_spots(const Structure& crystal, const std::vector<Reflection>& reflections,
                                            const Matrix3& orientation, const SpotOptions& options) {
  SpotOptions geometry = options;
  geometry.shape.model = ShapeModel::slab;
  geometry.weakest = 0;
  geometry.direct_beam = true;
  const double volume = std::abs(determinant(crystal.cell));
  auto spots = spot_list(reflections, orientation, geometry);
  double diffracted = 0;
  std::size_t n = 0;
  for (DiffractionSpot& spot : spots) {
    while (reflections[n].hkl != spot.hkl) ++n;
    if (spot.hkl == Miller{}) continue;
    const double extinction = extinction_distance_A(std::abs(reflections[n].factor), volume, options.energy_keV);
    spot.intensity = two_beam_intensity(extinction, spot.excitation_per_A, options.shape.thickness_A);
    diffracted += spot.intensity;
  }
  for (DiffractionSpot& spot : spots)
    if (spot.hkl == Miller{}) spot.intensity = std::max(0.0, 1 - diffracted);
  return spots;
}

}  // namespace colonnade
