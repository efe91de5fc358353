// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/memory.h"

#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <unistd.h>

#include "colonnade/core/error.h"
#include "colonnade/simulate/transmission.h"

namespace colonnade {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Structure layers(int count) {
  Structure structure;
  for (int i = 0; i < count; ++i) structure.atoms.push_back({28, {5, 5, 2.0 * i}});
  return structure;
}

std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Memory, WhatIsAvailableIsLessThanTheMachineHas) {
  EXPECT_GT(available_memory(), 1e6);
  EXPECT_LE(available_memory(), double(sysconf(_SC_PHYS_PAGES)) * double(sysconf(_SC_PAGE_SIZE)));
  EXPECT_EQ(allowed_memory(1.5), 1.5e9);
  EXPECT_LT(allowed_memory(0), available_memory() * 1.1);
}

TEST(Memory, SlicesAreCountedInFull) {
  const WaveGrid grid{100, 120, 0.1, 0.1};
  const auto estimate = estimate_stack_memory(layers(3), grid, 7, 2);
  EXPECT_EQ(estimate.slices, 100 * 120 * 7 * 8.0);
  EXPECT_GT(estimate.making, 4 * 100 * 120 * 20.0);
  EXPECT_EQ(estimate.peak(), estimate.slices + estimate.making);
  EXPECT_NEAR(estimate.to_json().at("peak_GB").get<double>(), estimate.peak() / 1e9, 1e-12);
}

TEST(Memory, AStackThatWouldNotFitIsRefusedWithWhatWould) {
  PeriodicCell cell{{0, 0, -1}, {256, 256, 0.05, 0.05}};
  TransmissionOptions options;
  options.memory_limit_GB = 0.004;
  EXPECT_THAT(refusal([&] { TransmissionStack(layers(10), cell, options); }),
              AllOf(HasSubstr("10 slices of 256 x 256"), HasSubstr("GB"), HasSubstr("0.004 GB are allowed"),
                    HasSubstr("a sampling of 0.0"), HasSubstr("instead of 0.050"), HasSubstr("a cell of")));
  // What the message proposes does fit: see the pitch it names.
  const std::string message = refusal([&] { TransmissionStack(layers(10), cell, options); });
  const double proposed = std::stod(message.substr(message.find("a sampling of ") + 14));
  const int side = int(256 * 0.05 / proposed) / 2 * 2;
  cell.grid = {side, side, proposed, proposed};
  EXPECT_EQ(refusal([&] { TransmissionStack(layers(10), cell, options); }), "");
}

TEST(Memory, WholeSimulationIsPredictedAndRefused) {
  const FieldOfView field{0, 0, 40, 40, 0.02};
  const std::vector<AnnularDetector> detectors = {{"HAADF", 60, 100}};
  MultisliceOptions options;
  const auto estimate = estimate_memory(layers(5), {}, detectors, field, options);
  const auto grid = specimen_around(layers(5), {}, detectors, scanned_area(field, {}, options), options).cell.grid;
  EXPECT_EQ(estimate.slices, double(grid.size()) * 5 * 8);
  options.memory_limit_GB = estimate.peak() / 1e9 * 0.9;
  EXPECT_THAT(refusal([&] { simulate_stem(layers(5), {}, detectors, field, options); }), HasSubstr("would fit"));
  options.sampling_A = 0.02;
  EXPECT_GT(estimate_memory(layers(5), {}, detectors, field, options).peak(), 5 * estimate.peak());
}

TEST(Memory, RemedyIsPartOfTheMessage) {
  EXPECT_EQ(refusal([] { require_memory(1e6, 1, "the beams need", "use fewer"); }), "");
  EXPECT_EQ(refusal([] { require_memory(3e9, 2, "the beams need", "use fewer"); }),
            "the beams need 3 GB of memory and 2 GB are allowed; use fewer");
}

}  // namespace
}  // namespace colonnade
