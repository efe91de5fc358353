// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/prism.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/simulate/partitioned_prism.h"
#include "colonnade/simulate/stem_algorithm_tests.h"

namespace colonnade {
namespace {

using namespace stem_algorithm_tests;

Subject subject(const std::string& algorithm, int interpolation, double tolerance, int rings = 4) {
  MultisliceOptions options;
  options.algorithm = algorithm;
  options.prism_interpolation = interpolation;
  options.parent_rings = rings;
  return {make_stem_algorithm, options, tolerance};
}

TEST(StemAlgorithm, MultisliceInTheWholeCellPassesTheCommonTests) {
  MultisliceOptions options;
  options.window_A = 0;
  passes_every_test_of_an_exact_algorithm({make_stem_algorithm, options, 1e-6});
}

TEST(StemAlgorithm, RefusesAnUnknownName) {
  EXPECT_THAT(complaint(subject("lensing", 1, 0), make_scene(1)), testing::HasSubstr("partitioned_prism"));
}

TEST(Prism, WithEveryBeamPassesTheCommonTests) { passes_every_test_of_an_exact_algorithm(subject("prism", 1, 1e-4)); }

TEST(PartitionedPrism, WithEveryBeamAParentPassesTheCommonTests) {
  passes_every_test_of_an_exact_algorithm(subject("partitioned_prism", 1, 1e-4, 100));
}

TEST(Prism, InterpolatedDoesNotDependOnThreadsAndKeepsTheBeam) {
  does_not_depend_on_threads(subject("prism", 2, 0));
  keeps_the_beam_in_vacuum(subject("prism", 2, 0), 0.02);
  does_not_depend_on_threads(subject("partitioned_prism", 2, 0, 2));
  keeps_the_beam_in_vacuum(subject("partitioned_prism", 2, 0, 2), 0.05);
}

TEST(Prism, RefusesLocalSignals) {
  Scene scene = make_scene(1);
  scene.signals.local = {{"Pt L", {{78, [](double) { return 1.0; }}}}};
  EXPECT_THAT(complaint(subject("prism", 1, 0), scene), testing::HasSubstr("'Pt L'"));
  EXPECT_THAT(complaint(subject("partitioned_prism", 1, 0), scene), testing::HasSubstr("multislice"));
}

TEST(Prism, SaysWhatWouldFitIntoTheMemory) {
  Subject large = subject("prism", 1, 0);
  large.options.memory_limit_GB = 0.01;
  Scene scene = make_scene(1, {512, 512, 0.08, 0.08});
  EXPECT_THAT(complaint(large, scene), testing::AllOf(testing::HasSubstr("beams on 360 x 360 pixels"),
                                                      testing::HasSubstr("PRISM interpolation of")));
}

}  // namespace
}  // namespace colonnade
