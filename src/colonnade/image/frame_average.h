// SPDX-License-Identifier: GPL-3.0-or-later
// The mean of frames of one place and how sure it is. Frames must be aligned (register_frames.h). Intensities keep
// their unit.
#pragma once

#include <vector>

#include "colonnade/image/image.h"

namespace colonnade {

struct FrameAverage {
  Image mean;
  Image standard_error;  ///< of the mean, from the frames' scatter at each pixel; zero for a single frame
};

/// Fails on no frames, on frames of different sizes and pixel sizes. `weights`, one per frame (0: left out), may be
/// empty.
FrameAverage average_frames(const std::vector<Image>& frames, const std::vector<double>& weights = {});

}  // namespace colonnade
