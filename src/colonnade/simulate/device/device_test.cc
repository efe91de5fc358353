// SPDX-License-Identifier: GPL-3.0-or-later
// The device's algorithms against the processor's: the same job through both factories. On the device "cpu" always, on
// "cuda" where there is one.
#include <algorithm>
#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/core/random.h"
#include "colonnade/simulate/device/device_algorithms.h"
#include "colonnade/simulate/reference_data.h"
#include "colonnade/simulate/stem_algorithm_tests.h"

namespace colonnade {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// Columns of an alloy 2.1 x 2.9 A apart that fill a cell of this grid, a gap of two slices in their middle.
Structure alloy(const WaveGrid& grid, int atoms) {
  const int kinds[] = {78, 46, 28, 27, 26};
  Random random(2);
  Structure structure;
  for (double x = 1; x < grid.length_x_A() - 1; x += 2.1) {
    for (double y = 1.2; y < grid.length_y_A() - 1; y += 2.9) {
      const int kind = kinds[random.below(5)];
      for (int i = 0; i < atoms; ++i) {
        structure.atoms.push_back({kind, {x, y, 0.5 + 2.3 * i + (i >= atoms / 2 ? 4 : 0)}});
      }
    }
  }
  return structure;
}

struct Job {
  PeriodicCell cell{{0.3, -1.1, 0}, {128, 128, 0.09, 0.09}};
  Optics optics;
  Signals signals{{{"HAADF", 50, 90}, {"ADF", 25, 50}, {"BF", 0, 12}}, {}};
  MultisliceOptions options;
  std::vector<ProbePosition> positions;

  Job() {
    options.window_A = 0;
    for (int i = 0; i < 7; ++i) positions.push_back({4.1 + 0.37 * i, 3.3 + 0.21 * i});
    // Beyond the cell's sides: the cell is periodic.
    positions.push_back({-0.2, 0.05});
  }
};

std::vector<std::vector<float>> run(const StemAlgorithmFactory& factory, const Job& job) {
  Structure structure = alloy(job.cell.grid, 4);
  translate(structure, job.cell.origin);
  return factory(structure, job.cell, job.optics, job.signals, job.options)->scan(job.positions, "");
}

std::vector<float> signal(const std::vector<std::vector<float>>& scanned, std::size_t index) {
  std::vector<float> values;
  for (const auto& probe : scanned) values.push_back(probe.at(index));
  return values;
}

void expect_agreement(const std::vector<std::vector<float>>& expected, const std::vector<std::vector<float>>& found) {
  ASSERT_EQ(expected.size(), found.size());
  for (std::size_t i = 0; i < expected.front().size(); ++i) {
    ASSERT_EQ(expected.front().size(), found.front().size());
    const auto reference = signal(expected, i);
    EXPECT_GT(*std::min_element(reference.begin(), reference.end()), 5e-5) << "a signal worth comparing, " << i;
    const double difference = rms_over_mean(reference, signal(found, i));
    testing::Test::RecordProperty("difference_" + std::to_string(i), std::to_string(difference));
    EXPECT_LT(difference, 1e-4) << i;
  }
}

class DeviceMultislice : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "cuda" && cuda_device_count() == 0) GTEST_SKIP() << "no CUDA device here";
  }
  void compare(const Job& job, double memory_GB = 0) {
    expect_agreement(run(make_stem_algorithm, job), run(device_stem_algorithms(GetParam(), memory_GB), job));
  }
};

TEST_P(DeviceMultislice, WholeCell) { compare({}); }

TEST_P(DeviceMultislice, RectangularCell) {
  Job job;
  job.cell.grid = {100, 144, 0.09, 0.085};
  compare(job);
}

TEST_P(DeviceMultislice, Aberrations) {
  Job job;
  job.optics.energy_keV = 120;
  job.optics.semiangle_mrad = 22;
  job.optics.aberrations.C10 = -30;
  job.optics.aberrations.C12 = 25;
  job.optics.aberrations.phi12 = 14;
  job.optics.aberrations.C30 = 2e4;
  job.signals.detectors = {{"HAADF", 60, 90}, {"ABF", 11, 22}};
  compare(job);
}

TEST_P(DeviceMultislice, Window) {
  Job job;
  job.cell.grid = {200, 240, 0.08, 0.08};
  job.options.window_A = 7.5;
  compare(job);
}

// A window as wide as the cell in one direction only.
TEST_P(DeviceMultislice, WindowAsHighAsTheCell) {
  Job job;
  job.cell.grid = {96, 240, 0.08, 0.08};
  job.options.window_A = 10;
  compare(job);
}

/// What two elements give to two signals; the second is of platinum alone.
std::vector<LocalSignal> local_signals() {
  const auto narrow = [](double k) { return 0.1 * std::exp(-0.3 * k * k); };
  const auto wide = [](double k) { return 0.4 * std::exp(-1.1 * k * k); };
  return {{"thermal", {{78, narrow}, {46, wide}}}, {"Pt L", {{78, wide}}}};
}

