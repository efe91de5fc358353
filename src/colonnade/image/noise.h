// SPDX-License-Identifier: GPL-3.0-or-later
// What an experiment adds to a computed image.
#pragma once

#include "colonnade/core/options.h"
#include "colonnade/core/random.h"
#include "colonnade/image/image.h"

namespace colonnade {

/// Counting noise: a pixel of value I (fraction of the incident beam) becomes Poisson(I n)/n, n = dose x pixel area.
/// Dose in electrons per square Angstrom; 0: none. Negative intensities fail.
Image poisson_noise(const Image& image, double dose_per_A2, Random& random);
/// Adds normal noise of the given standard deviation, in the image's unit.
Image gaussian_noise(const Image& image, double deviation, Random& random);
/// Scan noise: each row is shifted by a normal random amount in x (and resampled linearly, edges held) and y.
Image scan_jitter(const Image& image, double deviation_px, Random& random);

}  // namespace colonnade
