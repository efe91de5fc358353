// SPDX-License-Identifier: GPL-3.0-or-later
// What a pattern shows at each distance from its centre whatever the direction: diffuse scattering, rings, and how far
// pixels scatter about it. Medians, so that spots do not count. Pixels.
#pragma once

#include <vector>

#include "colonnade/diffraction/pattern_mask.h"

namespace colonnade {

class RadialBackground {
 public:
  RadialBackground(std::vector<double> levels, std::vector<double> deviations)
      : levels_(std::move(levels)), deviations_(std::move(deviations)) {}
  /// Median at a radius, linear between whole pixels.
  double level(double radius_px) const { return at(levels_, radius_px); }
  /// 1.4826 times the median distance from the median: a standard deviation where the scatter is noise.
  double deviation(double radius_px) const { return at(deviations_, radius_px); }

 private:
  static double at(const std::vector<double>& values, double radius_px);

  std::vector<double> levels_, deviations_;
};

/// At radii with fewer than 12 usable pixels the rings around are taken in.
RadialBackground radial_background(const Image& image, const PatternMask& mask, const PatternCentre& centre);

/// The image less its background; 0 where it is not usable.
Image without_radial(const Image& image, const PatternMask& mask, const PatternCentre& centre,
                     const RadialBackground& background);

}  // namespace colonnade
