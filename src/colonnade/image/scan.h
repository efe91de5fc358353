// SPDX-License-Identifier: GPL-3.0-or-later
// What the scan does to an image: where the beam really is when a pixel is recorded. The scan runs along x (fast) and
// down y (slow); during a frame the specimen drifts, after each flyback the beam needs time to settle, and each line is
// a little off. Positive displacements: the beam is farther right (x) or down (y) on the specimen than the pixel says.
// (Ophus, Ciston, Nelson, Ultramicroscopy 162, 1 (2016); Jones and Nellist, Microsc. Microanal. 19, 1050 (2013).)
#pragma once

#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/core/random.h"
#include "colonnade/image/image.h"

namespace colonnade {

struct ScanOptions {
  double dwell_us = 10;     ///< time per pixel
  double flyback_us = 100;  ///< time between two lines
  double drift_x_nm_s = 0, drift_y_nm_s = 0;
  double settling_px = 0;   ///< displacement along x at the beginning of a line, which decays ...
  double settling_us = 20;  ///< ... with this time constant
  double jitter_px = 0;     ///< standard deviation of each line's displacement, both ways
  void describe(OptionTable& table, const std::string& section = "scan");
  void check() const;
  bool distorts() const { return drift_x_nm_s != 0 || drift_y_nm_s != 0 || settling_px != 0 || jitter_px != 0; }
  /// The largest displacement to be expected in an image of this size, pixels (jitter at four deviations).
  double reach_px(int height, int width, double pixel_size_nm) const;
};

struct Displacements {
  std::vector<float> y, x;  ///< (y, x), pixels
};

/// The displacement of every pixel; random only where jitter is asked for.
Displacements scan_displacements(int height, int width, double pixel_size_nm, const ScanOptions& options,
                                 Random& random);

/// The image as recorded with these displacements: the middle height x width pixels (those that the displacements
/// describe) of an image that is larger by the same border all around. Sampled by a windowed sinc over
/// twelve pixels, exact to 1e-3 for an image sampled 1.6 times finer than its band limit asks.
Image scan_distorted(const Image& image, int height, int width, const Displacements& displacements);

}  // namespace colonnade
