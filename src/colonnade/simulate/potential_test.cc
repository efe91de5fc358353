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

AlignedArray<float> potential_of(const SliceContent& content, const PeriodicCell& cell, Parametrization kind) {
  Structure elements = two_atoms();
  const ScatteringFactorMaps factors(elements, cell.grid, kind);
  SlicePotential potential(cell, factors);
  const auto& result = potential.compute(content.atoms, content.tails);
  AlignedArray<float> copy(result.size());
  std::copy(result.data(), result.data() + result.size(), copy.data());
  return copy;
}

TEST(FiniteProjection, SlicesAddUpToTheInfiniteProjection) {
  const PeriodicCell cell{{0, 0, 0}, {48, 40, 0.1, 0.12}};
  for (const auto kind : {Parametrization::lobato, Parametrization::kirkland, Parametrization::peng}) {
    const auto whole = potential_of({two_atoms().atoms, {}}, cell, kind);
    double peak = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) peak = std::max(peak, double(whole[i]));
    for (const double slice_A : {0.3, 1.0, 2.5}) {
      std::vector<double> sum(whole.size());
      const auto slices = slice_contents(two_atoms(), cell, slice_A, Projection::finite, kind);
      EXPECT_LT(slices.begin()->first, 0) << "the potential reaches out of the surface";
      for (const auto& [index, content] : slices) {
        const auto part = potential_of(content, cell, kind);
        for (std::size_t i = 0; i < part.size(); ++i) sum[i] += part[i];
      }
      for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_NEAR(sum[i], whole[i], 2e-5 * peak) << slice_A;
    }
  }
}

// Against the three-dimensional potential V(r) = 47.878 times the Fourier integral of f, summed through the slice.
TEST(FiniteProjection, IsTheIntegralThroughTheSlice) {
  const PeriodicCell cell{{0, 0, 0}, {100, 128, 0.12, 0.1}};
  Structure structure;
  structure.atoms = {{28, {6.03, 6.01, 0.35}}};
  const auto potential_3d = [](double r) {
    double sum = 0;
    const double end = std::hypot(0.5 / 0.12, 0.5 / 0.1), step = 0.01;
    for (double q = step / 2; q < 3 * end; q += step) {
      const double x = 2 * std::numbers::pi * q * r;
      sum += step * 4 * std::numbers::pi * q * q * scattering_factor(Parametrization::peng, 28, q) * std::sin(x) / x;
    }
    return potential_per_scattering_factor * sum;
  };
  const auto slices = slice_contents(structure, cell, 1, Projection::finite, Parametrization::peng);
  // Slices beside the atom's own, whose potential the grid resolves (its own is the rest, see the test above).
  for (const int index : {1, -1, 2, -2}) {
    const auto part = potential_of(slices.at(index), cell, Parametrization::peng);
    for (const auto& [y, x] : {std::pair{50, 60}, {54, 66}, {58, 60}}) {
      const double radius = std::hypot(x * 0.1 - 6.03, y * 0.12 - 6.01);
      double sum = 0;
      for (double z = 0.025; z < 1; z += 0.05) sum += 0.05 * potential_3d(std::hypot(radius, index + z - 0.35));
      EXPECT_NEAR(part[std::size_t(y) * 128 + x] / sum, 1, 0.02) << index << " at " << radius << " A";
    }
  }
}

}  // namespace
}  // namespace colonnade
