// SPDX-License-Identifier: GPL-3.0-or-later
// Bloch waves of one crystal at 200 kV up to 2 1/A and an excitation error of 0.06 1/A, all beams and one thickness,
// beside py4DSTEM 0.14.18, which took, on the same processor, 0.107 s (Al [001], 213 beams with those that nothing
// feeds), 0.024 s (Fe [001], 101) and 0.167 s (Si [110], 259), its structure factors not counted.
#include <benchmark/benchmark.h>

#include "colonnade/core/parallel.h"
#include "colonnade/simulate/diffraction/bloch_waves.h"

namespace colonnade {

namespace {

void diffraction_bloch_waves(benchmark::State& state, const char* kind, const char* symbol, double lattice_A,
                             const Miller& zone, double py4dstem_s) {
  const auto crystal = cubic_crystal(kind, symbol, lattice_A);
  const Matrix3 turn = orientation_matrix(crystal, {zone, 0, 0, 0});
  set_thread_count(1);
  std::size_t beams = 0;
  for (auto _ : state) {
    const BlochWaves waves(crystal, turn, {});
    benchmark::DoNotOptimize(waves.intensities(100).data());
    beams = waves.beams().size();
  }
  set_thread_count(0);
  state.counters["beams"] = double(beams);
  state.counters["x_py4DSTEM"] =
      benchmark::Counter(double(state.iterations()) * py4dstem_s, benchmark::Counter::kIsRate);
}

BENCHMARK_CAPTURE(diffraction_bloch_waves, Al_001, "fcc", "Al", 4.0495, Miller{0, 0, 1}, 0.107)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(diffraction_bloch_waves, Fe_001, "bcc", "Fe", 2.8665, Miller{0, 0, 1}, 0.024)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(diffraction_bloch_waves, Si_110, "diamond", "Si", 5.431, Miller{1, 1, 0}, 0.167)
    ->Unit(benchmark::kMillisecond);

}  // namespace

}  // namespace colonnade
