// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/plan.h"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"
#include "colonnade/simulate/reference_data.h"

namespace colonnade {
namespace {

using testing::HasSubstr;

Structure columns() {
  Structure structure;
  for (int i = 0; i < 3; ++i) {
    const int elements[] = {78, 46, 26};
    for (int j = 0; j < 4; ++j) structure.atoms.push_back({elements[i], {1.0 + 1.5 * i, 1.5 + 0.7 * i, 2.6 * j}});
  }
  return structure;
}

const std::vector<AnnularDetector> detectors = {{"ADF", 45, 65}};
const FieldOfView field{0, 0, 25, 30, 0.02};

Plan plan(double accuracy, double budget_s = 120) {
  PlanOptions wanted;
  wanted.accuracy = accuracy;
  wanted.probes = 8;
  wanted.budget_s = budget_s;
  return plan_simulation(columns(), {}, detectors, field, {}, wanted);
}

// Against the whole cell on a fine grid with a plane for each layer, on probes the planner has not seen.
double true_error(const MultisliceOptions& options) {
  const auto sample = sample_probes(columns(), field, 16, 99);
  MultisliceOptions finest;
  finest.sampling_A = 0.045;
  finest.slice_A = 0.02;
  finest.window_A = 0;
  const auto area = scanned_area(field, {}, options);
  const auto limit = run_in_area(columns(), {}, detectors, area, sample.positions, finest);
  const auto found = run_in_area(columns(), {}, detectors, area, sample.positions, options);
  return error_of(found.values[0], limit.values[0], sample.shares).rms_over_mean;
}

TEST(Plan, ReachesWhatIsWantedAndNoMore) {
  const Plan loose = plan(0.1), strict = plan(0.02);
  EXPECT_TRUE(loose.reached);
  EXPECT_TRUE(strict.reached);
  EXPECT_LT(true_error(loose.options), 0.15);
  EXPECT_LT(true_error(strict.options), 0.03);
  const auto cost = [](const MultisliceOptions& options) {
    const auto area = scanned_area(field, {}, options);
    return predict_multislice_cost(specimen_around(columns(), {}, detectors, area, options), options)
        .total_s(area.probes);
  };
  EXPECT_LT(cost(loose.options), cost(strict.options));
  EXPECT_THAT(strict.text(), HasSubstr("Reached"));
  EXPECT_EQ(strict.to_json().at("accuracy"), 0.02);
  int chosen = 0;
  for (const auto& one : strict.tried) chosen += one.chosen ? 1 : 0;
  EXPECT_EQ(chosen, 3) << "slices, grid, algorithm\n" << strict.text();
}

TEST(Plan, SaysWhenTheAccuracyIsOutOfReach) {
  const Plan impossible = plan(1e-7);
  EXPECT_FALSE(impossible.reached);
  EXPECT_THAT(impossible.text(), HasSubstr("could not be reached"));
  EXPECT_LT(true_error(impossible.options), 0.03) << "still the best there is";
}

TEST(Plan, SameSeedSameSettings) {
  const Plan first = plan(0.05), second = plan(0.05);
  EXPECT_EQ(first.options.window_A, second.options.window_A);
  EXPECT_EQ(first.options.sampling_A, second.options.sampling_A);
  EXPECT_EQ(first.errors[0].rms_over_mean, second.errors[0].rms_over_mean);
}

TEST(Plan, RefusesWithWhatToDo) {
  EXPECT_THROW(plan(0), Error);
  EXPECT_THROW(plan(2), Error);
  MultisliceOptions base;
  base.memory_limit_GB = 1e-6;
  EXPECT_THROW(plan_simulation(columns(), {}, detectors, field, base, {}), Error);
}

// The figures of docs/design/convergence.md.
TEST(SlowPlan, SmallParticle) {
  const auto path = std::filesystem::path(COLONNADE_SHARED_DATA) / "reference" / "stem" / "small.zxyz";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
  for (const double accuracy : {0.1, 0.03}) {
    PlanOptions wanted;
    wanted.accuracy = accuracy;
    wanted.budget_s = 300;
    const auto found =
        plan_simulation(read_reference_structure(path), {}, {{"HAADF", 60, 100}}, {0, 0, 150, 150, 0.02}, {}, wanted);
    fmt::print("{}\n", found.text());
    EXPECT_TRUE(found.reached);
  }
}

}  // namespace
}  // namespace colonnade
