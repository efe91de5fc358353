// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/diffraction/pattern_set.h"

#include <algorithm>
#include <numeric>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"

namespace colonnade {

std::vector<Miller> triangle_zones(int largest) {
  if (largest < 1 || largest > 20) fail("zone axes with indices up to {}; give 1 to 20", largest);
  std::vector<Miller> zones;
  for (int u = 0; u <= largest; ++u)
    for (int v = u; v <= largest; ++v)
      for (int w = std::max(v, 1); w <= largest; ++w)
        if (std::gcd(std::gcd(u, v), w) == 1) zones.push_back({u, v, w});
  const auto square = [](const Miller& z) { return z[0] * z[0] + z[1] * z[1] + z[2] * z[2]; };
  std::stable_sort(zones.begin(), zones.end(), [&](const auto& a, const auto& b) { return square(a) < square(b); });
  return zones;
}

std::vector<Miller> set_zones() {
  auto zones = triangle_zones(3);
  zones.insert(zones.end(), {Miller{0, 1, 4}, Miller{1, 1, 4}, Miller{1, 2, 4}});
  return zones;
}

std::vector<SetPattern> pattern_set(const Structure& crystal, const StructureFactorOptions& factors,
                                    const SpotOptions& spots, const RasterOptions& raster, const Random& random) {
  const auto reflections = structure_factors(crystal, factors);
  std::vector<SetPattern> patterns;
  for (const double energy : set_energies_keV)
    for (const double length : set_camera_lengths_mm)
      for (const Miller& zone : set_zones()) patterns.push_back({zone, energy, length, {}, {}});
  parallel_for(std::ssize(patterns), [&](std::int64_t n, int) {
    SetPattern& pattern = patterns[std::size_t(n)];
    SpotOptions options = spots;
    options.energy_keV = pattern.energy_keV;
    RasterOptions camera = raster;
    camera.camera.camera_length_mm = pattern.camera_length_mm;
    camera.camera.half_width_mm = set_half_width_mm;
    pattern.spots = spot_list(reflections, orientation_matrix(crystal, {pattern.zone, 0, 0, 0}), options);
    Random own = random.stream(std::uint64_t(n));
    pattern.image = PatternRaster(camera, pattern.energy_keV).draw(pattern.spots, own);
  });
  return patterns;
}

}  // namespace colonnade
