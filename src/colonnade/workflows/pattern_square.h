// SPDX-License-Identifier: GPL-3.0-or-later
// A recorded diffraction pattern of any size, anywhere in its image, as the square that classifiers are given
// (pattern_drawing.h): recorded_side_px x recorded_side_px, the beam in the middle. Lengths in px of the image unless
// they are said to be of the square.
#pragma once

#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/diffraction/pattern_mask.h"
#include "colonnade/diffraction/spots.h"
#include "colonnade/image/image.h"

namespace colonnade {

struct PatternSquareOptions {
  FindSpotsOptions spots;
  std::vector<double> centre;        ///< x, y; refined by pairs of opposite spots; empty: found
  std::string background = "floor";  ///< what is taken off: "none", "floor" (the least median of all radii), "radial"
  double spot_width = 1;             ///< px of the square; narrower spots are spread to it, 0: as recorded
  double reach = 0;                  ///< half a side of the square, px of the image; 0: from the spots
  void describe(OptionTable& table, const std::string& section = "square");
  void check() const;
};

struct PatternSquare {
  PatternMask mask;
  PatternCentre centre;
  SpotList list;
  double reach_px = 0;        ///< half a side of the square
  std::vector<float> pixels;  ///< recorded_side_px x recorded_side_px
  double nearest_spot = 0;    ///< from the beam, px of the square
  double filled = 0;          ///< share of the square that the opposite side had to stand in for
  double empty = 0;           ///< share for which that is not known either
};

/// Finds mask, centre, beam stop and spots. Fails on what is no pattern of spots.
PatternSquare pattern_square(const Image& image, const PatternSquareOptions& options = {});

/// Of a pattern whose mask, centre and spots are known: the rest.
void fill_square(const Image& image, const PatternSquareOptions& options, PatternSquare& square);

/// Half a side: 1.15 times the distance within which 95 % of the spots lie, but no more than puts the nearest pair of
/// spots at 6 px of the square, and no more than reaches the farther edge along x and y.
double square_reach(const Image& image, const PatternCentre& centre, const SpotList& list);

}  // namespace colonnade
