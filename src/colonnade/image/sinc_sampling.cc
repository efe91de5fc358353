// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/sinc_sampling.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "colonnade/core/parallel.h"

namespace colonnade {
namespace {

constexpr int lobes = sinc_taps / 2;
constexpr double kaiser_beta = 7;
// Linear between the table's entries: wrong by at most 3.3/8 of a step squared, 1e-7.
constexpr int steps = 2048;
using Table = std::vector<std::array<float, sinc_taps>>;

double kernel(double x) {
  if (std::abs(x) < 1e-9) return 1;
  if (std::abs(x) >= lobes) return 0;
  const double a = std::numbers::pi * x, window = std::sqrt(1 - x * x / (lobes * lobes));
  return std::sin(a) / a * std::cyl_bessel_i(0, kaiser_beta * window) / std::cyl_bessel_i(0, kaiser_beta);
}

/// Weights for the fractions 0, 1/steps, ..., 1 between two pixels.
const Table& table() {
  static const Table filled = [] {
    Table made(steps + 1);
    for (int s = 0; s <= steps; ++s) {
      const double fraction = double(s) / steps;
      double sum = 0;
      std::array<double, sinc_taps> weights{};
      for (int i = 0; i < sinc_taps; ++i) sum += weights[i] = kernel(fraction - (i - lobes + 1));
      for (int i = 0; i < sinc_taps; ++i) made[s][i] = float(weights[i] / sum);
    }
    return made;
  }();
  return filled;
}

}  // namespace

SincSamples sinc_samples(double at) {
  const double floor = std::floor(at), place = (at - floor) * steps;
  const int step = std::min(int(place), steps - 1);
  const auto share = float(place - step);
  const auto &low = table()[step], &high = table()[step + 1];
  SincSamples samples{int(floor) - lobes + 1, {}};
  for (int i = 0; i < sinc_taps; ++i) samples.weights[i] = low[i] + share * (high[i] - low[i]);
  return samples;
}

float sinc_sample(const Image& image, double y, double x) {
  const SincSamples down = sinc_samples(std::clamp(y, 0.0, image.height - 1.0)),
                    across = sinc_samples(std::clamp(x, 0.0, image.width - 1.0));
  const bool inside = down.first >= 0 && down.first + sinc_taps <= image.height && across.first >= 0 &&
                      across.first + sinc_taps <= image.width;
  float value = 0;
  for (int i = 0; i < sinc_taps; ++i) {
    const int row = inside ? down.first + i : std::clamp(down.first + i, 0, image.height - 1);
    const float* pixels = image.data.data() + std::size_t(row) * image.width;
    float line = 0;
    if (inside) {
      for (int j = 0; j < sinc_taps; ++j) line += across.weights[j] * pixels[across.first + j];
    } else {
      for (int j = 0; j < sinc_taps; ++j) {
        line += across.weights[j] * pixels[std::clamp(across.first + j, 0, image.width - 1)];
      }
    }
    value += down.weights[i] * line;
  }
  return value;
}

void sinc_shift_line(const float* line, int size, double displacement, float* target) {
  const SincSamples samples = sinc_samples(std::clamp(displacement, -2.0 * size, 2.0 * size));
  const int begin = std::clamp(-samples.first, 0, size),
            end = std::clamp(size - sinc_taps + 1 - samples.first, begin, size);
  const auto at_edge = [&](int i) {
    if (i + displacement <= 0) return line[0];
    if (i + displacement >= size - 1) return line[size - 1];
    float value = 0;
    for (int j = 0; j < sinc_taps; ++j) {
      value += samples.weights[j] * line[std::clamp(i + samples.first + j, 0, size - 1)];
    }
    return value;
  };
  for (int i = 0; i < begin; ++i) target[i] = at_edge(i);
  std::fill(target + begin, target + end, 0.0F);
  for (int j = 0; j < sinc_taps && begin < end; ++j) {
    const float weight = samples.weights[j], *source = line + samples.first + j;
    for (int i = begin; i < end; ++i) target[i] += weight * source[i];
  }
  for (int i = end; i < size; ++i) target[i] = at_edge(i);
}

Image sinc_shift(const Image& image, double down, double right) {
  Image across = image, result = image;
  parallel_for(image.height, [&](std::int64_t y, int) {
    const std::size_t row = std::size_t(y) * image.width;
    sinc_shift_line(image.data.data() + row, image.width, right, across.data.data() + row);
  });
  parallel_for(image.height, [&](std::int64_t y, int) {
    const SincSamples samples = sinc_samples(std::clamp(double(y) + down, 0.0, image.height - 1.0));
    float* target = result.data.data() + std::size_t(y) * image.width;
    std::fill(target, target + image.width, 0.0F);
    for (int j = 0; j < sinc_taps; ++j) {
      const int from = std::clamp(samples.first + j, 0, image.height - 1);
      const float* source = across.data.data() + std::size_t(from) * image.width;
      for (int x = 0; x < image.width; ++x) target[x] += samples.weights[j] * source[x];
    }
  });
  return result;
}

}  // namespace colonnade
