// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/diffraction/pattern_scale.h"

#include <cmath>
#include <numbers>

namespace colonnade {
namespace {

/// Stretched by `factor` along the azimuth and by its inverse across.
Vector2 stretched(const Vector2& v, double angle_deg, double factor) {
  const double angle = angle_deg * std::numbers::pi / 180, c = std::cos(angle), s = std::sin(angle);
  const double along = (c * v[0] + s * v[1]) * factor, across = (c * v[1] - s * v[0]) / factor;
  return {c * along - s * across, s * along + c * across};
}

}  // namespace

Vector2 to_reciprocal(const PatternScale& scale, const Vector2& offset_px) {
  const Vector2 round = stretched(offset_px, scale.ellipse.angle_deg, 1 / std::sqrt(scale.ellipse.ratio));
  return {round[0] * scale.per_px, round[1] * scale.per_px};
}

Vector2 to_pixels(const PatternScale& scale, const Vector2& g_per_A) {
  return stretched({g_per_A[0] / scale.per_px, g_per_A[1] / scale.per_px}, scale.ellipse.angle_deg,
                   std::sqrt(scale.ellipse.ratio));
}

double camera_length_mm(const PatternScale& scale, double pixel_um, double wavelength_A) {
  return pixel_um * 1e-3 / (wavelength_A * scale.per_px);
}

}  // namespace colonnade
