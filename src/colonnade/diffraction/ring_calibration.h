// SPDX-License-Identifier: GPL-3.0-or-later
// The scale of a pattern from the rings of a known crystal: all rings of the crystal at once are fitted to the radial
// profile, so that rings that overlap (111 and 200 of an fcc metal) do not pull at each other; then each on its own
// says how far it is from the common scale. 1/Angstrom per pixel.
#pragma once

#include <string>
#include <vector>

#include "colonnade/diffraction/phase.h"
#include "colonnade/diffraction/rings.h"

namespace colonnade {

/// Rings so near to each other that they are measured as one.
struct MatchedRing {
  std::string hkl;     ///< "{111}", "{331} {420}"
  double g_per_A = 0;  ///< mean, weighted by the crystal's intensities
  double radius_px = 0, radius_error_px = 0;
  double departure = 0;  ///< of its own scale from the common one, relative
};

struct RingCalibration {
  PatternScale scale;  ///< with the ellipse of the rings
  PatternCentre centre;
  std::vector<MatchedRing> rings;  ///< those that were measured on their own
  double rms_departure = 0;
  double residual = 0;  ///< rms of the profile about the fit, relative
  std::string verdict;  ///< one sentence for people
};

/// `scale_hint` (1/Angstrom per px) narrows the search to 25 % about it; 0: any scale. Fails where no scale places at
/// least two rings.
RingCalibration calibrate_rings(const Image& image, const Phase& phase, double scale_hint = 0);

}  // namespace colonnade
