// SPDX-License-Identifier: GPL-3.0-or-later
// Twins and stacking faults: specimens whose box has x along the normal of the plane, z (the beam) along the shortest
// vector of the lattice in the plane and y across, so that the defects are seen edge on; exactly periodic. Lengths in
// Angstrom. J. W. Christian, S. Mahajan, Prog. Mater. Sci. 39, 1 (1995): a reflection twin is the crystal's mirror
// image in the composition plane, as fcc (111) and bcc (112); J. P. Hirth, J. Lothe, Theory of Dislocations (2nd ed.,
// 1982), chapter 10: the intrinsic fault of fcc is a shift by a/6<112> at one (111) plane, ABCABC -> ABCBCA, the
// extrinsic one that shift at two neighbouring planes, ABC B ABC.
#pragma once

#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

struct PlanarDefectOptions {
  std::string twin;                      ///< plane, "111"; empty: none
  std::string fault;                     ///< plane of an fcc crystal, "111" or "1-11"; empty: none
  std::string fault_kind = "intrinsic";  ///< or "extrinsic"
  double lamella_nm = 0;                 ///< thickness of the twin's lamellae; 0: two halves
  int faults = 1;                        ///< evenly spaced
  void describe(OptionTable& table, const std::string& section = "planar");
  void check() const;
  bool any() const { return !twin.empty() || !fault.empty(); }
};

/// A specimen near `size_A` along x, y, z; atoms of the crystal and its mirror image in turn, the mirror planes through
/// atoms or between them, wherever the atoms keep farthest apart. Fails where the size holds no two lamellae.
Structure make_twinned(const Structure& crystal, const Vector3& size_A, const PlanarDefectOptions& options);

/// A specimen near `size_A` along x, y, z, its first cell vector as much askew as the faults shift it.
Structure make_faulted(const Structure& crystal, const Vector3& size_A, const PlanarDefectOptions& options);

}  // namespace colonnade
