// SPDX-License-Identifier: GPL-3.0-or-later
// Time per probe and slice on each device, beside the processor's own engine (FFTW) at the same job: `ratio` below 1
// means that the device is faster. For the device "cpu" both are processor time of one thread; for "cuda" both are wall
// time, the processor's with all cores.
#include <benchmark/benchmark.h>
#include <chrono>

#include "colonnade/core/parallel.h"
#include "colonnade/core/random.h"
#include "colonnade/simulate/device/device_algorithms.h"
#include "colonnade/simulate/probe_sample.h"

namespace colonnade {
namespace {

constexpr int slices = 10;

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Ten layers of platinum, one in each slice.
Structure layers(double side_A, double slice_A) {
  Structure structure;
  Random random(1);
  for (int layer = 0; layer < slices; ++layer) {
    for (int i = 0; i < 40; ++i) {
      structure.atoms.push_back({78, {random.uniform(0, side_A), random.uniform(0, side_A), (layer + 0.5) * slice_A}});
    }
  }
  return structure;
}

/// Seconds per probe and slice, the best of several.
double probe_slice_seconds(const StemAlgorithmFactory& factory, const std::string& device, int side, bool whole) {
  const double pitch = 0.08;
  MultisliceOptions options;
  options.window_A = whole ? 0 : side * pitch;
  const int cell = whole ? side : side + 64;
  const WaveGrid grid{cell, cell, pitch, pitch};
  const auto algorithm =
      factory(layers(grid.length_x_A(), options.slice_A), {{}, grid}, Optics{}, {{{"HAADF", 60, 100}}, {}}, options);
  std::vector<ProbePosition> positions;
  const int probes = std::max(2, (device == "cpu" ? 1 << 21 : 1 << 27) / (side * side));
  for (int i = 0; i < probes; ++i) positions.push_back({5 + 0.1 * (i % 50), 5 + 0.1 * (i / 50 % 50)});
  const auto clock = device == "cpu" ? processor_seconds : wall_seconds;
  algorithm->scan({positions.begin(), positions.begin() + 2}, "");
  double best = 1e9;
  for (int attempt = 0; attempt < 3; ++attempt) {
    const double start = clock();
    benchmark::DoNotOptimize(algorithm->scan(positions, ""));
    best = std::min(best, (clock() - start) / probes / slices);
  }
  return best;
}

void BM_ProbeSlice(benchmark::State& state, const std::string& device) {
  if (device == "cuda" && cuda_device_count() == 0) return state.SkipWithError("no CUDA device here");
  set_thread_count(device == "cpu" ? 1 : 0);
  const int side = int(state.range(0));
  const bool whole = state.range(1) != 0;
  double seconds = 1e9, processor = 1e9;
  for (auto _ : state) {
    seconds = std::min(seconds, probe_slice_seconds(device_stem_algorithms(device), device, side, whole));
    processor = std::min(processor, probe_slice_seconds(make_stem_algorithm, device, side, whole));
  }
  state.counters["us_per_probe_slice"] = seconds * 1e6;
  state.counters["us_by_fftw"] = processor * 1e6;
  state.counters["ratio"] = seconds / processor;
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"side", "whole"})->Iterations(1)->Unit(benchmark::kMillisecond);
  for (const int side : {96, 128, 256}) benchmark->Args({side, 0});
  for (const int side : {256, 512, 1024}) benchmark->Args({side, 1});
}
BENCHMARK_CAPTURE(BM_ProbeSlice, cpu, std::string("cpu"))->Apply(sizes);
BENCHMARK_CAPTURE(BM_ProbeSlice, cuda, std::string("cuda"))->Apply(sizes);

}  // namespace
}  // namespace colonnade
