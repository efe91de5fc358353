// SPDX-License-Identifier: GPL-3.0-or-later
// Symmetry operations of a crystal in fractions of its cell vectors: x' = R x + t. (Space groups of a structure:
// crystal_symmetry.h.)
#pragma once

#include <array>
#include <string>
#include <vector>

#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

struct SymmetryOperation {
  std::array<std::array<int, 3>, 3> rotation{};
  Vector3 translation{};
};

/// The operations of one of the 530 settings of the space groups, by its number in the table of S. R. Hall, Acta Cryst.
/// A 37, 517 (1981), as spglib numbers them; centring included.
std::vector<SymmetryOperation> operations_of_hall(int hall_number);

/// "-y,x-y,z+1/3"; translations within 1e-4 of multiples of 1/24 as fractions, others with 6 decimals.
std::string triplet(const SymmetryOperation& operation);

/// Fails unless the operations, with the identity, are closed: the product of any two is among them up to whole cells.
/// Translations are taken as multiples of 1/24.
void require_group(const std::vector<SymmetryOperation>& operations);

/// The images of a place, each once and within [0, 1); the first is the place itself. Images nearer to each other than
/// `same_site_A` are one: coordinates on a symmetry element are often rounded to 4 digits.
std::vector<Fractional> orbit(const Fractional& place, const std::vector<SymmetryOperation>& operations,
                              const Matrix3& cell, double same_site_A = 0.3);

}  // namespace colonnade
