// SPDX-License-Identifier: GPL-3.0-or-later
// Rings of a polycrystal: the radial profile about a centre, the radii of its rings, and the ellipse that they are.
// Pixels, image's unit.
#pragma once

#include <vector>

#include "colonnade/diffraction/pattern_mask.h"
#include "colonnade/diffraction/pattern_scale.h"

namespace colonnade {

/// Means over circles (or over ellipses of that shape, by the geometric mean of their axes); index: the radius in px.
struct RingProfile {
  std::vector<double> mean, error;  ///< error: standard error of the mean, by the scatter along the circle
  std::vector<double> share;        ///< of the circle that was seen
};
RingProfile ring_profile(const Image& image, const PatternMask& mask, const PatternCentre& centre,
                         const Ellipse& ellipse = {});

struct Ring {
  double radius_px = 0, radius_error_px = 0;
  double width_px = 0;      ///< sigma
  double height = 0;        ///< above what lies around
  double significance = 0;  ///< of its bend in the profile, over the noise's
};

/// Where the profile bends down more than its noise can, shoulders of stronger rings among them; by radius. Empty where
/// there is none. Nothing is looked for within `inner_px`.
std::vector<Ring> find_rings(const RingProfile& profile, double inner_px);

/// What the azimuth of the rings says.
struct RingShape {
  Ellipse ellipse;
  PatternCentre centre;  ///< of the rings
  int sectors = 0;       ///< pairs of ring and azimuth that were used
  double rms_px = 0;     ///< of their radii about the ellipse
};

/// The shift of each ring in each of 36 sectors against the mean profile, fitted by dx cos + dy sin + r (c cos 2phi + s
/// sin 2phi), robustly; done twice. Fails where too few sectors show a ring.
RingShape fit_ring_shape(const Image& image, const PatternMask& mask, const PatternCentre& centre, double inner_px);

}  // namespace colonnade
