// SPDX-License-Identifier: GPL-3.0-or-later
// Spot lists and rasters per second and core beside other programs, which took, on the same processor with one thread:
// py4DSTEM 0.14.18 6857 lists a second (Al, 200 kV) and 6126 (Si) of the reflections up to 1.5 1/A, diffsims 0.7.0 320
// and 303. Here all are up to 2 1/A, twice as many.
#include <benchmark/benchmark.h>
#include <string>

#include "colonnade/core/random.h"
#include "colonnade/simulate/diffraction/pattern_raster.h"

namespace colonnade {

namespace {

struct Peers {
  const char *kind, *symbol;
  double lattice_A, py4dstem_per_s, diffsims_per_s;
};
constexpr Peers aluminium{"fcc", "Al", 4.0495, 6857, 320};
constexpr Peers silicon{"diamond", "Si", 5.431, 6126, 303};

std::vector<Matrix3> orientations(const Structure& crystal) {
  Random random(1);
  std::vector<Matrix3> all;
  for (int n = 0; n < 1000; ++n) {
    CrystalOrientation orientation;
    orientation.tilt_x_deg = random.uniform(-180, 180);
    orientation.tilt_y_deg = random.uniform(-90, 90);
    orientation.in_plane_deg = random.uniform(0, 360);
    all.push_back(orientation_matrix(crystal, orientation));
  }
  return all;
}

void count_lists(benchmark::State& state, const Peers& peers, double spots) {
  const auto lists = double(state.iterations());
  state.counters["lists_per_s"] = benchmark::Counter(lists, benchmark::Counter::kIsRate);
  state.counters["x_py4DSTEM"] = benchmark::Counter(lists / peers.py4dstem_per_s, benchmark::Counter::kIsRate);
  state.counters["x_diffsims"] = benchmark::Counter(lists / peers.diffsims_per_s, benchmark::Counter::kIsRate);
  state.counters["spots"] = spots / lists;
}

void diffraction_spot_lists_by_table(benchmark::State& state, const Peers& peers) {
  const auto crystal = cubic_crystal(peers.kind, peers.symbol, peers.lattice_A);
  const ReflectionTable table(structure_factors(crystal, {}));
  const auto turns = orientations(crystal);
  SpotArrays spots;
  const SpotOptions options;
  double total = 0;
  std::size_t n = 0;
  for (auto _ : state) {
    table.find_spots(turns[n++ % turns.size()], options, spots);
    total += double(spots.count);
    benchmark::DoNotOptimize(spots.intensity.data());
  }
  count_lists(state, peers, total);
}

void diffraction_spot_lists_clearly(benchmark::State& state, const Peers& peers) {
  const auto crystal = cubic_crystal(peers.kind, peers.symbol, peers.lattice_A);
  const auto reflections = structure_factors(crystal, {});
  const auto turns = orientations(crystal);
  double total = 0;
  std::size_t n = 0;
  for (auto _ : state) total += double(spot_list(reflections, turns[n++ % turns.size()], {}).size());
  count_lists(state, peers, total);
}

/// 256 x 256 pixels from spot lists in any orientation; the lists are made within the time.
void diffraction_rasters(benchmark::State& state, const RasterOptions& options) {
  const auto crystal = cubic_crystal(aluminium.kind, aluminium.symbol, aluminium.lattice_A);
  const ReflectionTable table(structure_factors(crystal, {}));
  const auto turns = orientations(crystal);
  const PatternRaster raster(options, 200);
  SpotArrays spots;
  std::vector<float> pixels;
  Random random(2);
  std::size_t n = 0;
  for (auto _ : state) {
    table.find_spots(turns[n++ % turns.size()], {}, spots);
    raster.draw(spots, random, pixels);
    benchmark::DoNotOptimize(pixels.data());
  }
  state.counters["rasters_per_s"] = benchmark::Counter(double(state.iterations()), benchmark::Counter::kIsRate);
}

RasterOptions counted(double electrons, double background_share) {
  RasterOptions options;
  options.electrons = electrons;
  options.background_share = background_share;
  return options;
}

BENCHMARK_CAPTURE(diffraction_rasters, clean, RasterOptions{});
BENCHMARK_CAPTURE(diffraction_rasters, pseudo_voigt, RasterOptions{{}, {1, 0.3, 1}});
BENCHMARK_CAPTURE(diffraction_rasters, counts_1e5, counted(1e5, 0));
BENCHMARK_CAPTURE(diffraction_rasters, counts_1e5_background, counted(1e5, 0.3));
BENCHMARK_CAPTURE(diffraction_spot_lists_by_table, Al_200kV, aluminium);
BENCHMARK_CAPTURE(diffraction_spot_lists_by_table, Si_200kV, silicon);
BENCHMARK_CAPTURE(diffraction_spot_lists_clearly, Al_200kV, aluminium);

}  // namespace

}  // namespace colonnade
