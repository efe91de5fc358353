// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/structure.h"

#include <cmath>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"
#include "colonnade/core/random.h"
#include "colonnade/structures/matrix3.h"

namespace colonnade {
namespace {

Structure triclinic() {
  Structure structure;
  structure.cell = {{{3.1, 0.2, -0.4}, {0.5, 4.2, 0.3}, {-0.7, 0.9, 5.3}}};
  structure.atoms = {{78, {1, 2, 3}}, {28, {-1, 0.5, 2}}, {78, {0, -2, 7}}};
  return structure;
}

double distance(const Position& a, const Position& b) {
  return std::sqrt(std::pow(a.x - b.x, 2) + std::pow(a.y - b.y, 2) + std::pow(a.z - b.z, 2));
}

TEST(Structure, FractionsAndPositionsAreInverse) {
  const Structure structure = triclinic();
  Random random(1);
  for (int i = 0; i < 100; ++i) {
    const Position p{random.uniform(-9, 9), random.uniform(-9, 9), random.uniform(-9, 9)};
    EXPECT_LT(distance(to_position(structure, to_fractional(structure, p)), p), 1e-12);
  }
  const Position b = to_position(structure, {0, 1, 0});
  EXPECT_DOUBLE_EQ(b.x, 0.5);
  EXPECT_DOUBLE_EQ(b.y, 4.2);
  EXPECT_DOUBLE_EQ(b.z, 0.3);
}

TEST(Structure, RotationKeepsDistancesAndFractions) {
  Structure turned = triclinic();
  const Structure before = turned;
  rotate(turned, rotation_about_z(33));
  for (std::size_t i = 0; i < 3; ++i) {
    const Fractional f = to_fractional(turned, turned.atoms[i].position);
    const Fractional g = to_fractional(before, before.atoms[i].position);
    EXPECT_NEAR(f.a, g.a, 1e-12);
    EXPECT_NEAR(f.b, g.b, 1e-12);
    EXPECT_NEAR(f.c, g.c, 1e-12);
    EXPECT_NEAR(distance(turned.atoms[i].position, turned.atoms[0].position),
                distance(before.atoms[i].position, before.atoms[0].position), 1e-12);
    EXPECT_DOUBLE_EQ(turned.atoms[i].position.z, before.atoms[i].position.z);
  }
}

TEST(Structure, AQuarterTurnBringsXToY) {
  Structure structure;
  structure.atoms = {{1, {1, 0, 5}}};
  rotate(structure, rotation_about_z(90));
  EXPECT_NEAR(structure.atoms[0].position.x, 0, 1e-15);
  EXPECT_NEAR(structure.atoms[0].position.y, 1, 1e-15);
  EXPECT_FALSE(structure.has_cell());
}

TEST(Structure, RefusesWhatIsNoRotation) {
  Structure structure = triclinic();
  EXPECT_THROW(rotate(structure, {{{1, 0, 0}, {0, 1, 0}, {0, 0, -1}}}), Error);
  EXPECT_THROW(rotate(structure, {{{2, 0, 0}, {0, 1, 0}, {0, 0, 1}}}), Error);
  EXPECT_THROW(rotate(structure, {{{NAN, 0, 0}, {0, 1, 0}, {0, 0, 1}}}), Error);
}

TEST(Structure, RefusesCellsThatAreNone) {
  Structure structure = triclinic();
  structure.cell[2] = {3.6, 4.4, -0.1};  // a + b
  EXPECT_THROW(to_fractional(structure, {}), Error);
  structure.cell = {};
  EXPECT_THROW(to_position(structure, {}), Error);
  structure.cell[0] = {INFINITY, 0, 0};
  EXPECT_THROW(require_cell(structure), Error);
}

TEST(Structure, CountsAndBounds) {
  Structure structure = triclinic();
  EXPECT_EQ(composition_text(structure), "Pt2 Ni1");
  translate(structure, {1, 0, -1});
  const Bounds box = bounds(structure);
  EXPECT_DOUBLE_EQ(box.low.x, 0);
  EXPECT_DOUBLE_EQ(box.low.y, -2);
  EXPECT_DOUBLE_EQ(box.high.z, 6);
  structure.atoms.clear();
  EXPECT_THROW(bounds(structure), Error);
  EXPECT_EQ(composition_text(structure), "");
}

}  // namespace
}  // namespace colonnade
