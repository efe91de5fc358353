// SPDX-License-Identifier: GPL-3.0-or-later
// Fitting all columns at once against the least that any fit costs: drawing the model once (every Gaussian over its
// window of 5.5 widths). The counter "drawings" says how many drawings the fit takes.
#include <benchmark/benchmark.h>
#include <chrono>

#include "colonnade/columns/cross_section.h"
#include "colonnade/columns/test_images.h"

namespace colonnade {
namespace {

/// One separable drawing of the model: two profiles and their outer product per column.
double drawing_seconds(const std::vector<Drawn>& columns, int size, double width) {
  Image image(size, size, 0.012);
  const int reach = int(5.5 * width);
  std::vector<float> along_x(2 * reach + 1), along_y(2 * reach + 1);
  const auto start = std::chrono::steady_clock::now();
  for (const Drawn& column : columns) {
    const int left = int(column.place.x) - reach, top = int(column.place.y) - reach;
    for (int i = 0; i <= 2 * reach; ++i) {
      along_x[i] = float(std::exp(-0.5 * std::pow((left + i - column.place.x) / width, 2)));
      along_y[i] = float(column.height * std::exp(-0.5 * std::pow((top + i - column.place.y) / width, 2)));
    }
    for (int j = std::max(0, -top); j <= std::min(2 * reach, size - 1 - top); ++j)
      for (int i = std::max(0, -left); i <= std::min(2 * reach, size - 1 - left); ++i)
        image.at(top + j, left + i) += along_y[j] * along_x[i];
  }
  benchmark::DoNotOptimize(image.data.data());
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void fit_particle(benchmark::State& state) {
  const int size = int(state.range(0));
  Random random(1);
  Image image(size, size, 0.012);
  const auto truth = particle({size / 2.0, size / 2.0}, 0.44 * size, 20, 13, 0.1);
  draw(image, truth, 5);
  add_noise(image, 0.05, random);
  std::vector<Column> start;
  for (const Drawn& column : truth) {
    start.emplace_back();
    start.back().x_px = column.place.x + random.uniform(-1, 1);
    start.back().y_px = column.place.y + random.uniform(-1, 1);
  }
  const double reference = drawing_seconds(truth, size, 5);
  const auto begin = std::chrono::steady_clock::now();
  for (auto _ : state) {
    std::vector<Column> columns = start;
    fit_gaussians(image, columns);
    benchmark::DoNotOptimize(columns.data());
  }
  const double each =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / double(state.iterations());
  state.counters["columns"] = double(truth.size());
  state.counters["drawings"] = each / reference;
}
BENCHMARK(fit_particle)->Arg(256)->Arg(512)->Arg(1024)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace colonnade
