// SPDX-License-Identifier: GPL-3.0-or-later
// The quick part of indexing: for every zone of a table the rotation in the plane that explains most of the measured
// spots. Thousands of zones per second; what it finds is refined elsewhere (zone_match.h).
#pragma once

#include <cstdint>
#include <vector>

#include "colonnade/diffraction/zone_match.h"

namespace colonnade {

struct ZoneGuess {
  std::size_t zone = 0;  ///< in the table
  double angle = 0;      ///< radians
  double scale = 1;      ///< measured over true |g|
  double score = 0;      ///< explained x seen, coarse
};

/// The spots that are used, ready to be searched with.
class ZoneSearch {
 public:
  ZoneSearch(const MeasuredPattern& pattern, const IndexOptions& options);

  /// The best rotation for a zone by each of a few strong spots, best first; none where no reflection of the zone has
  /// the length of such a spot. `number`: the zone's place in the table.
  std::vector<ZoneGuess> guesses(const Zone& zone, std::size_t number) const;

  struct Spot {
    float x = 0, y = 0, length = 0, weight = 0, tolerance = 0;
    std::size_t number = 0;  ///< in the pattern
  };
  const std::vector<Spot>& spots() const { return spots_; }  ///< weights add to 1
  double reach() const { return reach_; }                    ///< |g| within which reflections are expected to be seen
  double longest() const { return longest_; }                ///< |g| of the spots
  bool visible(const Vector2& g) const { return !pattern_.visible || pattern_.visible(g); }

 private:
  enum Cell : std::uint8_t { hidden = 0, empty = 1, taken = 2 };
  void choose_references();
  void draw_map();
  Cell cell(float x, float y) const;
  double score(const Zone& zone, double angle, double scale) const;
  double seen(const Zone& zone, float c, float s) const;

  const MeasuredPattern& pattern_;
  const IndexOptions& options_;
  std::vector<Spot> spots_, references_;
  double reach_ = 0, longest_ = 0, half_width_ = 0;
  std::vector<std::uint8_t> map_;
};

/// Of reflections weaker than this share of the zone's strongest nobody expects that they are seen.
inline constexpr float strong_share = 0.05F;

}  // namespace colonnade
