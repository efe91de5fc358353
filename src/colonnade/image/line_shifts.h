// SPDX-License-Identifier: GPL-3.0-or-later
// How far each line of a scanned frame lies from where a reference image says it should: the common engine of aligning
// frames, of scan pairs, and of taking out scan noise with a model of the image. One step of least squares (Gauss and
// Newton) per line: I(r, x) = R(r + u_y, x + u_x) + offset. Displacements u as in scan.h, pixels.
// (Jones and Nellist, Microsc. Microanal. 19, 1050 (2013); Ophus, Ciston, Nelson, Ultramicroscopy 162, 1 (2016).)
#pragma once

#include <vector>

#include "colonnade/image/image.h"

namespace colonnade {

/// A displacement per line of a frame.
struct LineShifts {
  std::vector<double> y, x;
  LineShifts() = default;
  LineShifts(int lines, double down, double right) : y(lines, down), x(lines, right) {}
  int lines() const { return int(y.size()); }
};

/// What one line says: the step to its best displacement, and how sure it is of it (inverse covariance; 0: it says
/// nothing, being even or outside the reference).
struct LineStep {
  double y = 0, x = 0;
  double yy = 0, yx = 0, xx = 0;
  double residual = 0;  ///< mean square of frame minus reference before the step, the offset taken off
  double variance_y() const;
  double variance_x() const;
};

/// Every `stride`-th line; the others' steps say nothing. Noise of the reference has slopes, too, which know nothing:
/// `slope_noise` is their variance over that of the frame's noise, and is taken off (blurred_slope_noise()).
std::vector<LineStep> measure_lines(const Image& frame, const Image& reference, const LineShifts& shifts,
                                    int stride = 1, double slope_noise = 0);

/// Of a mean of so many frames, blurred by a Gaussian: 1/(8 pi blur^4 frames).
double blurred_slope_noise(double blur_px, double frames);

struct LineSmoothing {
  double lines = 12;         ///< width (standard deviation) over which drift varies
  double largest_px = 0.5;   ///< farthest a line goes from its neighbours
  bool single_lines = true;  ///< besides what is smooth, each line's own displacement (jitter)
};

/// What all lines say together, as displacements: a smooth course (local straight lines), plus, of each line's own
/// deviation, the part that its error leaves credible (shrunk by t^2/(t^2 + c), with the jitter's variance t^2 found
/// from all lines and c the line's own). `jitter_px`, where given, receives t for y and x.
LineShifts credible_shifts(const LineShifts& before, const std::vector<LineStep>& steps, const LineSmoothing& smoothing,
                           double jitter_px[2] = nullptr);

}  // namespace colonnade
