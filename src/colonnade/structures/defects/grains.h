// SPDX-License-Identifier: GPL-3.0-or-later
// A polycrystal: Voronoi cells of random seeds in a periodic box, each filled with the crystal in a random orientation
// (uniform over rotations: K. Shoemake, Uniform random rotations, Graphics Gems III, Academic Press 1992). Of atoms
// that come too close across a boundary one is left out, and grains reach over their boundary as far as makes the
// number of atoms that of the perfect crystal. Lengths in Angstrom.
#pragma once

#include "colonnade/core/options.h"
#include "colonnade/core/random.h"
#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

struct GrainOptions {
  int grains = 0;
  double closest = 0.75;  ///< asked of atoms across a boundary: this fraction of the crystal's shortest distance
  void describe(OptionTable& table, const std::string& section = "grains");
  void check() const;
  bool any() const { return grains > 0; }
};

/// A box of this size with its corner at the origin. Metadata: seeds and rotations (rows) of the grains. Fails where a
/// grain would have no room for the crystal's cell.
Structure make_grains(const Structure& crystal, const Vector3& size_A, const GrainOptions& options, Random& random);

/// A rotation, uniform over all.
Matrix3 random_rotation(Random& random);

}  // namespace colonnade
