// SPDX-License-Identifier: GPL-3.0-or-later
// The Gaussian filter of normalisation (1 nm at 0.02 nm per pixel) against two plain passes over every kernel weight.
#include <benchmark/benchmark.h>
#include <cmath>
#include <cstdlib>

#include "colonnade/image/filter.h"
#include "colonnade/image/normalise.h"

namespace colonnade {
namespace {

constexpr double sigma_px = 50;

Image pattern(int size) {
  Image image(size, size, 0.02);
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) image.at(y, x) = std::sin(0.3F * float(x)) * std::cos(0.2F * float(y));
  }
  return image;
}

int mirrored(int i, int size) {
  while (i < 0 || i >= size) i = i < 0 ? -1 - i : 2 * size - 1 - i;
  return i;
}

void plain_passes(benchmark::State& state) {
  const int size = int(state.range(0)), radius = int(4 * sigma_px + 0.5);
  const Image image = pattern(size);
  std::vector<float> weights(radius + 1);
  for (int k = 0; k <= radius; ++k) weights[k] = float(std::exp(-0.5 * k * k / (sigma_px * sigma_px)));
  for (auto _ : state) {
    Image down = image, result = image;
    for (int y = 0; y < size; ++y) {
      for (int x = 0; x < size; ++x) {
        float sum = 0;
        for (int k = -radius; k <= radius; ++k) sum += weights[std::abs(k)] * image.at(mirrored(y + k, size), x);
        down.at(y, x) = sum;
      }
    }
    for (int y = 0; y < size; ++y) {
      for (int x = 0; x < size; ++x) {
        float sum = 0;
        for (int k = -radius; k <= radius; ++k) sum += weights[std::abs(k)] * down.at(y, mirrored(x + k, size));
        result.at(y, x) = sum;
      }
    }
    benchmark::DoNotOptimize(result.data.data());
  }
}
BENCHMARK(plain_passes)->Arg(128)->Arg(256)->Unit(benchmark::kMillisecond);

void filter(benchmark::State& state) {
  const Image image = pattern(int(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(gaussian_filter(image, sigma_px).data.data());
}
BENCHMARK(filter)->Arg(128)->Arg(256)->Arg(1024)->Unit(benchmark::kMillisecond);

void normalisation(benchmark::State& state) {
  const Image image = pattern(int(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(normalise_locally(image).data.data());
}
BENCHMARK(normalisation)->Arg(128)->Arg(256)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace colonnade
