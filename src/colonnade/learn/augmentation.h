// SPDX-License-Identifier: GPL-3.0-or-later
// How a computed image is varied each time the network sees it: rotation, mirror and crop (columns alike), blur,
// illumination, counting noise and contrast, in the order in which a microscope adds them. Lengths in px.
#pragma once

#include <vector>

#include "colonnade/core/random.h"
#include "colonnade/learn/dataset.h"
#include "colonnade/learn/training.h"

namespace colonnade {

/// Blurs of a smaller sigma than this are left out.
inline constexpr double smallest_blur_px = 0.05;

/// What was drawn for one image. The defaults change nothing.
struct Augmentation {
  int top = 0, left = 0, height = 0, width = 0;  ///< the crop, before rotation; height 0: whole
  int quarter_turns = 0;                         ///< counter-clockwise, after the crop
  bool mirror = false;                           ///< left to right, after the rotation
  double blur_px = 0;                            ///< sigma of the Gaussian
  double gradient_x = 0, gradient_y = 0;         ///< brightness runs from 1 - g to 1 + g across the image
  double gamma = 1;                              ///< contrast: (I / largest)^gamma x largest
};

/// Where no crop is asked for, images whose sides the network cannot halve as often as it must lose the rest, at
/// random. Images that are not square after the crop turn by half turns only.
Augmentation draw_augmentation(const TrainingOptions& options, int height, int width, Random& random);

/// Where an augmentation puts the columns; its height and width must be given.
std::vector<LabelledColumn> moved(const std::vector<LabelledColumn>& columns, const Augmentation& augmentation);
Sample cropped(const Sample& sample, int top, int left, int height, int width);
Sample turned(const Sample& sample, int quarter_turns);
Sample mirrored(const Sample& sample);

/// The varied sample with counting noise at the dose (0: none). Intensities stay fractions of the beam, not negative.
Sample augmented(const Sample& sample, const Augmentation& augmentation, double dose_per_A2, Random& random);

}  // namespace colonnade
