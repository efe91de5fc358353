// SPDX-License-Identifier: GPL-3.0-or-later
// The reciprocal lattice of a crystal, as crystallographers write it: g = h a* + k b* + l c* with a_i . a*_j =
// delta_ij, so |g| = 1/d in 1/Angstrom, without 2 pi. Vectors stand in the same Cartesian frame as the structure's
// atoms.
#pragma once

#include <vector>

#include "colonnade/structures/crystal.h"
#include "colonnade/structures/matrix3.h"

namespace colonnade {

struct ReciprocalPoint {
  Miller hkl{};
  Vector3 g{};  ///< 1/Angstrom
};

/// Rows a*, b*, c* in 1/Angstrom; fails where the structure has no proper cell.
Matrix3 reciprocal_cell(const Structure& crystal);

/// Every lattice point but 000 with |g| <= longest_per_A, by length, then by h, k, l descending; points of equal length
/// (within 1e-9 of it) count as equal. Systematic absences are among them: they follow from the atoms, not the lattice.
/// Fails beyond 5 million points.
std::vector<ReciprocalPoint> reciprocal_points(const Structure& crystal, double longest_per_A);

}  // namespace colonnade
