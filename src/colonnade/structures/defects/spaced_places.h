// SPDX-License-Identifier: GPL-3.0-or-later
// Places in a specimen that keep a distance (Angstrom) from each other, across its periodic boundaries too.
#pragma once

#include <array>
#include <unordered_map>
#include <vector>

#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

class SpacedPlaces {
 public:
  /// A distance of 0 takes every place. Fails where the distance is wider than a periodic cell.
  SpacedPlaces(const Structure& specimen, double distance_A);
  /// Takes the place, or is false where one that was taken is nearer than the distance.
  bool add(const Position& place);
  double distance_A() const { return distance_A_; }

 private:
  std::array<long, 3> box_of(const Vector3& fraction) const;
  long key_of(std::array<long, 3> box) const;

  double distance_A_;
  Structure box_;  ///< the specimen's cell, or the box around its atoms
  Matrix3 planes_{};
  std::array<long, 3> count_{};
  std::unordered_map<long, std::vector<Vector3>> taken_;  ///< by box: fractions of the cell
};

}  // namespace colonnade
