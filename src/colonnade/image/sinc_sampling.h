// SPDX-License-Identifier: GPL-3.0-or-later
// An image between its pixels: a sinc in a Kaiser window over twelve pixels, its weights from a table. What is sampled
// at least 1.6 times finer than its band limit asks is met to 1e-3 (Kaiser's formula gives 70 dB at beta = 7). Places
// in pixels, the first pixel's centre at 0; beyond the edges the outermost pixels are held.
#pragma once

#include <array>

#include "colonnade/image/image.h"

namespace colonnade {

constexpr int sinc_taps = 12;

/// Where the samples around a coordinate begin, and their weights, which sum to one.
struct SincSamples {
  int first;
  std::array<float, sinc_taps> weights;
};
SincSamples sinc_samples(double at);

float sinc_sample(const Image& image, double y, double x);

/// target[i] = the line of `size` values at i + displacement; any displacement.
void sinc_shift_line(const float* line, int size, double displacement, float* target);

/// The image at y + down, x + right of every pixel: what was `right` pixels farther right comes here.
Image sinc_shift(const Image& image, double down, double right);

}  // namespace colonnade
