// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/potential.h"

#include <cmath>
#include <gtest/gtest.h>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/simulate/electron.h"

namespace colonnade {
namespace {

Structure two_atoms() {
  Structure structure;
  structure.atoms = {{78, {1.234, 2.345, 0.5}}, {28, {4.1, 0.77, 1.5}}};
  return structure;
}

AlignedArray<float> potential_of(const Structure& structure, const PeriodicCell& cell) {
  const ScatteringFactorMaps factors(structure, cell.grid, Parametrization::lobato);
  SlicePotential potential(cell, factors);
  const auto& result = potential.compute(structure.atoms);
  AlignedArray<float> copy(result.size());
  std::copy(result.data(), result.data() + result.size(), copy.data());
  return copy;
}

TEST(Potential, AgreesWithTheFourierSumTermByTerm) {
  const PeriodicCell cell{{0.3, -0.2, 0}, {21, 25, 0.25, 0.3}};
  const Structure structure = two_atoms();
  const auto fast = potential_of(structure, cell);
  const WaveGrid& grid = cell.grid;
  for (const auto& [y, x] : {std::pair{0, 0}, {3, 7}, {10, 4}, {20, 24}}) {
    std::complex<double> sum = 0;
    for (int row = 0; row < grid.ny; ++row) {
      for (int column = 0; column < grid.nx; ++column) {
        const double kx = grid.kx(column), ky = grid.ky(row);
        for (const auto& atom : structure.atoms) {
          const double dx = x * grid.pitch_x_A + cell.origin.x - atom.position.x;
          const double dy = y * grid.pitch_y_A + cell.origin.y - atom.position.y;
          sum += scattering_factor(Parametrization::lobato, atom.number, std::hypot(kx, ky)) *
                 std::polar(1.0, 2 * std::numbers::pi * (kx * dx + ky * dy));
        }
      }
    }
    const double expected = sum.real() * potential_per_scattering_factor / (grid.length_x_A() * grid.length_y_A());
    EXPECT_NEAR(fast[std::size_t(y) * grid.nx + x], expected, 2e-3);
  }
}

TEST(Potential, MeanIsTheForwardScatteringFactor) {
  const PeriodicCell cell{{0, 0, 0}, {64, 48, 0.1, 0.15}};
  const Structure structure = two_atoms();
  const auto potential = potential_of(structure, cell);
  double mean = 0;
  for (std::size_t i = 0; i < potential.size(); ++i) mean += potential[i] / double(potential.size());
  const double forward =
      scattering_factor(Parametrization::lobato, 78, 0) + scattering_factor(Parametrization::lobato, 28, 0);
  const double area = cell.grid.length_x_A() * cell.grid.length_y_A();
  EXPECT_NEAR(mean, forward * potential_per_scattering_factor / area, 1e-4 * mean);
}

TEST(Potential, WholePixelsMoveThePotentialExactly) {
  const PeriodicCell cell{{0, 0, 0}, {32, 40, 0.2, 0.2}};
  Structure structure = two_atoms();
  const auto before = potential_of(structure, cell);
  translate(structure, {3 * 0.2, -5 * 0.2, 0});
  const auto after = potential_of(structure, cell);
  for (int y = 0; y < 32; ++y) {
    for (int x = 0; x < 40; ++x) {
      EXPECT_NEAR(after[std::size_t((y + 27) % 32) * 40 + (x + 3) % 40], before[std::size_t(y) * 40 + x], 0.05);
    }
  }
}

TEST(Potential, SlicesByDepth) {
  Structure structure;
  for (const double z : {-1.0, 0.0, 1.99, 2.0, 7.5}) structure.atoms.push_back({6, {0, 0, z + 3}});
  const auto slices = slice_atoms(structure, {{0, 0, 3}, {}}, 2);
  ASSERT_EQ(slices.size(), 4U);
  EXPECT_EQ(slices[0].size(), 3U);
  EXPECT_EQ(slices[1].size(), 1U);
  EXPECT_EQ(slices[2].size(), 0U);
  EXPECT_EQ(slices[3].size(), 1U);
  structure.atoms[0].position.x = NAN;
  EXPECT_THROW(slice_atoms(structure, {{0, 0, 3}, {}}, 2), Error);
}

}  // namespace
}  // namespace colonnade