TEST_P(DeviceMultislice, LocalSignals) {
  Job job;
  job.signals.local = local_signals();
  compare(job);
  job.cell.grid = {160, 192, 0.09, 0.09};
  job.options.window_A = 9;
  job.signals.detectors.clear();
  compare(job);
}

// Segments, first moments, and everything at three depths, the entrance among them.
TEST_P(DeviceMultislice, DepthsAndOtherDetectors) {
  Job job;
  job.signals = {parse_detectors({"HAADF:50-90", "DPC:15-45/2@30"}), local_signals(), {0, 6, 100}};
  job.cell.grid = {160, 192, 0.09, 0.09};
  job.options.window_A = 9;
  const auto fftw = run(make_stem_algorithm, job), device = run(device_stem_algorithms(GetParam()), job);
  const std::size_t values = job.signals.values_per_depth();
  ASSERT_EQ(device.front().size(), 4 * values);
  for (std::size_t i = 0; i < 4 * values; ++i) {
    const auto expected = signal(fftw, i), found = signal(device, i);
    // Nothing has been scattered at the entrance.
    if (i / values == 1 && (i + 1) % values != 0) {
      for (std::size_t j = 0; j < found.size(); ++j) EXPECT_NEAR(expected[j], found[j], 1e-6) << i;
    } else {
      EXPECT_LT(rms_over_mean(expected, found), 1e-4) << i;
    }
  }
}

// The tests of every algorithm on the processor.
TEST_P(DeviceMultislice, PassesTheCommonTests) {
  MultisliceOptions options;
  options.window_A = 0;
  stem_algorithm_tests::passes_every_test_of_an_exact_algorithm({device_stem_algorithms(GetParam()), options, 1e-5});
}

TEST_P(DeviceMultislice, Patterns) {
  Job job;
  job.cell.grid = {160, 192, 0.09, 0.09};
  job.options.window_A = 9;
  const PatternGrid camera{24, 60};
  const auto patterns = [&](const StemAlgorithmFactory& factory) {
    const Structure structure = alloy(job.cell.grid, 2);
    std::vector<std::vector<float>> found;
    factory(structure, job.cell, job.optics, job.signals, job.options)
        ->scan_patterns(
            job.positions, camera,
            [&](std::size_t position, const std::vector<float>& pattern) {
              EXPECT_EQ(position, found.size());
              found.push_back(pattern);
            },
            "");
    return found;
  };
  const auto expected = patterns(make_stem_algorithm), found = patterns(device_stem_algorithms(GetParam()));
  ASSERT_EQ(expected.size(), found.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_LT(rms_over_mean(expected[i], found[i]), 1e-4) << i;
}

class DevicePrism : public DeviceMultislice {
 protected:
  static Job job(int interpolation) {
    Job job;
    job.options.algorithm = "prism";
    job.options.prism_interpolation = interpolation;
    return job;
  }
};

TEST_P(DevicePrism, WithEveryBeamIsMultislice) {
  stem_algorithm_tests::agrees_under_aberrations({device_stem_algorithms(GetParam()), job(1).options, 1e-4});
}

class DevicePrismInFull : public DevicePrism {};

TEST_P(DevicePrismInFull, WithEveryBeamPassesTheCommonTests) {
  stem_algorithm_tests::passes_every_test_of_an_exact_algorithm(
      {device_stem_algorithms(GetParam()), job(1).options, 1e-4});
}

TEST_P(DevicePrism, InterpolatedAsOnTheProcessor) { compare(job(2)); }

TEST_P(DevicePrism, AFewWavesAndProbesAtATime) { compare(job(2), 0.012); }

TEST_P(DevicePrism, RefusesWhatDoesNotFit) {
  EXPECT_THROW(compare(job(1), 0.01), Error);
  Job local = job(1);
  local.signals.local = local_signals();
  EXPECT_THROW(compare(local), Error);
}

TEST_P(DeviceMultislice, BatchesAndThreadsChangeNothing) {
  Job job;
  job.cell.grid = {160, 160, 0.09, 0.09};
  job.options.window_A = 6;
  const auto at_once = run(device_stem_algorithms(GetParam()), job);
  // 3 slices and a gap, 160 x 160; what is left is room for two probes of 72 x 72.
  const auto by_two = run(device_stem_algorithms(GetParam(), 2.2e-3), job);
  const int threads = thread_count();
  set_thread_count(1);
  const auto one_thread = run(device_stem_algorithms(GetParam()), job);
  set_thread_count(threads);
  if (GetParam() == "cpu") {
    EXPECT_EQ(at_once, one_thread);
    EXPECT_EQ(at_once, by_two);
  }
  expect_agreement(at_once, by_two);
}

/// The most that tensors of a device take at once, as libtorch reports it: one of the two functions is that of this
/// libtorch's version.
struct PeakMemory : c10::MemoryReportingInfoBase {
  bool memoryProfilingEnabled() const override { return true; }
  // NOLINTBEGIN(modernize-use-override): which of the two overrides depends on the version.
  void reportMemoryUsage(void*, std::int64_t size, std::int64_t, std::int64_t, c10::Device) { add(size); }
  void reportMemoryUsage(void*, std::int64_t size, std::size_t, std::size_t, c10::Device) { add(size); }
  // NOLINTEND(modernize-use-override)
  void add(std::int64_t size) {
    present += size;
    most = std::max(most, present);
  }
  std::int64_t present = 0, most = 0;
};

TEST_P(DeviceMultislice, TakesWhatItPredicts) {
  for (const bool local : {false, true}) {
    Job job;
    job.cell.grid = {120, 144, 0.09, 0.09};
    job.options.window_A = 6;
    if (local) job.signals.local = local_signals();
    job.positions.resize(16, {1, 2});
    const Structure structure = alloy(job.cell.grid, 4);
    const auto peak = std::make_shared<PeakMemory>();
    const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, peak);
    const auto algorithm =
        device_stem_algorithms(GetParam(), 0.003)(structure, job.cell, job.optics, job.signals, job.options);
    algorithm->scan(job.positions, "");
    const auto record = algorithm->record();
    // On the processor the slices are not libtorch's.
    const double slices = GetParam() == "cpu" ? 8.0 * 120 * 144 * record.at("slices").get<double>() : 0;
    const double measured = double(peak->most) + slices, predicted = 1e9 * record.at("device_memory_GB").get<double>();
    RecordProperty(local ? "peak_of_prediction_local" : "peak_of_prediction", std::to_string(measured / predicted));
    EXPECT_LT(record.at("probes_at_a_time").get<int>(), 16) << "whole batches are wanted";
    EXPECT_LE(measured, predicted) << record.at("probes_at_a_time");
    EXPECT_GE(measured, 0.5 * predicted) << record.at("probes_at_a_time");
  }
}

