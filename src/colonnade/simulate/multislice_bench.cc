// SPDX-License-Identifier: GPL-3.0-or-later
// What a probe costs: time per probe and slice beside the time of the two plain two-dimensional transforms (FFTW,
// measured plans) that a slice contains. All times are processor time of one thread.
#include <algorithm>
#include <benchmark/benchmark.h>
#include <complex>
#include <fftw3.h>

#include "colonnade/core/parallel.h"
#include "colonnade/core/random.h"
#include "colonnade/image/fft.h"
#include "colonnade/simulate/multislice_engine.h"
#include "colonnade/simulate/probe_sample.h"

namespace colonnade {
namespace {

// The best of several, as the machine may be busy.
double two_transforms_seconds(int side) {
  AlignedArray<std::complex<float>> wave(std::size_t(side) * side);
  auto* data = reinterpret_cast<fftwf_complex*>(wave.data());
  fftwf_plan forward = fftwf_plan_dft_2d(side, side, data, data, FFTW_FORWARD, FFTW_MEASURE);
  fftwf_plan backward = fftwf_plan_dft_2d(side, side, data, data, FFTW_BACKWARD, FFTW_MEASURE);
  std::fill_n(wave.data(), wave.size(), std::complex<float>(0));
  const int repeats = std::max(3, 20000000 / (side * side) / 20);
  double best = 1e9;
  for (int attempt = 0; attempt < 7; ++attempt) {
    const double start = processor_seconds();
    for (int i = 0; i < repeats; ++i) {
      fftwf_execute(forward);
      fftwf_execute(backward);
    }
    best = std::min(best, (processor_seconds() - start) / repeats);
  }
  fftwf_destroy_plan(forward);
  fftwf_destroy_plan(backward);
  return best;
}

// Ten layers of platinum, one in each slice.
Structure layers(double side_A, double slice_A, int count) {
  Structure structure;
  Random random(1);
  for (int layer = 0; layer < count; ++layer) {
    for (int i = 0; i < 40; ++i) {
      const Position position{random.uniform(0, side_A), random.uniform(0, side_A), (layer + 0.5) * slice_A};
      structure.atoms.push_back({78, position});
    }
  }
  return structure;
}

void BM_ProbeSlice(benchmark::State& state) {
  set_thread_count(1);
  const int side = int(state.range(0)), slices = 10;
  const double pitch = 0.08;
  MultisliceOptions options;
  options.window_A = side * pitch;
  const WaveGrid grid{side + 64, side + 64, pitch, pitch};
  const Structure structure = layers(grid.length_x_A(), options.slice_A, slices);
  const Multislice multislice(structure, {{}, grid}, Optics{}, {{"HAADF", 60, 100}}, options);
  std::vector<ProbePosition> positions;
  for (int i = 0; i < std::max(1, 1000000 / (side * side)); ++i) positions.push_back({5 + 0.1 * i, 5});
  const double transforms = two_transforms_seconds(side);
  double best = 1e9;
  for (auto _ : state) {
    const double start = processor_seconds();
    benchmark::DoNotOptimize(multislice.scan(positions));
    best = std::min(best, (processor_seconds() - start) / double(positions.size()) / slices);
  }
  state.counters["us_per_probe_slice"] = best * 1e6;
  state.counters["us_of_two_transforms"] = transforms * 1e6;
  state.counters["ratio"] = best / transforms;
}
BENCHMARK(BM_ProbeSlice)
    ->ArgName("window")
    ->Arg(96)
    ->Arg(120)
    ->Arg(128)
    ->Arg(144)
    ->Arg(160)
    ->Arg(192)
    ->Arg(240)
    ->Arg(256)
    ->Arg(384)
    ->Arg(512)
    ->Arg(1024)
    ->Unit(benchmark::kMillisecond)
    ->MinTime(0.3);

}  // namespace
}  // namespace colonnade
