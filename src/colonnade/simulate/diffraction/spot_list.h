// SPDX-License-Identifier: GPL-3.0-or-later
// Kinematical patterns as lists of spots: every reflection near the Ewald sphere with |F|^2 times its shape factor (D.
// B. Williams, C. B. Carter, Transmission Electron Microscopy, chapters 12, 13 and 16). The clear version; the fast one
// is reflection_table.h.
#pragma once

#include <string>
#include <vector>

#include "colonnade/simulate/diffraction/spot_geometry.h"
#include "colonnade/simulate/diffraction/structure_factors.h"

namespace colonnade {

struct SpotOptions {
  double energy_keV = 200;
  ShapeFactor shape;
  double largest_excitation_per_A = 0.03;  ///< reflections farther from the sphere are left out
  double weakest = 0;                      ///< weaker spots are left out; in the unit of the intensities
  bool direct_beam = true;
  void check() const;
};

struct DiffractionSpot {
  Miller hkl{};
  double g_per_A = 0;               ///< |g|
  double x_per_A = 0, y_per_A = 0;  ///< on the detector: g across the beam
  double excitation_per_A = 0;
  double intensity = 0;  ///< |F|^2 in the unit of the reflections' factors, times the shape factor
};

/// "1̅ 1 0" without the spaces: overbars for minus signs (combining, so two characters each); indices of two digits
/// are kept apart by spaces.
std::string indices_text(const Miller& hkl);

/// In the order of the reflections. `orientation` is orientation_matrix() or any rotation.
std::vector<DiffractionSpot> spot_list(const std::vector<Reflection>& reflections, const Matrix3& orientation,
                                       const SpotOptions& options);

}  // namespace colonnade
