// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/lensing_columns.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"
#include "colonnade/core/random.h"
#include "colonnade/simulate/lensing_features.h"
#include "colonnade/simulate/lensing_profile.h"
#include "colonnade/structures/nanoparticle.h"

namespace colonnade {
namespace {

AtomColumn column(double x, double y, const std::vector<int>& numbers, double top = 0) {
  AtomColumn result{x, y, {}};
  for (std::size_t i = 0; i < numbers.size(); ++i) result.atoms.push_back({numbers[i], {x, y, top + 2.5 * double(i)}});
  return result;
}

TEST(LensingColumns, HoldEveryAtomOnceFromTheTop) {
  NanoparticleOptions options;
  options.diameter_nm = 2.5;
  options.rotation_deg = 33;
  Random random(1);
  const Structure particle = make_nanoparticle(options, random);
  const auto columns = columns_of(particle);
  std::size_t atoms = 0;
  for (const AtomColumn& one : columns) {
    atoms += one.atoms.size();
    for (std::size_t i = 0; i < one.atoms.size(); ++i) {
      EXPECT_NEAR(one.atoms[i].position.x, one.x_A, 1e-6);
      EXPECT_NEAR(one.atoms[i].position.y, one.y_A, 1e-6);
      // [110] of fcc: atoms of a column lie a / sqrt 2 apart.
      if (i == 0) continue;
      EXPECT_NEAR(one.atoms[i].position.z - one.atoms[i - 1].position.z, lattice_of(options) / std::sqrt(2), 1e-6);
    }
  }
  EXPECT_EQ(atoms, particle.atoms.size());
}

TEST(LensingColumns, RefuseAStructureWithoutColumns) {
  Structure structure;
  for (int i = 0; i < 30; ++i) structure.atoms.push_back({78, {0.25 * i, 0.1 * i, 2.5 * i}});
  EXPECT_THROW(columns_of(structure), Error);
}

TEST(LensingColumns, NeighboursAreNearestFirst) {
  const auto near =
      column_neighbours({column(0, 0, {78}), column(3, 0, {78}), column(0, 2, {78}), column(9, 9, {78})}, 4);
  EXPECT_THAT(near[0], testing::ElementsAre(2, 1));
  EXPECT_TRUE(near[3].empty());
}

TEST(LensingColumns, CellsShareTheField) {
  const std::vector<AtomColumn> columns = {column(1, 2, {78}), column(3, 2, {78})};
  const FieldOfView field{-1, 0, 41, 61, 0.01};
  Image ones(41, 61, 0.01);
  std::fill(ones.data.begin(), ones.data.end(), 1.0F);
  // Each cell is a disc without the cap beyond the line half way to the other column.
  const auto one = cell_integrals(ones, voronoi_cells(columns, field, 1.5), 2);
  const double whole = M_PI * 1.5 * 1.5, cap = 1.5 * 1.5 * std::acos(1 / 1.5) - std::sqrt(1.5 * 1.5 - 1);
  // The pixels on the line between them, 0.22 A^2, belong to one of the two.
  EXPECT_NEAR(one[0] + one[1], 2 * (whole - cap), 0.05);
  EXPECT_NEAR(one[0], whole - cap, 0.15);
  EXPECT_TRUE(cell_inside(columns[0], field, 1.9));
  EXPECT_FALSE(cell_inside(columns[0], field, 2.1));
}

double feature(const std::vector<double>& row, const std::string& name) {
  const auto& names = LensingFeatures::names();
  const auto found = std::find(names.begin(), names.end(), name);
  EXPECT_NE(found, names.end()) << name;
  return row.at(std::size_t(found - names.begin()));
}

TEST(LensingFeatures, AreSumsOverAtoms) {
  // Two columns a spacing apart, the second beginning 5 A deeper.
  const LensingFeatures features({column(0, 0, {40, 40, 80}), column(2.5, 0, {80}, 5)});
  const auto rows = features.rows({{40, 1.0}, {80, 3.0}});
  EXPECT_DOUBLE_EQ(feature(rows[0], "own atoms"), 5);
  EXPECT_DOUBLE_EQ(feature(rows[0], "own atoms x focusing^1"), (0 * 1 + 1 * 1 + 2 * 3) / 25.0);
  EXPECT_DOUBLE_EQ(feature(rows[0], "own atoms x depth^1"), (2.5 * 1 + 5 * 3) / 70.0);
  EXPECT_DOUBLE_EQ(feature(rows[0], "first neighbours"), 3);
  EXPECT_DOUBLE_EQ(feature(rows[0], "first neighbours x depth^1"), 5 * 3 / 70.0);
  EXPECT_DOUBLE_EQ(feature(rows[0], "second neighbours"), 0);
  EXPECT_DOUBLE_EQ(feature(rows[1], "own atoms"), 3);
  // An element that the signal does not see still focuses.
  const auto blind = features.rows({{80, 3.0}});
  EXPECT_DOUBLE_EQ(feature(blind[0], "own atoms x focusing^1"), 2 * 3 / 25.0);
}

// Gaussians of known width and volume: the fit finds the shape, and images of other columns follow.
TEST(LensingProfile, FindsAKnownShape) {
  constexpr double sigma = 0.55, twist = 0.2;
  const auto shape = [](double x, double y) {
    const double r2 = x * x + y * y;
    return std::exp(-r2 / (2 * sigma * sigma)) * (1 + twist * (x * x - y * y)) / (2 * M_PI * sigma * sigma);
  };
  const auto example = [&](double shift) {
    ColumnProfile::Example result{Image(60, 60, 0.02), {0, 0, 60, 60, 0.02}, {}, {}};
    for (int i = 0; i < 30; ++i) {
      const int row = i / 6;
      result.columns.push_back(
          column(-2 + 2.7 * (i % 6) + shift, -1 + 2.9 * row, std::vector<int>(std::size_t(5 + i % 7), 78)));
      result.cross_sections_A2.push_back(0.05 + 0.01 * ((i * 7) % 5));
      for (int y = 0; y < 60; ++y) {
        for (int x = 0; x < 60; ++x) {
          result.image.at(y, x) += float(result.cross_sections_A2.back() * shape(0.2 * x - result.columns.back().x_A,
                                                                                 0.2 * y - result.columns.back().y_A));
        }
      }
    }
    return result;
  };
  const ColumnProfile profile = ColumnProfile::fit({example(0), example(0.31)}, false);
  const auto fresh = example(0.17);
  const Image image = profile.render(fresh.columns, fresh.cross_sections_A2, fresh.field, 1.3);
  double difference = 0, peak = 0;
  for (std::size_t i = 0; i < image.data.size(); ++i) {
    difference = std::max(difference, std::abs(double(image.data[i]) - fresh.image.data[i]));
    peak = std::max(peak, double(fresh.image.data[i]));
  }
  EXPECT_LT(difference, 0.1 * peak);  // render() takes cross_sections for cells' integrals, which lack the tails
  const auto cells = voronoi_cells(fresh.columns, fresh.field, 1.3);
  const auto integrals = cell_integrals(image, cells, fresh.columns.size());
  for (std::size_t i = 0; i < fresh.columns.size(); ++i) {
    if (!cell_inside(fresh.columns[i], fresh.field, 1.3)) continue;
    EXPECT_NEAR(integrals[i], fresh.cross_sections_A2[i], 0.01 * fresh.cross_sections_A2[i]);
  }
}

}  // namespace
}  // namespace colonnade
