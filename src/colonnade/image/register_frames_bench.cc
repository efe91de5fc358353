// SPDX-License-Identifier: GPL-3.0-or-later
// Aligning frames against the least that it costs: one forward and one backward Fourier transform per frame. The
// counter "transforms" says how many pairs of transforms the alignment takes per frame.
#include <benchmark/benchmark.h>
#include <chrono>
#include <complex>

#include "colonnade/image/fft.h"
#include "colonnade/image/register_frames.h"
#include "colonnade/image/test_specimen.h"
#include "colonnade/image/undistort.h"

namespace colonnade {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::vector<Image> frames_of(int side, int count) {
  TestSpecimen specimen{12, 1, 5, 10, side / 2.0, 0.42 * side};
  Random random(1);
  std::vector<Image> frames;
  for (int f = 0; f < count; ++f) {
    const std::vector<double> y(side, 1.3 * f), x(side, -0.9 * f);
    frames.push_back(specimen.recorded(side, side, line_displacements(y, x, side)));
    add_normal_noise(frames.back(), 0.1, random);
  }
  return frames;
}

double transform_seconds(int side) {
  AlignedArray<float> plane(std::size_t(side) * side);
  AlignedArray<std::complex<float>> half(std::size_t(side) * (side / 2 + 1));
  const FftPlan forward = FftPlan::plane_from_real(side, side), backward = FftPlan::plane_to_real(side, side);
  const auto start = Clock::now();
  forward.execute(plane.data(), half.data());
  backward.execute(half.data(), plane.data());
  benchmark::DoNotOptimize(plane.data());
  return seconds_since(start);
}

void align(benchmark::State& state) {
  const int side = int(state.range(0)), count = int(state.range(1));
  const std::vector<Image> frames = frames_of(side, count);
  RegistrationOptions options;
  options.lines = state.range(2) != 0;
  const double reference = transform_seconds(side);
  const auto start = Clock::now();
  for (auto _ : state) benchmark::DoNotOptimize(register_frames(frames, options));
  state.counters["transforms"] = seconds_since(start) / double(state.iterations()) / count / reference;
}
BENCHMARK(align)
    ->Args({512, 16, 0})
    ->Args({1024, 16, 0})
    ->Args({1024, 16, 1})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();

void undistort(benchmark::State& state) {
  const int side = int(state.range(0));
  const Image image = frames_of(side, 1).front();
  ScanOptions options;
  options.jitter_px = 0.3;
  Random random(2);
  const Displacements u = scan_displacements(side, side, 0.02, options, random);
  for (auto _ : state) benchmark::DoNotOptimize(scan_undistorted(image, u));
}
BENCHMARK(undistort)->Arg(1024)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();

}  // namespace
}  // namespace colonnade
