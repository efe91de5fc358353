// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/defects/spaced_places.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"

namespace colonnade {

SpacedPlaces::SpacedPlaces(const Structure& specimen, double distance_A) : distance_A_(distance_A) {
  if (distance_A_ <= 0) return;
  require_cell(specimen);
  box_.cell = specimen.cell;
  box_.periodic = specimen.periodic;
  planes_ = reciprocal(box_.cell);
  for (std::size_t k = 0; k < 3; ++k) {
    const double width = 1 / length(planes_[k]);
    if (box_.periodic[k] && width < 2 * distance_A_) {
      fail("defects {} A apart need a specimen of {} A or more along each axis, and this one is {:.1f} A wide",
           distance_A_, 2 * distance_A_, width);
    }
    count_[k] = std::max(1L, std::min(1000L, long(std::floor(width / distance_A_))));
  }
}

std::array<long, 3> SpacedPlaces::box_of(const Vector3& fraction) const {
  std::array<long, 3> box{};
  for (std::size_t k = 0; k < 3; ++k) box[k] = long(std::floor(fraction[k] * double(count_[k])));
  return box;
}

long SpacedPlaces::key_of(std::array<long, 3> box) const {
  for (std::size_t k = 0; k < 3; ++k) {
    // Atoms outside a cell that is not periodic share its outermost boxes with nobody: two more on each side.
    box[k] = box_.periodic[k] ? ((box[k] % count_[k]) + count_[k]) % count_[k] : std::clamp(box[k], -2L, count_[k] + 1);
    box[k] += 2;
  }
  return (box[0] * (count_[1] + 4) + box[1]) * (count_[2] + 4) + box[2];
}

bool SpacedPlaces::add(const Position& place) {
  if (distance_A_ <= 0) return true;
  const Vector3 fraction = multiply(planes_, Vector3{place.x, place.y, place.z});
  const auto box = box_of(fraction);
  for (int near = 0; near < 27; ++near) {
    const auto found = taken_.find(key_of({box[0] + near / 9 - 1, box[1] + near / 3 % 3 - 1, box[2] + near % 3 - 1}));
    if (found == taken_.end()) continue;
    for (const Vector3& other : found->second) {
      Vector3 apart{};
      for (std::size_t k = 0; k < 3; ++k) {
        apart[k] = fraction[k] - other[k];
        if (box_.periodic[k]) apart[k] -= std::round(apart[k]);
      }
      if (length(combine(apart, box_.cell)) < distance_A_) return false;
    }
  }
  taken_[key_of(box)].push_back(fraction);
  return true;
}

}  // namespace colonnade
