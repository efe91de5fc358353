// SPDX-License-Identifier: GPL-3.0-or-later
// A row of edge dislocations of one sign, equally spaced in one glide plane, as a low-misfit interface or the front of
// a pile-up has them. x along the Burgers vector, y along the normal of the glide plane, z (the beam) along the lines:
//   fcc (also diamond, rock salt): b = a/2 [1-10], plane (111), line [11-2];
//   bcc:                           b = a/2 [111], plane (1-10), line [11-2].
// The half above the glide plane has one repeat of the crystal along b more per dislocation than the half below; both
// share the width. Displacements by anisotropic elasticity (stroh.h), the row summed without end along x, so that the
// specimen is exactly periodic there; or "half_planes": the planes are inserted and each half strained evenly, for
// those who relax the specimen afterwards. y has free surfaces, whose image forces are left out. Lengths in Angstrom.
#pragma once

#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

struct DislocationOptions {
  int dislocations = 0;
  std::string dislocation_method = "elastic";  ///< "elastic" or "half_planes"
  double core_A = 0;  ///< nearer to a line than this, displaced as at this distance; 0: half the Burgers vector
  void describe(OptionTable& table, const std::string& section = "dislocation");
  void check() const;
  bool any() const { return dislocations > 0; }
};

/// Directions in fractions of the crystal's cell, and the turn that brings them along x, y, z.
struct SlipSystem {
  Vector3 burgers{}, normal{}, line{};  ///< each one repeat of the lattice
  Matrix3 rotation{};
};
/// Fails on a crystal that is neither fcc nor bcc.
SlipSystem slip_system(const Structure& crystal);

/// A specimen near `size_A` (along x, y, z): the widths are the nearest that the crystal's repeats allow. `stiffness`
/// of the crystal's frame, GPa (see elastic_constants.h); half_planes needs none. Fails where the size leaves fewer
/// than 8 repeats between dislocations or less than 4 layers above and below.
Structure make_dislocated(const Structure& crystal, const Vector3& size_A, const DislocationOptions& options,
                          const std::vector<double>& elastic_GPa);

}  // namespace colonnade
