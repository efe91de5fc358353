// SPDX-License-Identifier: GPL-3.0-or-later
// Neighbours of every atom within a distance (Angstrom), by cell lists: time and memory grow with the number of atoms.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "colonnade/structures/structure.h"

namespace colonnade {

class NeighbourList {
 public:
  /// Atoms nearer than cutoff_A, also across the periodic boundaries of the cell; there an atom may appear once per
  /// image. Fails on a cutoff that is not positive and on atoms whose position is not finite.
  NeighbourList(const Structure& structure, double cutoff_A);

  std::size_t size() const { return begin_.size() - 1; }
  /// Indices of the neighbours of an atom, ascending.
  std::span<const std::int32_t> of(std::size_t atom) const {
    return {indices_.data() + begin_[atom], indices_.data() + begin_[atom + 1]};
  }

 private:
  std::vector<std::size_t> begin_;
  std::vector<std::int32_t> indices_;
};

}  // namespace colonnade
