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

// Probes in the middle, so that no crop reaches around the cell.
double error_of(const Scene& scene, const Subject& subject) {
  std::vector<ProbePosition> probes;
  Random random(8);
  for (int i = 0; i < 24; ++i) {
    probes.push_back({scene.cell.origin.x + random.uniform(5, 9), scene.cell.origin.y + random.uniform(5, 9)});
  }
  const auto haadf = [&](const MultisliceOptions& options) {
    std::vector<float> values;
    const auto algorithm = subject.make(scene.structure, scene.cell, scene.optics, scene.signals, options);
    for (const auto& probe : algorithm->scan(probes, "")) values.push_back(probe[0]);
    return values;
  };
  MultisliceOptions exact = subject.options;
  exact.algorithm = "multislice";
  exact.window_A = 0;
  return rms_over_mean(haadf(exact), haadf(subject.options));
}

TEST(Prism, ConvergesAsTheInterpolationGoesToOne) {
  const Scene scene = make_scene(4, {180, 180, 0.08, 0.08});
  const double three = error_of(scene, subject("prism", 3, 0)), two = error_of(scene, subject("prism", 2, 0));
  EXPECT_LT(three, 0.4);
  EXPECT_LT(two, three);
  EXPECT_LT(error_of(scene, subject("prism", 1, 0)), 1e-4);
}

TEST(PartitionedPrism, ConvergesAsParentsGrowInNumber) {
  const Scene scene = make_scene(4, {180, 180, 0.08, 0.08});
  const auto rings = [&](int count) { return error_of(scene, subject("partitioned_prism", 1, 0, count)); };
  const double two = rings(2), three = rings(3), four = rings(4);
  EXPECT_LT(three, two);
  EXPECT_LT(four, three);
  EXPECT_LT(four, 0.01);
}

TEST(PartitionedPrism, WeightsSumToOneAndAreOneAtParents) {
  const WaveGrid cell{256, 320, 0.08, 0.08};
  const auto children = aperture_beams(cell, 1, Optics{});
  const auto parents = parent_beams(cell, children, 3, 17.5e-3 / 0.02508);
  EXPECT_EQ(parents.size(), 37U);
  const auto weights = partition_weights(cell, children, parents, 0.7);
  for (Eigen::Index child = 0; child < weights.rows(); ++child) {
    EXPECT_NEAR(weights.row(child).sum(), 1, 1e-9);
    for (Eigen::Index parent = 0; parent < weights.cols(); ++parent) {
      const Beam &a = children[std::size_t(child)], &b = parents[std::size_t(parent)];
      if (a.row == b.row && a.column == b.column) {
        EXPECT_NEAR(weights(child, parent), 1, 1e-6);
      }
    }
  }
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
