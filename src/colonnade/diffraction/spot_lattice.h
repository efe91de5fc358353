// SPDX-License-Identifier: GPL-3.0-or-later
// The plane lattice on which the spots of a pattern lie, without knowing the crystal: pairs of frequent differences
// between spots are tried, and the pair is taken whose lattice through the centre explains most of the intensity beyond
// chance with the fewest empty points; then least squares. Spots off the lattice (a second crystal, artefacts, a few
// superlattice spots) do not count. Pixels, or whatever unit the places have.
#pragma once

#include <vector>

#include "colonnade/diffraction/pattern_scale.h"

namespace colonnade {

struct LatticeSpot {
  Vector2 place{};  ///< from the pattern's centre
  double weight = 1;
};

struct SpotLattice {
  Vector2 a{}, b{};  ///< reduced: the shortest, and the next at 60 to 120 degrees, b clockwise of a (y down)
  Vector2 a_error{}, b_error{};  ///< standard errors of the components, by the scatter of the spots
  double explained = 0;          ///< share of the weight on lattice points
  double occupied = 0;           ///< share of the lattice points within the spots' reach that have a spot
  double rms = 0;                ///< distance of those spots from their points
  struct Index {
    bool on = false;  ///< on the lattice
    int m = 0, n = 0;
  };
  std::vector<Index> index;  ///< one per spot
};

/// `tolerance`: how far from its lattice point a spot may lie; it grows by 1 % of the distance from the centre. Fails
/// where fewer than 4 spots are given or no two directions explain a third of the weight.
SpotLattice fit_spot_lattice(const std::vector<LatticeSpot>& spots, double tolerance);

/// Angle between a and b, degrees.
double lattice_angle_deg(const SpotLattice& lattice);

}  // namespace colonnade
