// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/crystal.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"
#include "colonnade/core/random.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/neighbours.h"

namespace colonnade {
namespace {

TEST(Crystal, ReadsZoneAxes) {
  EXPECT_EQ(parse_zone_axis("110"), (Miller{1, 1, 0}));
  EXPECT_EQ(parse_zone_axis("[1 1 0]"), (Miller{1, 1, 0}));
  EXPECT_EQ(parse_zone_axis("1-10"), (Miller{1, -1, 0}));
  EXPECT_EQ(parse_zone_axis("[-1-1-2]"), (Miller{-1, -1, -2}));
  EXPECT_EQ(parse_zone_axis("1,-1,0"), (Miller{1, -1, 0}));
  EXPECT_EQ(parse_zone_axis(" 1, 12 , +3 "), (Miller{1, 12, 3}));
}

TEST(Crystal, RefusesWhatIsNoZoneAxis) {
  for (const char* text : {"", "000", "11", "1100", "abc", "1 1", "1 1 1 1", "1.5 0 0", "--110", "11-", "[110", "0,0,0",
                           "1 1 21", "1 1 99999999999999", "1 1- 0", "[]", "[", "-", "(110)"}) {
    EXPECT_THROW(parse_zone_axis(text), Error) << text;
  }
}

void expect_upright(const Structure& crystal, const Miller& axis) {
  const Matrix3 r = zone_axis_rotation(crystal, axis);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(dot(r[i], r[j]), i == j ? 1 : 0, 1e-12);
  }
  EXPECT_NEAR(determinant(r), 1, 1e-12);
  const Vector3 beam = combine({double(axis[0]), double(axis[1]), double(axis[2])}, crystal.cell);
  const Vector3 turned = multiply(r, beam);
  EXPECT_NEAR(turned[0], 0, 1e-10 * length(beam));
  EXPECT_NEAR(turned[1], 0, 1e-10 * length(beam));
  EXPECT_NEAR(turned[2], length(beam), 1e-10 * length(beam));
}

TEST(Crystal, AnyZoneAxisOfAnyCellStandsUp) {
  Random random(5);
  Structure crystal = cubic_crystal("fcc", "Pt", 3.92);
  for (int trial = 0; trial < 200; ++trial) {
    Miller axis{};
    while (axis == Miller{0, 0, 0}) {
      for (int& index : axis) index = static_cast<int>(random.below(9)) - 4;
    }
    expect_upright(crystal, axis);
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 3; ++j) crystal.cell[i][j] = random.uniform(-2, 2) + (i == j ? 5 : 0);
    }
    if (trial % 3 == 0) std::swap(crystal.cell[0], crystal.cell[1]);  // left-handed
  }
}

TEST(Crystal, LowIndexDirectionLiesAlongX) {
  const Structure fcc = cubic_crystal("fcc", "Pt", 4);
  const auto expect_x = [&](const Miller& axis, const Vector3& expected) {
    const Vector3 x = zone_axis_rotation(fcc, axis)[0];
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(x[k], expected[k] / length(expected), 1e-12);
  };
  expect_x({1, 1, 0}, {0, 0, 1});
  expect_x({0, 0, 1}, {1, 0, 0});
  expect_x({1, 0, 0}, {0, 1, 0});
  expect_x({1, 1, 1}, {1, 0, -1});
  expect_x({1, 1, 2}, {1, -1, 0});
  expect_x({3, 3, 0}, {0, 0, 1});
  const Matrix3 r = zone_axis_rotation(fcc, {0, 0, 1});
  EXPECT_EQ(r, (Matrix3{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}));
}

TEST(Crystal, HexagonalAxisHasABasalPlaneNormalAlongX) {
  Structure hcp;
  hcp.cell = {{{2.5, 0, 0}, {-1.25, 2.5 * std::sqrt(3) / 2, 0}, {0, 0, 4.1}}};
  const Matrix3 r = zone_axis_rotation(hcp, {0, 0, 1});
  // (100) is perpendicular to b, 30 degrees from a.
  EXPECT_NEAR(r[0][0], std::sqrt(3) / 2, 1e-12);
  EXPECT_NEAR(r[0][1], 0.5, 1e-12);
}

