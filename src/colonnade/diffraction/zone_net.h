// SPDX-License-Identifier: GPL-3.0-or-later
// How the zero-order Laue zone of a crystal looks: the net of reflections that its space group allows, whatever their
// strength, up to size, rotation and mirror. Two patterns of the same look cannot be told apart by where their spots
// are when the lattice constant is not known: [001] of fcc and of bcc are both a square.
#pragma once

#include <string>
#include <vector>

#include "colonnade/diffraction/pattern_scale.h"
#include "colonnade/structures/reflection_conditions.h"

namespace colonnade {

/// Allowed reflections but 000, in units of the shortest, up to `reach` of it; by length.
struct ZoneNet {
  static constexpr double reach = 3.3;
  std::vector<Vector2> points;
};

/// `cell`: rows are the vectors that the operations refer to. Fails on a zone axis of zeros.
ZoneNet zone_net(const Matrix3& cell, const std::vector<SymmetryOperation>& operations, const Miller& zone);

/// Whether a rotation, perhaps with a mirror, brings every point of each net within `tolerance` (of its length) of one
/// of the other's.
bool look_alike(const ZoneNet& a, const ZoneNet& b, double tolerance = 0.02);

/// What a look can be.
struct LookMeaning {
  int space_group = 0;
  Miller zone{};
};

/// The looks of a list of space groups and zones: those that cannot be told apart share one.
class PatternLooks {
 public:
  /// The look of the net, a new one where it is like none before.
  int add(const ZoneNet& net, const LookMeaning& meaning);
  /// -1: like none.
  int find(const ZoneNet& net) const;
  std::size_t size() const { return nets_.size(); }
  const std::vector<LookMeaning>& meanings(int look) const { return meanings_[std::size_t(look)]; }
  /// "221[001] 225[001] 229[001]".
  std::string name(int look) const;

 private:
  std::vector<ZoneNet> nets_;
  std::vector<std::vector<LookMeaning>> meanings_;
};

}  // namespace colonnade
