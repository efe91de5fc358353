// SPDX-License-Identifier: GPL-3.0-or-later
// The centre of a diffraction pattern, to a fraction of a pixel, with or without a beam stop, anywhere in the image:
// the point about which the pattern is its own inversion (Friedel's law), found by correlating it with itself turned by
// 180 degrees; first coarsely in what is smooth, then in spots and rings. Pixels.
#pragma once

#include "colonnade/diffraction/pattern_mask.h"

namespace colonnade {

/// The radius within which the undiffracted beam lies, px: where the radial median has fallen to its first minimum, or
/// to a tenth of its height over the surroundings; 0 where no disc is seen (a beam stop).
double central_disc_radius(const Image& image, const PatternMask& mask, const PatternCentre& centre);

/// Also finds the beam stop and takes it out of the mask. The error is that between four pairs of opposite sectors.
PatternCentre find_centre(const Image& image, PatternMask& mask);

}  // namespace colonnade
