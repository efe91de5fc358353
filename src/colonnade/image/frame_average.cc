// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/frame_average.h"

#include <cmath>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

void check_frames(const std::vector<Image>& frames, const std::vector<double>& weights) {
  if (frames.empty()) fail("there are no frames to average");
  if (!weights.empty() && weights.size() != frames.size()) {
    fail("{} frames cannot be averaged with {} weights", frames.size(), weights.size());
  }
  const Image& first = frames.front();
  for (std::size_t i = 0; i < frames.size(); ++i) {
    require_finite(frames[i], "frame " + std::to_string(i + 1));
    if (frames[i].height != first.height || frames[i].width != first.width) {
      fail("frame {} has {} x {} pixels, the first {} x {}; frames to be averaged have one size", i + 1,
           frames[i].width, frames[i].height, first.width, first.height);
    }
    if (std::abs(frames[i].pixel_size_nm - first.pixel_size_nm) > 1e-6 * first.pixel_size_nm) {
      fail("frame {} has pixels of {:.6g} nm, the first {:.6g} nm; frames to be averaged have one pixel size", i + 1,
           frames[i].pixel_size_nm, first.pixel_size_nm);
    }
  }
}

}  // namespace

FrameAverage average_frames(const std::vector<Image>& frames, const std::vector<double>& weights) {
  check_frames(frames, weights);
  FrameAverage result{frames.front(), frames.front()};
  result.standard_error.title = "standard error";
  std::vector<double> share(frames.size(), 1);
  if (!weights.empty()) share = weights;
  double total = 0, squares = 0;
  for (const double weight : share) {
    if (!(weight >= 0) || !std::isfinite(weight)) fail("a frame's weight is {}; it must be 0 or more", weight);
    total += weight;
    squares += weight * weight;
  }
  if (!(total > 0)) fail("every frame has the weight 0; none is left to average");
  // Frames of one noise level: variance of the weighted mean = s^2 sum w^2 / (sum w)^2, s^2 unbiased.
  const double freedom = total - squares / total;
  for (std::size_t p = 0; p < result.mean.data.size(); ++p) {
    double sum = 0, scatter = 0;
    for (std::size_t f = 0; f < frames.size(); ++f) sum += share[f] * frames[f].data[p];
    const double mean = sum / total;
    for (std::size_t f = 0; f < frames.size(); ++f) scatter += share[f] * std::pow(frames[f].data[p] - mean, 2);
    result.mean.data[p] = float(mean);
    result.standard_error.data[p] =
        freedom > 1e-9 * total ? float(std::sqrt(scatter / freedom * squares) / total) : 0.0F;
  }
  return result;
}

}  // namespace colonnade
