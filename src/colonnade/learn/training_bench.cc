// SPDX-License-Identifier: GPL-3.0-or-later
// A training step's images per second, and its time as a multiple of what its convolutions alone would take at the rate
// of one large convolution (64 to 64 channels, 128 x 128 px) on the same threads: forward once, backward twice.
// Arguments: width of the first block, side of the images in px, batch. tools/bench_train.py holds the step against the
// same network in Python's PyTorch.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <memory>

#include "colonnade/core/parallel.h"
#include "colonnade/core/random.h"
#include "colonnade/learn/augmentation_tensor.h"
#include "colonnade/learn/training_data.h"
#include "colonnade/learn/training_step.h"

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

struct Bench {
  std::shared_ptr<ElementNetwork> network;
  std::unique_ptr<TrainingStep> step;
  at::Tensor images, labels;

  Bench(int width, std::int64_t side, std::int64_t batch, const at::Device& device) {
    keep_freed_memory();
    network = std::make_shared<ElementNetwork>(std::vector<int>{width, 2 * width, 4 * width, 8 * width}, 5);
    Random random(1);
    network->initialise(random);
    network->to(device);
    const Precision precision = choose_precision("auto", device);
    const auto layout = memory_layout(device, precision == Precision::mixed);
    use_memory_layout(*network, layout);
    step = std::make_unique<TrainingStep>(network, device, precision, nullptr);
    network->train();
    images = at::rand({batch, 1, side, side}).to(device).contiguous(layout);
    labels = at::rand({batch, 5, side, side}).to(device).contiguous(layout);
    run();  // the first step allocates, and plans its convolutions
  }
  void run() { step->run(images, labels, images.size(0), images.size(0), 1e-3); }
};

void training_step(benchmark::State& state) {
  const int width = static_cast<int>(state.range(0)), side = static_cast<int>(state.range(1));
  const std::int64_t batch = state.range(2);
  if (const char* threads = std::getenv("COLONNADE_THREADS")) set_thread_count(std::atoi(threads));
  const at::Device device = choose_device("auto");
  Bench bench(width, side, batch, device);
  const double rate = convolution_rate(device);
  double seconds = 1e30;
  for (auto _ : state) seconds = std::min(seconds, best_seconds(1, [&] { bench.run(); }));
  const double bare = 3 * bench.network->convolution_flops(side, side) * double(batch) / rate;
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
    ->MeasureProcessCPUTime()
    ->UseRealTime();

struct AugmentationCase {
  std::vector<Sample> samples;
  std::vector<std::int64_t> indices;
  ModelRecord record;
  TrainingOptions options;
};

AugmentationCase augmentation_case(int side, int batch) {
  Random random(2);
  Sample sample;
  sample.image = Image(side, side, 5.12 / side);
  sample.image.intensity = "fraction of beam";
  for (float& value : sample.image.data) value = static_cast<float>(random.uniform(0, 0.1));
  const double spacing = 0.2 / sample.image.pixel_size_nm;
  for (double y = spacing; y < side; y += spacing) {
    for (double x = spacing; x < side; x += spacing) sample.columns.push_back({x, y, {1, 2, 3, 4, 5}});
  }
  AugmentationCase made;
  made.record.elements = {"Pt", "Ni", "Pd", "Co", "Fe"};
  made.record.pixel_size_nm = sample.image.pixel_size_nm;
  made.record.label_sigma_px = 0.04 / sample.image.pixel_size_nm;
  made.options.dose_per_A2 = 1e4;
  made.samples.assign(batch, sample);
  for (int i = 0; i < batch; ++i) made.indices.push_back(i);
  return made;
}

/// Batches as training makes them; to be held against the step of the same size above.
void augmentation(benchmark::State& state) {
  const int side = static_cast<int>(state.range(0)), batch = static_cast<int>(state.range(1));
  const AugmentationCase c = augmentation_case(side, batch);
  const Random random(3);
  for (auto _ : state) {
    benchmark::DoNotOptimize(training_batch(c.samples, c.indices, c.options, c.record, random));
  }
  state.counters["images/s"] = benchmark::Counter(double(batch), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(augmentation)
    ->ArgNames({"side", "batch"})
    ->Args({128, 16})
    ->Args({256, 16})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

/// The same as operations on whole batches on the device (CUDA where there is one).
void augmentation_on_device(benchmark::State& state) {
  const int side = static_cast<int>(state.range(0)), batch = static_cast<int>(state.range(1));
  const AugmentationCase c = augmentation_case(side, batch);
  const Random random(3);
  const at::Device device = choose_device("auto");
  for (auto _ : state) {
    const TensorBatch made = training_batch_on(device, c.samples, c.indices, c.options, c.record, random);
    benchmark::DoNotOptimize(made.images.sum().item<float>());
  }
  state.counters["images/s"] = benchmark::Counter(double(batch), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(augmentation_on_device)
    ->ArgNames({"side", "batch"})
    ->Args({128, 16})
    ->Args({256, 16})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
}  // namespace colonnade
