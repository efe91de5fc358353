// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/neighbours.h"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"
#include "colonnade/core/random.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/matrix3.h"

namespace colonnade {
namespace {

/// Every pair and every image, one by one.
std::vector<std::int32_t> slow_neighbours(const Structure& s, std::size_t i, double cutoff, int shells) {
  std::vector<std::int32_t> found;
  const auto reach = [&](std::size_t k) { return s.periodic[k] ? shells : 0; };
  for (std::size_t j = 0; j < s.atoms.size(); ++j) {
    for (int a = -reach(0); a <= reach(0); ++a) {
      for (int b = -reach(1); b <= reach(1); ++b) {
        for (int c = -reach(2); c <= reach(2); ++c) {
          const Vector3 shift = combine({double(a), double(b), double(c)}, s.cell);
          const Position &p = s.atoms[i].position, &q = s.atoms[j].position;
          const Vector3 d{q.x + shift[0] - p.x, q.y + shift[1] - p.y, q.z + shift[2] - p.z};
          const bool itself = i == j && a == 0 && b == 0 && c == 0;
          if (!itself && length(d) < cutoff) found.push_back(static_cast<std::int32_t>(j));
        }
      }
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

Structure random_atoms(std::array<bool, 3> periodic, int count) {
  Random random(7);
  Structure structure;
  structure.cell = {{{9, 0, 0}, {3, 8, 0}, {-2, 1, 7}}};
  structure.periodic = periodic;
  for (int i = 0; i < count; ++i) {
    // Some lie outside the cell.
    const Fractional f{random.uniform(-0.3, 1.2), random.uniform(-0.3, 1.2), random.uniform(-0.3, 1.2)};
    structure.atoms.push_back({1, to_position(structure, f)});
  }
  return structure;
}

TEST(Neighbours, AgreeWithAllPairs) {
  for (const std::array<bool, 3>& periodic :
       {std::array{false, false, false}, std::array{true, false, true}, std::array{true, true, true}}) {
    for (const double cutoff : {0.7, 2.5, 10.1}) {
      const Structure structure = random_atoms(periodic, 60);
      const NeighbourList list(structure, cutoff);
      ASSERT_EQ(list.size(), structure.atoms.size());
      for (std::size_t i = 0; i < list.size(); ++i) {
        EXPECT_THAT(list.of(i), ::testing::ElementsAreArray(slow_neighbours(structure, i, cutoff, 4)))
            << "atom " << i << " cutoff " << cutoff;
      }
    }
  }
}

TEST(Neighbours, OfAOneAtomCellAreItsImages) {
  Structure sc = cubic_crystal("sc", "Po", 3);
  EXPECT_EQ(NeighbourList(sc, 3.1).of(0).size(), 6U);
  EXPECT_EQ(NeighbourList(sc, 4.3).of(0).size(), 18U);
  EXPECT_EQ(NeighbourList(cubic_crystal("fcc", "Pt", 4), 3.4).of(2).size(), 12U);
  EXPECT_EQ(NeighbourList(cubic_crystal("bcc", "Fe", 3), 2.8).of(1).size(), 8U);
  EXPECT_EQ(NeighbourList(cubic_crystal("diamond", "C", 4), 2.0).of(5).size(), 4U);
}

TEST(Neighbours, StaySmallForAtomsFarApart) {
  Structure structure;
  structure.atoms = {{1, {0, 0, 0}}, {1, {1e8, 1e8, -1e8}}, {1, {1e8, 1e8, -1e8 + 0.5}}};
  const NeighbourList list(structure, 1);
  EXPECT_TRUE(list.of(0).empty());
  EXPECT_EQ(list.of(1).size(), 1U);
}

TEST(Neighbours, RefusesBadInput) {
  Structure structure;
  EXPECT_EQ(NeighbourList(structure, 1).size(), 0U);
  EXPECT_THROW(NeighbourList(structure, 0), Error);
  EXPECT_THROW(NeighbourList(structure, NAN), Error);
  structure.atoms = {{1, {NAN, 0, 0}}};
  EXPECT_THROW(NeighbourList(structure, 1), Error);
  structure.atoms = {{1, {0, 0, 0}}};
  structure.periodic = {true, true, true};
  EXPECT_THROW(NeighbourList(structure, 1), Error);  // no cell
}

}  // namespace
}  // namespace colonnade
