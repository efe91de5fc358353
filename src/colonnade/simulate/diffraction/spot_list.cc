// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/diffraction/spot_list.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "colonnade/core/error.h"
#include "colonnade/simulate/electron.h"

namespace colonnade {

void SpotOptions::check() const {
  if (!(energy_keV >= 1 && energy_keV <= 10000)) fail("an energy of {} keV; give 1 to 10000", energy_keV);
  if (!(std::isfinite(largest_excitation_per_A) && largest_excitation_per_A > 0))
    fail("the largest excitation error is {} 1/A; give a positive number, e.g. 0.03", largest_excitation_per_A);
  if (!(std::isfinite(weakest) && weakest >= 0)) fail("the weakest spot is {}; give 0 or more", weakest);
  shape.check();
}

std::string indices_text(const Miller& hkl) {
  const bool apart = std::any_of(hkl.begin(), hkl.end(), [](int index) { return std::abs(index) > 9; });
  std::string text;
  for (const int index : hkl) {
    if (apart && !text.empty()) text += ' ';
    for (const char digit : std::to_string(std::abs(index))) {
      text += digit;
      if (index < 0) text += "\u0305";
    }
  }
  return text;
}

std::vector<DiffractionSpot> spot_list(const std::vector<Reflection>& reflections, const Matrix3& orientation,
                                       const SpotOptions& options) {
  options.check();
  const double k = 1 / electron_wavelength_A(options.energy_keV);
  std::vector<DiffractionSpot> spots;
  for (const Reflection& reflection : reflections) {
    if (!options.direct_beam && reflection.hkl == Miller{}) continue;
    const Vector3 g = multiply(orientation, reflection.g);
    const double s = excitation_error(g, k);
    if (!(std::abs(s) <= options.largest_excitation_per_A)) continue;
    const double intensity = std::norm(reflection.factor) * options.shape.value(s);
    if (intensity < options.weakest) continue;
    spots.push_back({reflection.hkl, length(reflection.g), g[0], g[1], s, intensity});
  }
  return spots;
}

}  // namespace colonnade
