// SPDX-License-Identifier: GPL-3.0-or-later
// The noise of an image from the image alone: variance = gain (intensity - level) + floor, what counting electrons and
// a read-out make of it. From differences of the sixth order along the lines, blind to everything smooth over a few
// pixels (columns wider than 2 px), gathered by brightness, robustly (after Foi et al., IEEE Trans. Image Process. 17,
// 1737 (2008)). Noise that is alike in neighbouring pixels of a line (slow electronics, resampling) is seen too small;
// the correlation says so.
#pragma once

#include <nlohmann/json.hpp>

#include "colonnade/image/image.h"

namespace colonnade {

struct NoiseEstimate {
  double gain = 0, gain_error = 0;    ///< variance per intensity, image's unit; 0: no dependence seen
  double variance_at_mean = 0;        ///< of a pixel of mean intensity
  double floor = 0, floor_error = 0;  ///< variance at intensity 0, by the line; below 0 where an offset is in the image
  double deviation = 0;               ///< square root of variance_at_mean
  double level = 0;  ///< intensity at which the variance would vanish, were there no read noise: -floor/gain
  /// Of the noise of neighbours along a line, from the high frequencies; white noise: 0. Above 0.2 in size the numbers
  /// hold at their places only, not for averages.
  double neighbour_correlation = 0;
  double variance(double intensity) const { return gain * intensity + floor; }
  nlohmann::json to_json() const;
};

/// At least 64 x 64 pixels.
NoiseEstimate estimate_noise(const Image& image);

}  // namespace colonnade
