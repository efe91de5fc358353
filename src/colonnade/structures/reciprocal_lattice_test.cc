// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/reciprocal_lattice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/test_errors.h"

namespace colonnade {

namespace {

Structure triclinic() {
  Structure crystal;
  crystal.cell = {{{5, 0, 0}, {1.2, 6, 0}, {-0.7, 0.9, 7}}};
  crystal.atoms = {{14, {0, 0, 0}}};
  return crystal;
}

TEST(ReciprocalLattice, IsDualToTheCell) {
  const Structure crystal = triclinic();
  const Matrix3 star = reciprocal_cell(crystal);
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(dot(star[i], crystal.cell[j]), i == j ? 1 : 0, 1e-14);
}

TEST(ReciprocalLattice, PointsOfACubicCellAreTheWholeNumbersOverItsEdge) {
  const Structure crystal = cubic_crystal("sc", "Po", 4);
  const auto points = reciprocal_points(crystal, 0.5);  // h^2 + k^2 + l^2 <= 4
  ASSERT_EQ(points.size(), 6u + 12u + 8u + 6u);
  EXPECT_EQ(points.front().hkl, (Miller{1, 0, 0}));
  EXPECT_EQ(points.back().hkl, (Miller{-2, 0, 0}));
  EXPECT_DOUBLE_EQ(length(points.back().g), 0.5);
}

TEST(ReciprocalLattice, NoPointOfAnObliqueCellIsMissing) {
  const Structure crystal = triclinic();
  const auto points = reciprocal_points(crystal, 0.6);
  const Matrix3 star = reciprocal_cell(crystal);
  std::size_t wanted = 0;
  for (int h = -12; h <= 12; ++h)
    for (int k = -12; k <= 12; ++k)
      for (int l = -12; l <= 12; ++l)
        wanted += (h || k || l) && length(combine({double(h), double(k), double(l)}, star)) <= 0.6;
  EXPECT_EQ(points.size(), wanted);
  for (std::size_t n = 1; n < points.size(); ++n) EXPECT_LE(length(points[n - 1].g), length(points[n].g) + 1e-8);
}

TEST(ReciprocalLattice, RefusesWhatHasNoEnd) {
  EXPECT_THAT(message_of([] { reciprocal_points(triclinic(), 1e4); }), testing::HasSubstr("too many"));
  EXPECT_THAT(message_of([] { reciprocal_points(triclinic(), -1); }), testing::HasSubstr("positive"));
  EXPECT_THAT(message_of([] { reciprocal_cell(Structure{}); }), testing::HasSubstr("cell"));
}

}  // namespace

}  // namespace colonnade
