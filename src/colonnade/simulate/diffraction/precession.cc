// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/diffraction/precession.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/simulate/electron.h"

namespace colonnade {

void PrecessionOptions::check() const {
  if (!(angle_deg >= 0 && angle_deg <= 10)) fail("a precession angle of {} degrees; give 0 (none) to 10", angle_deg);
  if (azimuths < 1 || azimuths > 10000) fail("{} azimuths of the precession; give 1 to 10000", azimuths);
}

// About the axis at right angles to the azimuth, by Rodrigues' formula.
Matrix3 precessed(const Matrix3& orientation, double angle_deg, double azimuth_deg) {
  const double angle = angle_deg * std::numbers::pi / 180, azimuth = azimuth_deg * std::numbers::pi / 180;
  const double x = -std::sin(azimuth), y = std::cos(azimuth), c = std::cos(angle), s = std::sin(angle);
  const Matrix3 tilt{{{c + x * x * (1 - c), x * y * (1 - c), y * s},
                      {x * y * (1 - c), c + y * y * (1 - c), -x * s},
                      {-y * s, x * s, c}}};
  return multiply(tilt, orientation);
}

std::vector<DiffractionSpot> precess(
    const Structure& crystal, const Matrix3& orientation, const PrecessionOptions& precession, double energy_keV,
    const std::function<std::vector<DiffractionSpot>(const Matrix3& orientation)>& spots) {
  precession.check();
  const int azimuths = precession.angle_deg > 0 ? precession.azimuths : 1;
  std::vector<std::vector<DiffractionSpot>> lists{std::size_t(azimuths)};
  parallel_for(azimuths, [&](std::int64_t n, int) {
    lists[std::size_t(n)] = spots(precessed(orientation, precession.angle_deg, 360.0 * double(n) / azimuths));
  });
  std::map<Miller, double> sums;
  for (const auto& list : lists)
    for (const auto& spot : list) sums[spot.hkl] += spot.intensity;
  const Matrix3 star = reciprocal_cell(crystal);
  const double k = 1 / electron_wavelength_A(energy_keV);
  std::vector<DiffractionSpot> result;
  for (const auto& [hkl, sum] : sums) {
    const Vector3 g = multiply(orientation, combine({double(hkl[0]), double(hkl[1]), double(hkl[2])}, star));
    result.push_back({hkl, length(g), g[0], g[1], excitation_error(g, k), sum / azimuths});
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const auto& a, const auto& b) { return a.intensity > b.intensity; });
  return result;
}

std::vector<DiffractionSpot> precessed_spots(const Structure& crystal, const std::vector<Reflection>& reflections,
                                             const Matrix3& orientation, const SpotOptions& options,
                                             const PrecessionOptions& precession) {
  return precess(crystal, orientation, precession, options.energy_keV,
                 [&](const Matrix3& turned) { return spot_list(reflections, turned, options); });
}

std::vector<DiffractionSpot> precessed_bloch_spots(const Structure& crystal, const Matrix3& orientation,
                                                   const BlochOptions& options, double thickness_A,
                                                   const PrecessionOptions& precession) {
  return precess(crystal, orientation, precession, options.energy_keV,
                 [&](const Matrix3& turned) { return BlochWaves(crystal, turned, options).spots(thickness_A, 0); });
}

}  // namespace colonnade
