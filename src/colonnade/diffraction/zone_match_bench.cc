// SPDX-License-Identifier: GPL-3.0-or-later
// Indexing one pattern against 300 phases (the known crystals, and their cells grown by steps of 0.7 %), zones up to
// index 4, on one thread: the table once, then each pattern.
#include <benchmark/benchmark.h>

#include "colonnade/core/parallel.h"
#include "colonnade/diffraction/test_patterns.h"

namespace colonnade {
namespace {

const std::vector<Phase>& phases() {
  static const std::vector<Phase> list = [] {
    std::vector<Phase> made;
    const auto names = known_crystal_names();
    for (std::size_t n = 0; made.size() < 300; ++n) {
      Structure crystal = crystal_from(names[n % 30]);
      const double grown = 1 + 0.007 * double(n / 30);
      for (auto& row : crystal.cell) {
        for (double& part : row) part *= grown;
      }
      for (Atom& atom : crystal.atoms)
        atom.position = {atom.position.x * grown, atom.position.y * grown, atom.position.z * grown};
      made.push_back(test_phase(names[n % 30] + std::to_string(n / 30), crystal, 1.5));
    }
    return made;
  }();
  return list;
}

void table_of_zones(benchmark::State& state) {
  std::size_t zones = 0;
  for (auto _ : state) zones = make_zones(phases(), 4).size();
  state.counters["zones"] = double(zones);
}
BENCHMARK(table_of_zones)->Unit(benchmark::kMillisecond);

void one_pattern(benchmark::State& state) {
  set_thread_count(1);
  const auto zones = make_zones(phases(), 4);
  Random random(1);
  TestPattern how;
  how.angle_deg = 20;
  const auto pattern = test_measured(test_spots(test_phase("Si"), {1, 1, 0}, how, random));
  for (auto _ : state) benchmark::DoNotOptimize(index_pattern_spots(pattern, phases(), zones));
  state.counters["spots"] = double(pattern.spots.size());
}
BENCHMARK(one_pattern)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace colonnade
