// SPDX-License-Identifier: GPL-3.0-or-later
// Spots of a diffraction pattern: local maxima above the radial median that stand out from the scatter at their radius,
// each fitted by a two-dimensional Gaussian on a level ground; intensities are sums over pixels. Pixels, image's unit.
#pragma once

#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/diffraction/pattern_mask.h"
#include "colonnade/image/image.h"

namespace colonnade {

struct FindSpotsOptions {
  double threshold = 6;  ///< height over the scatter at the spot's radius, both after a blur by the spots' own width
  double width_px = 0;   ///< sigma of a spot; 0: from the pattern
  int most = 400;        ///< the most significant are kept
  double centre_radius_px = 0;  ///< nothing is looked for nearer to the centre; 0: from the central disc
  void describe(OptionTable& table, const std::string& section = "spots");
  void check() const;
};

struct Spot {
  double x_px = 0, y_px = 0;
  double position_error_px = 0;               ///< per axis, from the noise around the spot
  double intensity = 0, intensity_error = 0;  ///< summed above the ground
  double height = 0;                          ///< of the fitted Gaussian
  double width_px = 0;                        ///< sigma, geometric mean of both axes
  double elongation = 1;                      ///< long over short axis
  double significance = 0;                    ///< height over noise; see threshold
  bool saturated = false;                     ///< a pixel at the detector's limit: the intensity is a lower bound
  bool split = false;  ///< another spot within 2.5 of their mean widths and a pixel: intensities share pixels
};

struct SpotList {
  std::vector<Spot> spots;  ///< by significance, highest first
  double width_px = 0;      ///< usual sigma
  double centre_radius_px = 0;
};

/// Fails, saying so, where no spot stands out.
SpotList find_spots(const Image& image, const PatternMask& mask, const PatternCentre& centre,
                    const FindSpotsOptions& options = {});

/// The centre by pairs of opposite spots: the mean of their middles, clipped at three deviations; the centre given
/// where there are fewer than three pairs. The error is the standard error of that mean.
PatternCentre centre_of_pairs(const SpotList& list, const PatternCentre& centre);

}  // namespace colonnade
