// SPDX-License-Identifier: GPL-3.0-or-later
// A specimen of 96000 atoms (40 x 30 x 20 cells of aluminium, displaced) to 256 x 256 pixels; the direct sum is timed
// at 500 points of reciprocal space and scaled to all that the fast one computes.
#include <benchmark/benchmark.h>

#include "colonnade/core/parallel.h"
#include "colonnade/simulate/diffraction/atom_sum.h"
#include "colonnade/simulate/thermal_motion.h"
#include "colonnade/structures/crystal.h"

namespace colonnade {

namespace {

Structure displaced_block() {
  ThermalMotion motion;
  motion.factors = "0.1 A";
  Random random(8);
  return displaced(repeat(cubic_crystal("fcc", "Al", 4.0495), {40, 30, 20}), motion, random);
}

void diffraction_atom_pattern_fast(benchmark::State& state) {
  const Structure structure = displaced_block();
  set_thread_count(int(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(atom_pattern(structure, {}).data.data());
  set_thread_count(0);
}

void diffraction_atom_pattern_directly(benchmark::State& state) {
  const Structure structure = displaced_block();
  const AmplitudeGrid grid = atom_amplitudes(structure, {});
  std::vector<Vector3> q;
  for (int n = 0; n < 500; ++n) q.push_back({grid.q(n), grid.q(n), 0.01});
  set_thread_count(1);
  for (auto _ : state) benchmark::DoNotOptimize(atom_amplitudes_directly(structure, q, {}).data());
  set_thread_count(0);
  const double points = double(grid.points) * grid.points;
  state.counters["s_for_all"] = benchmark::Counter(double(state.iterations()) / (points / 500),
                                                   benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

BENCHMARK(diffraction_atom_pattern_fast)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(diffraction_atom_pattern_directly)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace

}  // namespace colonnade
