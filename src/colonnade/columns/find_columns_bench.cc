// SPDX-License-Identifier: GPL-3.0-or-later
// Finding columns against the least that any way of doing it costs: one Gaussian filter of the image at the columns'
// scale. The counter "filters" says how many such filters the finding takes.
#include <benchmark/benchmark.h>
#include <chrono>

#include "colonnade/columns/find_columns.h"
#include "colonnade/columns/test_images.h"
#include "colonnade/image/filter.h"

namespace colonnade {
namespace {

Image crystal(int size) {
  Random random(1);
  Image image(size, size, 0.012);
  draw(image, particle({size / 2.0, size / 2.0}, 0.45 * size, 20, 13, 0.1), 4.8);
  add_noise(image, 0.05, random);
  return image;
}

double filter_seconds(const Image& image) {
  const auto start = std::chrono::steady_clock::now();
  constexpr int times = 5;
  for (int i = 0; i < times; ++i) benchmark::DoNotOptimize(gaussian_filter(image, 4.8));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / times;
}

void find_in_crystal(benchmark::State& state) {
  const Image image = crystal(int(state.range(0)));
  const double reference = filter_seconds(image);
  std::size_t columns = 0;
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) columns = find_columns(image).size();
  const double each =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / double(state.iterations());
  state.counters["columns"] = double(columns);
  state.counters["filters"] = each / reference;
}
BENCHMARK(find_in_crystal)->Arg(256)->Arg(512)->Arg(1024)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace colonnade
