// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/counts.h"

#include <chrono>
#include <gtest/gtest.h>
#include <numeric>

#include "colonnade/columns/test_images.h"
#include "colonnade/core/error.h"
#include "colonnade/core/random.h"

namespace colonnade {
namespace {

/// fcc along [110]: atom (i, j, k) of a block; every place in (x, y) is one column of `layers` atoms.
Structure block_along_110(int across, int down, int layers, double jitter_A, Random& random) {
  constexpr double a = 3.9;
  Structure structure;
  for (int i = 0; i < across; ++i)
    for (int j = 0; j < down; ++j)
      for (int k = 0; k < layers; ++k) {
        if ((i + j) % 2) continue;
        Atom atom;
        atom.number = random.below(3) == 0 ? 78 : 28;
        atom.position = {0.5 * a / std::sqrt(2.0) * i + jitter_A * random.normal(),
                         0.5 * a * j + jitter_A * random.normal(),
                         a / std::sqrt(2.0) * (k + (i % 2) * 0.5) + jitter_A * random.normal()};
        structure.atoms.push_back(atom);
      }
  random.shuffle(structure.atoms);
  return structure;
}

TEST(TrueColumns, CountsAtomsOfEachElement) {
  Structure structure;
  structure.atoms = {{78, {0, 0, 0}}, {28, {0.2, 0.1, 2}}, {78, {0.1, -0.1, 4}}, {46, {2.5, 0, 1}}};
  const auto columns = true_columns(structure, {"Ni", "Pt", "Pd"});
  ASSERT_EQ(columns.size(), 2U);
  const TrueColumn& first = columns[0].counts[2] == 0 ? columns[0] : columns[1];
  const TrueColumn& second = columns[0].counts[2] == 0 ? columns[1] : columns[0];
  EXPECT_EQ(first.counts, (std::vector<int>{1, 2, 0}));
  EXPECT_EQ(second.counts, (std::vector<int>{0, 0, 1}));
  EXPECT_NEAR(first.x_A, 0.1, 1e-12);
  EXPECT_NEAR(first.y_A, 0, 1e-12);
}

TEST(TrueColumns, GroupsALargeRelaxedParticleFast) {
  Random random(1);
  const Structure structure = block_along_110(50, 36, 16, 0.12, random);
  ASSERT_GT(structure.atoms.size(), 14000U);
  const auto start = std::chrono::steady_clock::now();
  const auto columns = true_columns(structure, {"Pt", "Ni"});
  EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 2);
  EXPECT_EQ(columns.size(), 50U * 36 / 2);
  int atoms = 0;
  for (const TrueColumn& column : columns) {
    EXPECT_EQ(column.counts[0] + column.counts[1], 16);
    atoms += column.counts[0] + column.counts[1];
  }
  EXPECT_EQ(atoms, int(structure.atoms.size()));
}

TEST(TrueColumns, KeepsEveryAtomOfADisorderedStructure) {
  Random random(2);
  Structure structure;
  for (int i = 0; i < 3000; ++i)
    structure.atoms.push_back({78, {random.uniform(0, 40), random.uniform(0, 40), random.uniform(0, 40)}});
  const auto columns = true_columns(structure, {"Pt"});
  int atoms = 0;
  for (const TrueColumn& column : columns) atoms += column.counts[0];
  EXPECT_EQ(atoms, 3000);
  EXPECT_GT(columns.size(), 700U);
}

TEST(TrueColumns, TellsDumbbellsApart) {
  Structure structure;
  for (int k = 0; k < 10; ++k) {
    structure.atoms.push_back({14, {0, 0, 3.84 * k}});
    structure.atoms.push_back({14, {0, 1.36, 3.84 * k + 1.9}});
  }
  EXPECT_EQ(true_columns(structure, {"Si"}).size(), 2U);
}

TEST(TrueColumns, RefusesWhatIsNotAsked) {
  Structure structure;
  EXPECT_TRUE(true_columns(structure, {"Pt"}).empty());
  structure.atoms = {{78, {}}};
  EXPECT_THROW(true_columns(structure, {"Ni"}), Error);
  EXPECT_THROW(true_columns(structure, {"Pt", "Pt"}), Error);
  EXPECT_THROW(true_columns(structure, {"Pt"}, 0), Error);
}

TEST(ReadCounts, ReadsThePeaksOfLabels) {
  Random random(3);
  Image map(96, 120, 0.02);
  std::vector<Drawn> truth;
  std::vector<Column> columns;
  for (int i = 0; i < 8; ++i)
    for (int j = 0; j < 6; ++j) {
      truth.push_back(
          {{10 + 14.0 * i + random.uniform(-1, 1), 10 + 14.0 * j + random.uniform(-1, 1)}, double(random.below(15))});
      columns.emplace_back();
      // Columns are where the image shows them: off by a part of a pixel.
      columns.back().x_px = truth.back().place.x + random.uniform(-0.4, 0.4);
      columns.back().y_px = truth.back().place.y + random.uniform(-0.4, 0.4);
    }
  draw(map, truth, 2.3);
  const auto counts = read_counts({map, Image(96, 120, 0.02)}, columns);
  ASSERT_EQ(counts.size(), truth.size());
  for (std::size_t i = 0; i < truth.size(); ++i) {
    EXPECT_NEAR(counts[i][0], truth[i].height, 0.02 * truth[i].height + 0.01);
    EXPECT_EQ(counts[i][1], 0);
  }
}

TEST(ReadCounts, IsNeverNegativeAndRefusesOtherImages) {
  Image map(20, 20, 0.02);
  for (float& value : map.data) value = -3;
  std::vector<Column> columns(1);
  EXPECT_EQ(read_counts({map}, columns)[0][0], 0);
  columns[0].x_px = 30;
  EXPECT_THROW(read_counts({map}, columns), Error);
}

TEST(MatchPoints, EqualsTheGreedyRuleByBruteForce) {
  for (int seed = 0; seed < 20; ++seed) {
    Random random(seed);
    std::vector<Point> reference(60), found(50);
    for (auto* points : {&reference, &found})
      for (Point& point : *points) point = {random.uniform(0, 10), random.uniform(0, 10)};
    std::vector<int> expected(reference.size(), -1);
    std::vector<char> used(found.size(), 0);
    for (;;) {
      double least = 0.8;
      int best_i = -1, best_j = -1;
      for (std::size_t i = 0; i < reference.size(); ++i)
        for (std::size_t j = 0; j < found.size(); ++j) {
          const double length = std::hypot(reference[i].x - found[j].x, reference[i].y - found[j].y);
          if (expected[i] >= 0 || used[j] || length >= least) continue;
          least = length;
          best_i = int(i);
          best_j = int(j);
        }
      if (best_i < 0) break;
      expected[best_i] = best_j;
      used[best_j] = 1;
    }
    EXPECT_EQ(match_points(reference, found, 0.8), expected) << seed;
  }
  EXPECT_EQ(match_points({{0, 0}}, {}, 1), std::vector<int>{-1});
  EXPECT_TRUE(match_points({}, {{0, 0}}, 1).empty());
  EXPECT_THROW(match_points({}, {}, 0), Error);
}

}  // namespace
}  // namespace colonnade
