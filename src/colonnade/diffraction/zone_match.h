// SPDX-License-Identifier: GPL-3.0-or-later
// Which crystal along which zone axis gives the measured spots: every zone of a table is turned so that one of its
// reflections falls on a strong measured spot of its length, scored with all spots, and the best are refined by least
// squares. g in 1/Angstrom; angles in degrees from +x towards +y (down in an image).
//
// Score, 0 to 1: explained x seen x scale x (0.75 + 0.25 correlation).
//   explained  share of the measured spots, weighted by the square root of their intensities, that lie on reflections
//              of the zone (near the tolerance half, absent ones that double diffraction reaches half), less what a
//              lattice so dense explains by chance;
//   seen       share of the zone's strong reflections within the measured reach, weighted by |F|, where there is a
//   spot; scale      1/(1 + z^2/8), z the departure of the refined scale from 1 in standard errors of the calibration;
//   correlation of |F| and the square roots of the measured intensities (0 where it is negative): a tie-breaker, as
//              dynamical diffraction leaves little of it.
// A match with fewer than 3 indexed spots, or with all of them in one row, counts nothing.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/diffraction/pattern_mask.h"
#include "colonnade/diffraction/spots.h"
#include "colonnade/diffraction/zone_table.h"

namespace colonnade {

struct MeasuredSpot {
  Vector2 g{};           ///< 1/Angstrom by the calibration at hand
  double intensity = 0;  ///< any unit
};

struct MeasuredPattern {
  std::vector<MeasuredSpot> spots;
  double tolerance_per_A = 0;  ///< how far a spot may lie from its reflection besides scale and distortion
  /// Whether a spot at this g could have been seen (inside the image, not masked); empty: anywhere.
  std::function<bool(const Vector2&)> visible;
};

/// Spots in reciprocal space; the tolerance is 1.2 pixels.
MeasuredPattern measured_pattern(const Image& image, const PatternMask& mask, const PatternCentre& centre,
                                 const PatternScale& scale, const SpotList& list);

struct IndexOptions {
  int highest_index = 4;      ///< of zone axes
  double scale_error = 0.02;  ///< relative standard error of the calibration; 0: the scale is not known at all
  double distortion = 0.025;  ///< relative departure from a similar lattice that is put up with (ellipse, strain)
  int used_spots = 80;        ///< the strongest are used
  int most_matches = 10;
  double as_good = 0.95;  ///< a match counts as as good as the best from this share of its score on
  void describe(OptionTable& table, const std::string& section = "index");
  void check() const;
};

struct IndexedSpot {
  std::size_t spot = 0;  ///< in MeasuredPattern::spots
  Miller hkl{};
  double off_per_A = 0;  ///< from its reflection, after refinement
  bool absent = false;   ///< |F|^2 = 0: there by double diffraction
};

struct ZoneMatch {
  std::size_t phase = 0;
  std::string name;
  Miller zone{};
  /// The crystal lies turned by rotation_about_z(in_plane_deg) x zone_axis_rotation(zone). The layer alone cannot tell
  /// an angle from that plus 180; the one in [0, 180) is given.
  double in_plane_deg = 0;
  double scale = 1;              ///< measured over true |g|: the calibration is too large by this factor
  Ellipse distortion;            ///< of the measured lattice against the true one
  std::array<Vector2, 2> map{};  ///< rows; measured g = map x g in the frame of zone_axis_rotation()
  double score = 0, explained = 0, seen = 0, chance = 0, correlation = 0;
  double rms_per_A = 0;  ///< of the indexed spots from their reflections
  std::vector<IndexedSpot> spots;
};

struct Indexing {
  std::vector<ZoneMatch> matches;    ///< by score; one per phase and family of zones
  std::vector<std::size_t> as_good;  ///< places of other matches that explain the pattern as well as the first
  std::string verdict;               ///< one sentence for people
};

/// Fails where there are fewer than 3 spots, or all lie on one line through the centre.
Indexing index_pattern_spots(const MeasuredPattern& pattern, const std::vector<Phase>& phases,
                             const std::vector<Zone>& zones, const IndexOptions& options = {});

}  // namespace colonnade
