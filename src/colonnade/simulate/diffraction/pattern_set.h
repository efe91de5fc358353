// SPDX-License-Identifier: GPL-3.0-or-later
// The zone-axis patterns of a cubic crystal that a training set of crystal structures is made of: 3 voltages x 3 camera
// lengths x 16 zone axes.
#pragma once

#include <array>
#include <vector>

#include "colonnade/simulate/diffraction/pattern_raster.h"

namespace colonnade {

inline constexpr std::array<double, 3> set_energies_keV{100, 200, 300};
inline constexpr std::array<double, 3> set_camera_lengths_mm{500, 680, 1000};
inline constexpr double set_half_width_mm = 25;

/// The coprime zones [uvw], 0 <= u <= v <= w, with indices up to `largest`: the directions of the cubic standard
/// triangle, sorted by the sum of their squares, then by u, v, w.
std::vector<Miller> triangle_zones(int largest);
/// The 13 with indices up to 3, and [014], [114] and [124].
std::vector<Miller> set_zones();

struct SetPattern {
  Miller zone{};
  double energy_keV = 0, camera_length_mm = 0;
  std::vector<DiffractionSpot> spots;
  Image image;
};

/// All 144, by voltage, then camera length, then zone. `raster` gives all but the camera length and half width;
/// `shape` and the rest of `spots` all but the energy. Each pattern has a stream of the generator of its own.
std::vector<SetPattern> pattern_set(const Structure& crystal, const StructureFactorOptions& factors,
                                    const SpotOptions& spots, const RasterOptions& raster, const Random& random);

}  // namespace colonnade
