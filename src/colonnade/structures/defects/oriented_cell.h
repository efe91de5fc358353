// SPDX-License-Identifier: GPL-3.0-or-later
// Other cells of the same crystal: along lattice vectors of one's choice, turned so that defects lie along the axes of
// the box. Lengths in Angstrom; vectors of the lattice in fractions of the crystal's cell.
#pragma once

#include <string>

#include "colonnade/structures/crystal.h"
#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

/// True where the crystal comes to itself when moved by this vector.
bool is_translation(const Structure& crystal, const Vector3& fractions);

/// "fcc", "bcc" or "sc" by the translations of a cubic cell (diamond and rock salt are "fcc" too); "" for another cell.
std::string cubic_lattice(const Structure& crystal);

/// The atoms in the cell whose vectors are these rows, where they lie (not turned). Every row must be a translation and
/// the three right-handed; fails otherwise.
Structure with_vectors(const Structure& crystal, const Matrix3& rows);

/// Shortest distance between two places across the periodic boundaries of a cell whose angles are not sharp.
double periodic_distance(const Structure& structure, const Position& a, const Position& b);

/// A layer of the crystal parallel to a lattice plane: vectors of the lattice in the plane, and one to the next layer.
struct PlaneCell {
  Vector3 first{};     ///< shortest in the plane
  Vector3 second{};    ///< in the plane, perpendicular to the first where a vector of the lattice is, else the shortest
  Vector3 stacking{};  ///< to the next lattice plane
  double spacing_A = 0;
  Matrix3 rotation{};  ///< from the crystal's frame: x along the plane's normal, z along `first`
};
PlaneCell plane_cell(const Structure& crystal, const Miller& plane);

}  // namespace colonnade
