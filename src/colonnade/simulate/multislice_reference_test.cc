// SPDX-License-Identifier: GPL-3.0-or-later
// Against an independent engine in double precision (same physics: Kirkland's factors, exact placement of atoms,
// infinite projection, slices of 2 A, radial 2/3 band limit, hard detector edges). Skipped where the reference data are
// absent.
#include <filesystem>
#include <gtest/gtest.h>

#include "colonnade/simulate/multislice_engine.h"
#include "colonnade/simulate/reference_data.h"

namespace colonnade {
namespace {

const std::filesystem::path folder = std::filesystem::path(COLONNADE_SHARED_DATA) / "reference" / "stem";

struct Case {
  const char* array;
  const char* structure;
  double box_A;
  int grid;
  double origin_A, step_A;
  int scan, every;  ///< positions per side, and which of them are compared
  std::vector<AnnularDetector> detectors;
  Aberrations aberrations;
};

void compare(const Case& c) {
  if (!std::filesystem::exists(folder / (std::string(c.array) + ".npy"))) GTEST_SKIP() << "no " << folder;
  const auto reference = read_reference_array(folder / (std::string(c.array) + ".npy"));
  const auto structure = read_reference_structure(folder / c.structure);
  Optics optics;
  optics.aberrations = c.aberrations;
  MultisliceOptions options;
  options.parametrization = "kirkland";
  options.oversampling = 1;
  options.window_A = 0;
  const PeriodicCell cell{{0, 0, 0}, {c.grid, c.grid, c.box_A / c.grid, c.box_A / c.grid}};
  const Multislice multislice(structure, cell, optics, c.detectors, options);
  std::vector<ProbePosition> positions;
  std::vector<std::vector<float>> expected(c.detectors.size()), found(c.detectors.size());
  for (int i = c.every / 2; i < c.scan; i += c.every) {
    for (int j = c.every / 3; j < c.scan; j += c.every) {
      positions.push_back({c.origin_A + i * c.step_A, c.origin_A + j * c.step_A});
      for (int d = 0; d < int(expected.size()); ++d) expected[d].push_back(reference.at(d, i, j));
    }
  }
  for (const auto& probe : multislice.scan(positions)) {
    for (std::size_t d = 0; d < found.size(); ++d) found[d].push_back(probe[d]);
  }
  for (std::size_t d = 0; d < found.size(); ++d) {
    EXPECT_LT(rms_over_mean(expected[d], found[d]), 0.001) << c.array << " detector " << d;
  }
}

const std::vector<AnnularDetector> haadf = {{"HAADF", 60, 100}};

TEST(MultisliceReference, SmallParticle) {
  compare({"s_exact", "small.zxyz", 30, 512, 0, 30.0 / 84, 84, 14, haadf, {}});
}

TEST(MultisliceReference, SmallParticleWithAberrations) {
  Aberrations aberrations;
  aberrations.C10 = -10;
  aberrations.C12 = 20;
  aberrations.phi12 = 14;
  compare({"s_exact_aberr", "small.zxyz", 30, 512, 9.285714285714286, 30.0 / 84, 32, 6, haadf, aberrations});
}

TEST(MultisliceReference, SmallParticleOnThreeGrids) {
  compare({"conv_ex512", "small.zxyz", 30, 512, 10, 0.5, 16, 4, haadf, {}});
  compare({"conv_ex768s", "small.zxyz", 30, 768, 10, 0.5, 16, 6, haadf, {}});
  compare({"conv_ex1024", "small.zxyz", 30, 1024, 10, 0.5, 16, 8, haadf, {}});
}

TEST(MultisliceReference, SevenNanometreParticle) {
  compare({"p_exact_c", "paper.zxyz", 80, 1024, 36, 0.2, 12, 7, {{"inner", 60, 80}, {"all", 60, 105}}, {}});
}

TEST(SlowMultisliceReference, AllPositionsOfTheSmallParticle) {
  compare({"s_exact", "small.zxyz", 30, 512, 0, 30.0 / 84, 84, 1, haadf, {}});
}

TEST(SlowMultisliceReference, AllPositionsOfTheSevenNanometreParticle) {
  compare({"p_exact_c", "paper.zxyz", 80, 1024, 36, 0.2, 12, 1, {{"inner", 60, 80}, {"all", 60, 105}}, {}});
}

}  // namespace
}  // namespace colonnade