TEST_P(DeviceMultislice, StatesItsMemoryAndRefusesTooLittle) {
  const Job job;
  const Structure structure = alloy(job.cell.grid, 4);
  const auto factory = device_stem_algorithms(GetParam(), 0.02);
  const auto record = factory(structure, job.cell, job.optics, job.signals, job.options)->record();
  EXPECT_LE(record.at("device_memory_GB").get<double>(), 0.02);
  EXPECT_GT(record.at("device_memory_GB").get<double>(), 0.003);
  EXPECT_GE(record.at("probes_at_a_time").get<int>(), 4);
  EXPECT_THAT(record.at("device").get<std::string>(), HasSubstr(GetParam()));
  try {
    device_stem_algorithms(GetParam(), 1e-4)(structure, job.cell, job.optics, job.signals, job.options);
    ADD_FAILURE() << "fits into 0.1 MB";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("one probe needs"), HasSubstr("coarser sampling")));
  }
}

TEST_P(DeviceMultislice, RefusesWhatTheProcessorRefuses) {
  const auto complaint = [&](const Job& job) -> std::string {
    try {
      run(device_stem_algorithms(GetParam()), job);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  Job job;
  job.signals.detectors = {{"HAADF", 60, 200}};
  EXPECT_THAT(complaint(job), HasSubstr("mrad at most"));
  job = {};
  job.cell.grid = {99, 128, 0.08, 0.08};
  EXPECT_THAT(complaint(job), HasSubstr("even"));
  job = {};
  job.options.algorithm = "magic";
  EXPECT_THAT(complaint(job), HasSubstr("no algorithm 'magic'"));
}

INSTANTIATE_TEST_SUITE_P(On, DeviceMultislice, testing::Values("cpu", "cuda"),
                         [](const auto& info) { return info.param; });
INSTANTIATE_TEST_SUITE_P(SlowOn, DevicePrismInFull, testing::Values("cpu", "cuda"),
                         [](const auto& info) { return info.param; });
INSTANTIATE_TEST_SUITE_P(On, DevicePrism, testing::Values("cpu", "cuda"), [](const auto& info) { return info.param; });

TEST(TorchDevice, NamesWhatIsNotThere) {
  const auto complaint = [](const std::string& name) -> std::string {
    try {
      device_stem_algorithms(name);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(complaint("tpu"), HasSubstr("it is cpu, cuda or cuda:N"));
  EXPECT_THAT(complaint("cuda:x"), HasSubstr("unknown"));
  EXPECT_THAT(complaint("cuda:-1"), HasSubstr("unknown"));
  if (cuda_device_count() == 0) {
    EXPECT_THAT(complaint("cuda"), HasSubstr("no CUDA device"));
  } else {
    EXPECT_THAT(complaint("cuda:99"), HasSubstr("no device cuda:99"));
  }
  EXPECT_THROW(device_stem_algorithms("cpu", -1), Error);
}

}  // namespace
}  // namespace colonnade