TEST(Crystal, CubicCellsHaveTheirAtomsAndShells) {
  EXPECT_EQ(cubic_crystal("sc", "Po", 3).atoms.size(), 1U);
  EXPECT_EQ(cubic_crystal("bcc", "Fe", 3).atoms.size(), 2U);
  EXPECT_EQ(cubic_crystal("fcc", "pt", 3).atoms.size(), 4U);
  EXPECT_EQ(cubic_crystal("diamond", "Si", 5).atoms.size(), 8U);
  EXPECT_THROW(cubic_crystal("hcp", "Co", 3), Error);
  EXPECT_THROW(cubic_crystal("fcc", "Co", 0), Error);
  EXPECT_THROW(cubic_crystal("fcc", "Co", NAN), Error);
  EXPECT_THROW(cubic_crystal("fcc", "Xy", 3), Error);
}

TEST(Crystal, RepeatsCells) {
  const Structure big = repeat(cubic_crystal("fcc", "Ni", 3.5), {2, 3, 4});
  EXPECT_EQ(big.atoms.size(), 96U);
  EXPECT_DOUBLE_EQ(big.cell[2][2], 14);
  const Bounds box = bounds(big);
  EXPECT_DOUBLE_EQ(box.low.x, 0);
  EXPECT_DOUBLE_EQ(box.high.y, 3.5 * 2.5);
  EXPECT_THROW(repeat(big, {0, 1, 1}), Error);
  EXPECT_THROW(repeat(big, {10000, 10000, 1000}), Error);
  EXPECT_THROW(repeat(Structure{}, {1, 1, 1}), Error);
}

TEST(Crystal, VegardInterpolatesBetweenMetals) {
  EXPECT_NEAR(vegard_fcc_lattice({"Pt"}, {}), 3.924, 0.005);
  EXPECT_NEAR(vegard_fcc_lattice({"Pt", "Ni"}, {0.25, 0.75}),
              0.25 * vegard_fcc_lattice({"Pt"}, {}) + 0.75 * vegard_fcc_lattice({"Ni"}, {}), 1e-12);
  EXPECT_NEAR(vegard_fcc_lattice({"Pt", "Ni", "Pd", "Co", "Fe"}, {}), 3.69, 0.01);
  EXPECT_THROW(vegard_fcc_lattice({"Pt", "Ni"}, {0.5}), Error);
}

TEST(Crystal, BlockHoldsEachSiteOnce) {
  const double a = 4;
  const Structure fcc = cubic_crystal("fcc", "Pt", a);
  EXPECT_EQ(cut_block(fcc, {3 * a, 2 * a, 5 * a}).atoms.size(), 4U * 3 * 2 * 5);
  Structure turned = fcc;
  rotate(turned, zone_axis_rotation(fcc, {1, 1, 0}));
  const Structure block = cut_block(turned, {3 * a, 4 * a / std::sqrt(2.0), 6 * a / std::sqrt(2.0)});
  EXPECT_EQ(block.atoms.size(), 2U * 3 * 4 * 6);
  const NeighbourList neighbours(block, a / std::sqrt(2.0) + 0.01);
  for (std::size_t i = 0; i < neighbours.size(); ++i) EXPECT_LE(neighbours.of(i).size(), 12U);
}

TEST(Crystal, BlockOfNothingIsRefused) {
  EXPECT_THROW(cut_block(cubic_crystal("fcc", "Pt", 4), {0, 1, 1}), Error);
  EXPECT_THROW(cut_block(cubic_crystal("fcc", "Pt", 4), {1e4, 1e4, 1e4}), Error);
}

}  // namespace
}  // namespace colonnade
