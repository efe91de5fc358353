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
    const int elements[] = {29, 13, 26};
    for (int j = 0; j < 4; ++j) structure.atoms.push_back({elements[i], {1.0 + 1.5 * i, 1.5 + 0.7 * i, 2.6 * j}});
  }
  return structure;
}

const std::vector<AnnularDetector> detectors = {{"ADF", 22, 30}};
const FieldOfView field{0, 0, 25, 15, 0.02};

Plan plan(double accuracy, double budget_s = 120) {
  PlanOptions wanted;
  wanted.accuracy = accuracy;
  wanted.probes = 4;
  wanted.budget_s = budget_s;
  return plan_simulation(columns(), {}, detectors, field, {}, wanted);
}

const Plan& loose() {
  static const Plan found = plan(0.1);
  return found;
}

// Against the whole cell on a fine grid with a plane for each layer, on probes the planner has not seen.
double true_error(const MultisliceOptions& options) {
  static const auto sample = sample_probes(columns(), field, 8, 99);
  const auto values = [&](const MultisliceOptions& with) {
    return run_in_area(columns(), {}, detectors, scanned_area(field, {}, with), sample.positions, with).values[0];
  };
  MultisliceOptions finest;
  finest.sampling_A = 0.07;
  finest.oversampling = 3;
  finest.slice_A = 0.02;
  finest.window_A = 0;
  finest.margin_A = 12;
  static const auto limit = values(finest);
  return error_of(values(options), limit, sample.shares).rms_over_mean;
}

TEST(Plan, ReachesWhatIsWanted) {
  EXPECT_TRUE(loose().reached) << loose().text();
  EXPECT_LT(true_error(loose().options), 0.15);
  EXPECT_THAT(loose().text(), HasSubstr("Reached"));
  EXPECT_EQ(loose().to_json().at("accuracy"), 0.1);
  int chosen = 0;
  for (const auto& one : loose().tried) chosen += one.chosen ? 1 : 0;
  EXPECT_EQ(chosen, 3) << "slices, grid, algorithm\n" << loose().text();
}

TEST(SlowPlan, StricterIsDearer) {
  const Plan strict = plan(0.02);
  EXPECT_TRUE(strict.reached);
  EXPECT_LT(true_error(strict.options), 0.03);
  const auto cost = [](const MultisliceOptions& options) {
    const auto area = scanned_area(field, {}, options);
    return predict_multislice_cost(specimen_around(columns(), {}, detectors, area, options), options)
        .total_s(area.probes);
  };
  EXPECT_LT(cost(loose().options), cost(strict.options));
}

TEST(SlowPlan, SaysWhenTheAccuracyIsOutOfReach) {
  const Plan impossible = plan(1e-7);
  EXPECT_FALSE(impossible.reached);
  EXPECT_THAT(impossible.text(), HasSubstr("could not be reached"));
  EXPECT_LT(true_error(impossible.options), 0.05) << "still the best there is";
}

TEST(SlowPlan, SameSeedSameSettings) {
  const Plan &first = loose(), second = plan(0.1);
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
    EXPECT_FALSE(found.tried.empty());
    if (found.reached && found.verified[0]) {
      EXPECT_LE(found.verified[0]->rms_over_mean, accuracy);
    }
  }
}

}  // namespace
}  // namespace colonnade
