// SPDX-License-Identifier: GPL-3.0-or-later
// Two scans of one place, the second with its lines turned by 90 degrees: what each is sure of (along its lines) puts
// right what the other is not (across them). Every line of both gets its own displacement; the pair determines all of
// them, steady drift included, but for one displacement of the whole (Ophus, Ciston, Nelson, Ultramicroscopy 162, 1
// (2016)). First tiles of both are compared: where tile (y, x) differs by a(y) - b(x), a and b are the drifts of the
// two scans. Then lines of one are fitted to the other as corrected so far, in turn. Displacements as in scan.h,
// pixels.
#pragma once

#include <nlohmann/json.hpp>

#include "colonnade/image/image.h"
#include "colonnade/image/line_shifts.h"

namespace colonnade {

struct ScanPairOptions {
  int quarter_turns = 0;  ///< by which the second image must be turned (counter-clockwise as seen) to look like the
                          ///< first: 1 or 3; 0: whichever fits better
  double largest_px = 0;  ///< between tiles; 0: a tenth of the image
  int rounds = 8;
  double smooth_lines = 24;  ///< first round; halved from round to round down to 6
  bool single_lines = true;  ///< jitter, too
  void check() const;
};

struct ScanPair {
  Image image;              ///< both put right and averaged, in the frame of the first's middle
  Image first, second;      ///< each put right
  LineShifts first_lines;   ///< of the first's lines
  LineShifts second_lines;  ///< of the second's, in the turned frame: of its columns there
  int quarter_turns = 0;
  double correlation_before = 0, correlation_after = 0;  ///< of the two images
  double drift_first_px = 0, drift_second_px = 0;        ///< from the first line to the last
  double jitter_px = 0;
  nlohmann::json to_json() const;
};

/// Two square images of one size, at least 64 x 64.
ScanPair combine_pair(const Image& first, const Image& second, const ScanPairOptions& options = {});

/// Turned by a quarter counter-clockwise as seen, so many times.
Image turned(const Image& image, int quarter_turns);

}  // namespace colonnade
