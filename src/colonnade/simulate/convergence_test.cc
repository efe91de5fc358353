// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/convergence.h"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"
#include "colonnade/simulate/reference_data.h"

namespace colonnade {
namespace {

using testing::HasSubstr;

// Three columns; their atoms `step` apart along the beam.
Structure columns(double step_A) {
  Structure structure;
  for (int i = 0; i < 3; ++i) {
    const int elements[] = {29, 13, 26};
    for (int j = 0; j < 4; ++j) structure.atoms.push_back({elements[i], {1.0 + 1.5 * i, 1.5 + 0.7 * i, j * step_A}});
  }
  return structure;
}

const std::vector<AnnularDetector> detectors = {{"inner", 20, 26}, {"outer", 26, 32}};
const FieldOfView field{0, 0, 25, 15, 0.02};

ConvergenceReport measure(const Structure& structure, const MultisliceOptions& options) {
  ConvergenceOptions wanted;
  wanted.probes = 5;
  return measure_convergence(structure, {}, detectors, field, options, wanted);
}

const ConvergenceReport& usual() {
  static const ConvergenceReport report = measure(columns(2.6), {});
  return report;
}

const ConvergenceComponent& part(const ConvergenceReport& report, const std::string& name) {
  for (const auto& component : report.components) {
    if (component.name == name) return component;
  }
  fail("no component {}", name);
}

TEST(Convergence, EverySettingIsRefinedAndTheSameSeedGivesTheSameReport) {
  const auto& report = usual();
  const auto again = measure(columns(2.6), {});
  for (const char* name : {"window", "sampling", "oversampling", "slice", "scan pitch"}) {
    const auto& component = part(report, name);
    EXPECT_EQ(component.errors.size(), 2U);
    EXPECT_GE(component.settings.size(), 2U);
    EXPECT_EQ(component.sequence.size(), component.settings.size());
    EXPECT_LE(component.sequence.back()[0], component.sequence.front()[0] + 1e-9) << name;
    EXPECT_FALSE(component.limit.empty());
  }
  EXPECT_GT(report.total[0].rms_over_mean, 0.001);
  EXPECT_EQ(report.total[1].rms_over_mean, again.total[1].rms_over_mean);
  EXPECT_EQ(report.text().substr(0, report.text().find("All refined")),
            again.text().substr(0, again.text().find("All refined")));
  EXPECT_THAT(report.text(), HasSubstr("oversampling"));
  EXPECT_EQ(report.to_json().at("total").at("outer").at("rms_over_mean"), report.total[1].rms_over_mean);
}

TEST(Convergence, SlicesThatHoldTheLayersHaveNoError) {
  MultisliceOptions options;
  const auto meeting = measure(columns(2.0), options);
  const auto& missing = usual();
  EXPECT_LT(part(meeting, "slice").errors[1].rms_over_mean, 1e-3);
  EXPECT_GT(part(missing, "slice").errors[1].rms_over_mean, 10 * part(meeting, "slice").errors[1].rms_over_mean);
}

TEST(SlowConvergence, FinerSettingsAreNearerToTheLimit) {
  MultisliceOptions fine;
  fine.sampling_A = 0.11;
  fine.slice_A = 0.02;
  fine.window_A = 12;
  const auto finer = measure(columns(2.6), fine);
  for (int d = 0; d < 2; ++d) EXPECT_LT(finer.total[d].rms_over_mean, 0.9 * usual().total[d].rms_over_mean);
  EXPECT_LT(part(finer, "window").errors[1].rms_over_mean, 0.7 * part(usual(), "window").errors[1].rms_over_mean);
}

TEST(Convergence, KeepsToItsTimeAndSaysWhatItLeavesOut) {
  ConvergenceOptions wanted;
  wanted.probes = 4;
  wanted.budget_s = 1e-6;
  const auto report = measure_convergence(columns(2.6), {}, detectors, field, {}, wanted);
  EXPECT_FALSE(report.left_out.empty());
  EXPECT_EQ(part(report, "sampling").settings.size(), 2U);
  EXPECT_THAT(report.text(), HasSubstr("left out"));
}

TEST(Convergence, RefusesWithWhatToDo) {
  ConvergenceOptions wanted;
  wanted.probes = 1;
  EXPECT_THROW(measure_convergence(columns(2), {}, detectors, field, {}, wanted), Error);
  wanted = {};
  wanted.budget_s = 0;
  EXPECT_THROW(measure_convergence(columns(2), {}, detectors, field, {}, wanted), Error);
}

// The figures of docs/design/convergence.md.
TEST(SlowConvergence, SmallParticle) {
  const auto path = std::filesystem::path(COLONNADE_SHARED_DATA) / "reference" / "stem" / "small.zxyz";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
  const auto structure = read_reference_structure(path);
  const FieldOfView whole{0, 0, 150, 150, 0.02};
  MultisliceOptions options;
  const auto thick = measure_convergence(structure, {}, {{"HAADF", 60, 100}}, whole, options, {});
  options.slice_A = 0.02;
  const auto planes = measure_convergence(structure, {}, {{"HAADF", 60, 100}}, whole, options, {});
  fmt::print("{}\n{}\n", thick.text(), planes.text());
  EXPECT_GT(thick.total[0].rms_over_mean, 0.5) << "slices of 2 A miss the layers";
  EXPECT_LT(planes.total[0].rms_over_mean, 0.1);
}

}  // namespace
}  // namespace colonnade
