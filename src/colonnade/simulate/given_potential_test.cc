// SPDX-License-Identifier: GPL-3.0-or-later
// Slices from given potentials, and against two other programs given their own potentials. Skipped where the reference
// data are absent.
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"
#include "colonnade/simulate/multislice_engine.h"
#include "colonnade/simulate/reference_data.h"

namespace colonnade {
namespace {

const std::filesystem::path folder = std::filesystem::path(COLONNADE_SHARED_DATA) / "reference" / "stem";

PeriodicCell cell_of(int side, double length_A, BandShape band) {
  return {{0, 0, 0}, {side, side, length_A / side, length_A / side, band}};
}

// Arrays of others run [slice, x, y].
std::vector<std::vector<float>> turned(const ReferenceArray& array) {
  std::vector<std::vector<float>> slices;
  for (int slice = 0; slice < array.shape[0]; ++slice) {
    std::vector<float> values;
    for (int y = 0; y < array.shape[2]; ++y) {
      for (int x = 0; x < array.shape[1]; ++x) values.push_back(array.at(slice, x, y));
    }
    slices.push_back(std::move(values));
  }
  return slices;
}

double difference(const std::string& name, BandShape band, bool limited, const AnnularDetector& detector) {
  const auto potential = read_reference_array(folder / ("samepot_" + name + "_potential.npy"));
  const auto image = read_reference_array(folder / ("samepot_" + name + "_image.npy"));
  const PeriodicCell cell = cell_of(192, 30, band);
  MultisliceOptions options;
  options.window_A = 0;
  const Multislice multislice(TransmissionStack::from_potentials(cell.grid, turned(potential), 200, limited), cell,
                              Optics{}, Signals{{detector}, {}}, options);
  std::vector<ProbePosition> positions;
  std::vector<float> expected, found;
  for (int i = 0; i < 16; i += 2) {
    for (int j = 1; j < 16; j += 2) {
      positions.push_back({10 + 0.5 * i, 10 + 0.5 * j});
      expected.push_back(image.at(0, i, j));
    }
  }
  for (const auto& probe : multislice.scan(positions)) found.push_back(probe[0]);
  return rms_over_mean(expected, found);
}

TEST(GivenPotential, AbtemFromItsOwnPotential) {
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder;
  EXPECT_LT(difference("abtem", BandShape::radial, true, {"ADF", 20, 50}), 1e-5);
}

TEST(GivenPotential, PrismaticFromItsOwnPotential) {
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder;
  EXPECT_LT(difference("prismatic", BandShape::square, false, {"ADF", 20, 38}), 1e-5);
}

TEST(GivenPotential, IsTheSameAsFromAtoms) {
  const PeriodicCell cell = cell_of(96, 8, BandShape::radial);
  Structure structure;
  for (int i = 0; i < 3; ++i) structure.atoms.push_back({78, {4.03, 3.97, 0.5 + 2.0 * i}});
  MultisliceOptions options;
  options.window_A = 0;
  options.oversampling = 1;
  const Signals signals{{{"ADF", 30, 80}}, {}};
  const ScatteringFactorMaps factors(structure, cell.grid, Parametrization::lobato);
  SlicePotential maker(cell, factors);
  std::vector<std::vector<float>> potentials;
  for (const auto& atoms : slice_atoms(structure, cell, options.slice_A)) {
    const auto& potential = maker.compute(atoms);
    potentials.emplace_back(potential.data(), potential.data() + potential.size());
  }
  const Multislice given(TransmissionStack::from_potentials(cell.grid, potentials, 200), cell, Optics{}, signals,
                         options);
  const Multislice made(structure, cell, Optics{}, signals, options);
  EXPECT_NEAR(given.probe_intensities(4.2, 3.8)[0] / made.probe_intensities(4.2, 3.8)[0], 1, 1e-6);
}

TEST(GivenPotential, RefusesWhatIsNone) {
  const WaveGrid grid{16, 20, 0.1, 0.1};
  const auto complaint = [&](const std::vector<std::vector<float>>& potentials) -> std::string {
    try {
      TransmissionStack::from_potentials(grid, potentials, 200);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(complaint({}), testing::HasSubstr("no slice"));
  EXPECT_THAT(complaint({std::vector<float>(320), std::vector<float>(319)}), testing::HasSubstr("slice 1 has 319"));
  EXPECT_THAT(complaint({std::vector<float>(320, NAN)}), testing::HasSubstr("slice 0"));
  EXPECT_EQ(complaint({std::vector<float>(320)}), "");
}

}  // namespace
}  // namespace colonnade
