// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/training_memory.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "colonnade/core/error.h"
#include "colonnade/learn/synthetic_samples.h"
#include "colonnade/learn/training_step.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;

/// "VmHWM:   123 kB" of /proc/self/status, in bytes; 0 where there is none.
double status_bytes(const std::string& wanted) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(wanted)) return 1024 * std::stod(line.substr(wanted.size() + 1));
  }
  return 0;
}

void reset_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

TrainingMemory memory_for(const std::vector<double>& widths, double side, double data_bytes = 0) {
  TrainingOptions options;
  options.widths = widths;
  return estimate_training_memory(options, {5, side * side, side * side, data_bytes}, false);
}

TEST(TrainingMemory, GrowsAsItShould) {
  const TrainingMemory small = memory_for({8, 16, 32}, 64), large = memory_for({8, 16, 32}, 128);
  EXPECT_NEAR(large.per_image / small.per_image, 4, 1e-9);
  EXPECT_EQ(large.weights, small.weights);
  EXPECT_NEAR(memory_for({16, 32, 64}, 64).weights / small.weights, 4, 0.1);
  EXPECT_EQ(memory_for({8, 16, 32}, 64, 1e9).on_processor(3), small.on_processor(3) + 1e9);
  TrainingOptions options;
  const TrainingSizes sizes{5, 256.0 * 256, 256.0 * 256, 0};
  const double mixed = estimate_training_memory(options, sizes, true).per_image;
  EXPECT_NEAR(mixed / estimate_training_memory(options, sizes, false).per_image, 0.5, 0.1);
}

TEST(TrainingMemory, SaysWhichBatchWouldFit) {
  const TrainingMemory memory = memory_for({32, 64, 128, 256}, 256);
  const double free = memory.on_processor(7) + 1000;
  EXPECT_EQ(largest_batch(memory, free, true), 7);
  EXPECT_NO_THROW(require_training_memory(memory, 7, 1, 1, free, true));
  const auto message = [&](int batch, int processes, int local, double bytes) -> std::string {
    try {
      require_training_memory(memory, batch, processes, local, bytes, true);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message(32, 1, 1, free), HasSubstr("a batch of 7 would fit"));
  EXPECT_THAT(message(32, 2, 2, 2 * free), HasSubstr("a batch of 14 would fit"));
  EXPECT_EQ(message(14, 2, 2, 2 * free), "no error");
  EXPECT_THAT(message(32, 1, 1, memory.on_processor(0)), HasSubstr("not even a batch of one"));
}

/// Peak of the memory that steps of this size take, above what there was before.
double measured_step(const std::vector<int>& widths, std::int64_t side, std::int64_t batch) {
#ifdef __GLIBC__
  malloc_trim(0);  // what earlier tests left
#endif
  keep_freed_memory();
  const double before = status_bytes("VmRSS:");
  auto network = std::make_shared<ElementNetwork>(widths, 5);
  Random random(1);
  network->initialise(random);
  const auto layout = memory_layout(torch::kCPU);
  use_memory_layout(*network, layout);
  TrainingStep step(network, torch::kCPU, Precision::float32, nullptr);
  const torch::Tensor images = torch::rand({batch, 1, side, side}).contiguous(layout);
  const torch::Tensor labels = torch::rand({batch, 5, side, side}).contiguous(layout);
  reset_peak();
  for (int i = 0; i < 2; ++i) step.run(images, labels, batch, batch, 1e-3);
  return status_bytes("VmHWM:") - before;
}

void expect_measured(const std::vector<int>& widths, int side, int batch) {
  if (status_bytes("VmHWM:") == 0) GTEST_SKIP() << "this system does not say how much memory a process takes";
  measured_step({8, 16}, 32, 2);  // libtorch's own memory
  const double measured = measured_step(widths, side, batch);
  const double estimated = memory_for({widths.begin(), widths.end()}, side).on_device(batch);
  std::printf("estimated %.1f MB, measured %.1f MB, ratio %.2f\n", estimated / 1e6, measured / 1e6,
              estimated / measured);
  EXPECT_GT(estimated / measured, 0.85);
  EXPECT_LT(estimated / measured, 1.25);
}

TEST(TrainingMemory, AgreesWithTheMeasuredPeak) { expect_measured({16, 32, 64}, 96, 8); }
TEST(SlowTrainingMemory, AgreesForThePapersNetwork) { expect_measured({32, 64, 128, 256}, 256, 4); }
TEST(SlowTrainingMemory, AgreesForManySmallImages) { expect_measured({8, 16, 32, 64}, 64, 128); }

}  // namespace
}  // namespace colonnade
