// SPDX-License-Identifier: GPL-3.0-or-later
// Frames of one place brought into register. Rigid: each frame by one displacement, from its cross-correlation with its
// neighbour in time (of the equal peaks of a lattice the one nearest to where the drift so far leads, unless another
// matches significantly better), then by least squares against the mean of all others. Non-rigid: besides, the drift
// within each frame, from the course of the frames' displacements over time, and each line's own displacement against
// the mean of the others, as far as its error leaves it credible. Displacements as in scan.h (I(p) = S(p + u(p))),
// pixels, relative to the mean place of all frames that count.
// (Jones et al., Adv. Struct. Chem. Imaging 1, 8 (2015); Berkels et al., Ultramicroscopy 138, 46 (2014).)
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "colonnade/image/frame_average.h"
#include "colonnade/image/image.h"
#include "colonnade/image/line_shifts.h"

namespace colonnade {

struct RegistrationOptions {
  bool lines = false;         ///< non-rigid: line by line
  double largest_step = 0.2;  ///< between two frames, as a fraction of the image's shorter side
  double frame_lines = 0;     ///< time from one frame's start to the next, in lines; 0: the frame's height
  int rounds = 4;             ///< of the lines against the mean
  double smooth_lines = 12;   ///< see LineSmoothing
  void check() const;
};

struct FrameRegistration {
  double y = 0, x = 0;     ///< displacement of the whole frame
  double error_px = 0;     ///< its standard error, from the lines that measured it
  double correlation = 0;  ///< with the mean of the others
  bool used = true;        ///< false: unlike the others, left out
  LineShifts lines;        ///< of each line: the frame's displacement, the drift within it and the line's own
};

struct Registration {
  std::vector<FrameRegistration> frames;
  double drift_px = 0;                           ///< from the first frame to the last
  double jitter_y_px = 0, jitter_x_px = 0;       ///< of the lines; 0 where they were not asked for
  int top = 0, left = 0, height = 0, width = 0;  ///< what all used frames show, in the mean frame's pixels
  nlohmann::json to_json() const;
};

/// At least two frames of one size. Fails where the drift leaves less than a quarter of the image in common.
Registration register_frames(const std::vector<Image>& frames, const RegistrationOptions& options = {});

/// The frames in register, averaged over those used, cut to what all show.
FrameAverage average_registered(const std::vector<Image>& frames, const Registration& registration);

}  // namespace colonnade
