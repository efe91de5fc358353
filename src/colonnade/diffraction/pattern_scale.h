// SPDX-License-Identifier: GPL-3.0-or-later
// From pixels of a pattern to reciprocal vectors: centre, scale, and the ellipse into which the projector lenses draw a
// circle. Pixel (0, 0) has its centre at (0, 0); x to the right, y down, the frame of zone_axis_rotation(). g = 1/d in
// 1/Angstrom, without 2 pi.
#pragma once

#include <array>
#include <string>

namespace colonnade {

using Vector2 = std::array<double, 2>;  ///< x, y

struct PatternCentre {
  double x_px = 0, y_px = 0;
  double error_px = 0;  ///< standard error per axis
  std::string method;   ///< "inversion", "disc", "pairs", "rings"
};

/// A circle's image: its long axis over its short one, and the long one's azimuth, from +x towards +y, in [0, 180).
struct Ellipse {
  double ratio = 1, ratio_error = 0;
  double angle_deg = 0, angle_error_deg = 0;
};

struct PatternScale {
  double per_px = 0;          ///< 1/Angstrom per pixel, geometric mean of both axes
  double relative_error = 0;  ///< standard error of per_px over per_px
  Ellipse ellipse;
};

/// The reciprocal vector at an offset (px) from the centre.
Vector2 to_reciprocal(const PatternScale& scale, const Vector2& offset_px);
/// The inverse of to_reciprocal().
Vector2 to_pixels(const PatternScale& scale, const Vector2& g_per_A);

/// Camera length in mm for a detector pixel in micrometres: L = pixel / (lambda x 1/A per pixel).
double camera_length_mm(const PatternScale& scale, double pixel_um, double wavelength_A);

}  // namespace colonnade
