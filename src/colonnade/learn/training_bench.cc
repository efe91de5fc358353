// SPDX-License-Identifier: GPL-3.0-or-later
// A training step's images per second, and its time as a multiple of what its convolutions alone would take at the rate
// of one large convolution (64 to 64 channels, 128 x 128 px) on the same threads: forward once, backward twice.
// Arguments: width of the first block, side of the images in px, batch.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cmath>

#include "colonnade/core/random.h"
#include "colonnade/learn/adam.h"
#include "colonnade/learn/network.h"
#include "colonnade/learn/training_data.h"

namespace colonnade {
namespace {

template <class Function>
double best_seconds(int times, const Function& function) {
  double best = 1e30;
  for (int i = 0; i < times; ++i) {
    const auto start = std::chrono::steady_clock::now();
    function();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

/// Floating-point operations per second of the reference convolution.
double convolution_rate(const at::Device& device) {
  const torch::NoGradGuard no_gradient;
  const auto layout = memory_layout(device);
  const at::Tensor input = at::rand({4, 64, 128, 128}).to(device).contiguous(layout);
  const at::Tensor weight = at::rand({64, 64, 3, 3}).to(device).contiguous(layout);
  const double flops = 2.0 * 9 * 64 * 64 * 128 * 128 * 4;
  return flops / best_seconds(8, [&] { at::conv2d(input, weight, {}, 1, 1)[0][0][0][0].item<float>(); });
}

void training_step(benchmark::State& state) {
  const int width = static_cast<int>(state.range(0));
  const std::int64_t side = state.range(1), batch = state.range(2);
  keep_freed_memory();
  const at::Device device = choose_device("auto");
  ElementNetwork network({width, 2 * width, 4 * width, 8 * width}, 5);
  Random random(1);
  network.initialise(random);
  network.to(device);
  use_memory_layout(network, device);
  Adam::NamedTensors parameters;
  for (const auto& item : network.named_parameters()) parameters.emplace_back(item.key(), item.value());
  Adam adam(parameters);
  const at::Tensor images = at::rand({batch, 1, side, side}).to(device).contiguous(memory_layout(device));
  const at::Tensor labels = at::rand({batch, 5, side, side}).to(device).contiguous(memory_layout(device));
  const double rate = convolution_rate(device);
  double seconds = 1e30;
  for (auto _ : state) {
    seconds = std::min(seconds, best_seconds(1, [&] {
                         const at::Tensor loss = at::mse_loss(network.forward(images), labels);
                         loss.backward();
                         adam.step(1e-3);
                         benchmark::DoNotOptimize(loss.item<float>());
                       }));
  }
  const auto pixels_side = static_cast<int>(side);
  const double bare = 3 * network.convolution_flops(pixels_side, pixels_side) * double(batch) / rate;
  state.counters["images/s"] = double(batch) / seconds;
  state.counters["bare_GFLOP/s"] = rate / 1e9;
  state.counters["times_bare"] = seconds / bare;
}
BENCHMARK(training_step)
    ->ArgNames({"width", "side", "batch"})
    ->Args({8, 128, 16})
    ->Args({16, 128, 16})
    ->Args({32, 256, 4})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(4)
    ->UseRealTime();

/// Batches as training makes them; to be held against the step of the same size above.
void augmentation(benchmark::State& state) {
  const int side = static_cast<int>(state.range(0)), batch = static_cast<int>(state.range(1));
  Random random(2);
  Sample sample;
  sample.image = Image(side, side, 5.12 / side);
  sample.image.intensity = "fraction of beam";
  for (float& value : sample.image.data) value = static_cast<float>(random.uniform(0, 0.1));
  const double spacing = 0.2 / sample.image.pixel_size_nm;
  for (double y = spacing; y < side; y += spacing) {
    for (double x = spacing; x < side; x += spacing) sample.columns.push_back({x, y, {1, 2, 3, 4, 5}});
  }
  ModelRecord record;
  record.elements = {"Pt", "Ni", "Pd", "Co", "Fe"};
  record.label_sigma_px = 0.04 / sample.image.pixel_size_nm;
  TrainingOptions options;
  options.dose_per_A2 = 1e4;
  const std::vector<Sample> samples(batch, sample);
  std::vector<std::int64_t> indices(batch);
  for (int i = 0; i < batch; ++i) indices[i] = i;
  for (auto _ : state) benchmark::DoNotOptimize(training_batch(samples, indices, options, record, random));
  state.counters["images/s"] = benchmark::Counter(double(batch), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(augmentation)
    ->ArgNames({"side", "batch"})
    ->Args({128, 16})
    ->Args({256, 16})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace colonnade
