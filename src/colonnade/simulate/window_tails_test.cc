// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/window_tails.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/simulate/stem_algorithm_tests.h"

namespace colonnade {
namespace {

using namespace stem_algorithm_tests;

Subject window(double window_A, bool tails) {
  MultisliceOptions options;
  options.window_A = window_A;
  options.window_tails = tails;
  return {make_stem_algorithm, options, 0};
}

// Columns over a cell of 2.2 nm, probes in its middle.
double error_of(const Scene& scene, const std::vector<float>& expected, const std::vector<ProbePosition>& probes,
                const Subject& subject) {
  std::vector<float> found;
  const auto algorithm = subject.make(scene.structure, scene.cell, scene.optics, scene.signals, subject.options);
  for (const auto& probe : algorithm->scan(probes, "")) found.push_back(probe[0]);
  return rms_over_mean(expected, found);
}

TEST(WindowTails, HalveTheErrorOfAWindow) {
  Scene scene = make_scene(5, {320, 320, 0.07, 0.07});
  scene.signals.detectors = {{"HAADF", 60, 110}};
  Random random(3);
  std::vector<ProbePosition> probes;
  for (int i = 0; i < 24; ++i) {
    probes.push_back({scene.cell.origin.x + random.uniform(8, 14), scene.cell.origin.y + random.uniform(8, 14)});
  }
  std::vector<float> exact;
  const Multislice whole(scene.structure, scene.cell, scene.optics, scene.signals, window(0, false).options);
  for (const auto& probe : whole.scan(probes)) exact.push_back(probe[0]);
  const double plain = error_of(scene, exact, probes, window(6, false)),
               with = error_of(scene, exact, probes, window(6, true));
  EXPECT_GT(plain, 0.015);
  EXPECT_LT(with, plain / 2);
  EXPECT_LT(error_of(scene, exact, probes, window(12, true)), with);
}

TEST(WindowTails, KeepTheBeamAndDoNotDependOnThreads) {
  keeps_the_beam_in_vacuum(window(5, true), 2e-3);
  does_not_depend_on_threads(window(5, true));
}

TEST(WindowTails, RefuseDepths) {
  Scene scene = make_scene(2);
  scene.signals.depths_A = {2};
  EXPECT_THAT(complaint(window(5, true), scene), testing::HasSubstr("turn window_tails off"));
}

}  // namespace
}  // namespace colonnade
