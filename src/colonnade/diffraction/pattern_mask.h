// SPDX-License-Identifier: GPL-3.0-or-later
// Which pixels of a diffraction pattern say something: not the empty rim that alignment leaves, not dead or hot pixels,
// not the shadow of the beam stop. Saturated pixels stay, counted and marked.
#pragma once

#include <cstdint>
#include <vector>

#include "colonnade/diffraction/pattern_scale.h"
#include "colonnade/image/image.h"

namespace colonnade {

struct PatternMask {
  std::vector<std::uint8_t> usable;                               ///< (y, x), 1: usable
  std::vector<std::uint8_t> saturated;                            ///< (y, x), 1: at the detector's limit
  std::size_t rim = 0, outliers = 0, beam_stop = 0, clipped = 0;  ///< pixels of each kind
  double saturation = 0;                                          ///< the limit, image's unit; 0: none is seen

  bool at(const Image& image, int y, int x) const { return usable[std::size_t(y) * image.width + x] != 0; }
};

/// Without the beam stop, which shows only about a centre. Fails on a pattern below 32 px a side, an empty one (all of
/// one value), one with NaN, and one of which most is saturated.
PatternMask find_pattern_mask(const Image& image);

/// Takes out a dark region that reaches close to the centre: a bar or disc far below the median at its radii.
void mask_beam_stop(const Image& image, const PatternCentre& centre, PatternMask& mask);

}  // namespace colonnade
