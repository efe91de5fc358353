// SPDX-License-Identifier: GPL-3.0-or-later
// What a crystal's pixel size and distortion cost beside finding the columns, which is done anyway. The counter "of
// finding" is the ratio of the two.
#include <benchmark/benchmark.h>
#include <chrono>

#include "colonnade/columns/find_columns.h"
#include "colonnade/columns/lattice_distortion.h"
#include "colonnade/columns/lattice_fit.h"
#include "colonnade/columns/test_images.h"

namespace colonnade {
namespace {

void lattice(benchmark::State& state) {
  const int side = int(state.range(0));
  Image image(side, side, 0.0145);
  std::vector<Drawn> spots;
  for (int y = 5; y < side; y += 27) {
    for (int x = 4; x < side; x += 27) {
      spots.push_back({{double(x), double(y)}, 1});
      spots.push_back({{x + 13.5, y + 13.5}, 0.6});
    }
  }
  draw(image, spots, 4.5);
  Random random(1);
  add_noise(image, 0.05, random);
  const auto begin = std::chrono::steady_clock::now();
  const auto columns = find_columns(image);
  const double finding = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  DistortionOptions options;
  options.kind = state.range(1) == 0 ? "smooth" : "rows";
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) {
    const LatticeFit fit = fit_lattice(image, columns);
    benchmark::DoNotOptimize(measure_distortion(image, columns, fit, {}, options));
  }
  const double each = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  state.counters["of finding"] = each / double(state.iterations()) / finding;
}
BENCHMARK(lattice)->Args({1024, 0})->Args({1024, 1})->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();

}  // namespace
}  // namespace colonnade
