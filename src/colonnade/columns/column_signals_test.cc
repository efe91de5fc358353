// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/column_signals.h"

#include <gtest/gtest.h>
#include <numbers>

#include "colonnade/columns/test_images.h"
#include "colonnade/core/error.h"

namespace colonnade {
namespace {

/// Two signals of a lattice of Gaussian columns 12 px apart; the second is half as strong.
std::vector<Image> images() {
  std::vector<Image> result(2, Image(120, 108, 0.02));
  for (int y = 12; y < 120; y += 12) {
    for (int x = 12; x < 108; x += 12) {
      draw(result[0], {{{double(x), double(y)}, 1.0}}, 2.5);
      draw(result[1], {{{double(x), double(y)}, 0.5}}, 2.5);
    }
  }
  return result;
}

std::vector<Column> lattice() {
  std::vector<Column> columns;
  for (int y = 12; y < 120; y += 12) {
    for (int x = 12; x < 108; x += 12) {
      Column& column = columns.emplace_back();
      column.x_px = x;
      column.y_px = y;
    }
  }
  return columns;
}

const std::vector<SignalKind> kinds{{"HAADF", "", 0}, {"Pt L", "Pt", 1e6}};

TEST(ColumnSignals, SectionsAreTheIntegralsOfTheColumns) {
  const ColumnSignals signals = measure_signals(images(), kinds, lattice(), {});
  const double area = 2 * std::numbers::pi * 2.5 * 2.5 * 0.02 * 0.02;
  for (std::size_t i = 0; i < signals.size(); ++i) {
    if (!signals.whole[i]) continue;
    EXPECT_NEAR(signals.sections_nm2[i][0], area, 0.02 * area);
    EXPECT_NEAR(signals.sections_nm2[i][1], 0.5 * area, 0.01 * area);
    EXPECT_EQ(signals.neighbours[i].size(), 4U);
    EXPECT_NEAR(neighbour_sum(signals, i)[0], 4 * area, 0.08 * area);
  }
}

TEST(ColumnSignals, ABackgroundIsSubtracted) {
  auto raised = images();
  for (float& value : raised[0].data) value += 0.3F;
  const auto plain = measure_signals(images(), kinds, lattice(), {});
  const auto corrected = measure_signals(raised, kinds, lattice(), {}, {0.3, 0});
  EXPECT_NEAR(corrected.sections_nm2[20][0], plain.sections_nm2[20][0], 1e-6);
}

TEST(ColumnSignals, ColumnsNearTheEdgeAreNotWhole) {
  const auto signals = measure_signals(images(), kinds, lattice(), {});
  EXPECT_FALSE(signals.whole.front());
  EXPECT_EQ(std::count(signals.whole.begin(), signals.whole.end(), true), 7 * 6);
}

TEST(ColumnSignals, SignalsAreChosenByName) {
  const auto signals = measure_signals(images(), kinds, lattice(), {});
  const auto one = signals.only({"Pt L"});
  EXPECT_EQ(one.kinds.size(), 1U);
  EXPECT_EQ(one.sections_nm2[5][0], signals.sections_nm2[5][1]);
  EXPECT_THROW(signals.only({"Ni K"}), Error);
}

TEST(ColumnSignals, ImagesThatDoNotFitAreRefused) {
  auto differing = images();
  differing[1] = Image(50, 50, 0.02);
  EXPECT_THROW(measure_signals(differing, kinds, lattice(), {}), Error);
  EXPECT_THROW(measure_signals({images()[0]}, kinds, lattice(), {}), Error);
  EXPECT_THROW(measure_signals({}, {}, lattice(), {}), Error);
  auto outside = lattice();
  outside[0].x_px = 500;
  EXPECT_THROW(measure_signals(images(), kinds, outside, {}), Error);
}

}  // namespace
}  // namespace colonnade
