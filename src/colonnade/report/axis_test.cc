// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/axis.h"

#include <cmath>
#include <gmock/gmock.h>

#include "colonnade/core/random.h"

namespace colonnade {
namespace {

using testing::ElementsAre;
using testing::EndsWith;

Span span(double low, double high, bool whole = false) { return {low, high, whole}; }

TEST(Axis, RoundsSteps) {
  EXPECT_DOUBLE_EQ(round_step(1), 1);
  EXPECT_DOUBLE_EQ(round_step(1.1), 2);
  EXPECT_DOUBLE_EQ(round_step(3), 5);
  EXPECT_DOUBLE_EQ(round_step(7), 10);
  EXPECT_NEAR(round_step(0.0021), 0.005, 1e-12);
  EXPECT_DOUBLE_EQ(round_step(2e7), 2e7);
}

TEST(Axis, FormatsNumbersForPeople) {
  EXPECT_EQ(format_value(0.25), "0.25");
  EXPECT_EQ(format_value(-3), "−3");
  EXPECT_EQ(format_value(-0.0), "0");
  EXPECT_EQ(format_value(12.3456), "12.35");
  EXPECT_EQ(format_value(NAN), "no value");
}

TEST(Axis, TicksAtRoundNumbers) {
  EXPECT_THAT(make_axis(span(0, 58), {.ticks = 6}).ticks.labels, ElementsAre("0", "10", "20", "30", "40", "50", "60"));
  EXPECT_THAT(make_axis(span(-0.4, 0.5), {.ticks = 5}).ticks.labels,
              ElementsAre("−0.4", "−0.2", "0.0", "0.2", "0.4", "0.6"));
}

TEST(Axis, CountsGetWholeTicks) {
  EXPECT_THAT(make_axis(span(0, 2, true), {.ticks = 6}).ticks.labels, ElementsAre("0", "1", "2"));
}

TEST(Axis, LargeAndSmallNumbersShareAFactor) {
  const Axis large = make_axis(span(0, 4e6), {.ticks = 4});
  EXPECT_EQ(large.ticks.factor, "×10⁶");
  EXPECT_THAT(large.ticks.labels, ElementsAre("0", "1", "2", "3", "4"));
  EXPECT_EQ(make_axis(span(0, 4e-5)).ticks.factor, "×10⁻⁶");
  EXPECT_EQ(make_axis(span(0, 0.004)).ticks.factor, "");
}

TEST(Axis, WithoutExtentIsWidened) {
  for (const double value : {0.0, 5.0, -3.25, 1e-9, 7e12}) {
    Span point;
    point.include(value);
    const Axis axis = make_axis(point);
    EXPECT_LT(axis.low, axis.high);
    EXPECT_LE(axis.low, value);
    EXPECT_GE(axis.high, value);
    EXPECT_GE(axis.ticks.values.size(), 2U) << value;
  }
}

TEST(Axis, SpanPassesOverWhatIsNoNumber) {
  Span found;
  found.include({NAN, INFINITY, -INFINITY, 1e301});
  EXPECT_TRUE(found.empty());
  EXPECT_EQ(make_axis(found).high, 1);
  found.include({2, 3});
  EXPECT_TRUE(found.whole);
  found.include(2.5);
  EXPECT_FALSE(found.whole);
}

TEST(Axis, MapsLinearlyAndByLogarithm) {
  Axis axis{.low = 1, .high = 100, .start_px = 300, .end_px = 100};
  EXPECT_DOUBLE_EQ(axis(1), 300);
  EXPECT_DOUBLE_EQ(axis(50.5), 200);
  axis.logarithmic = true;
  EXPECT_NEAR(axis(10), 200, 1e-9);
  EXPECT_FALSE(axis.shows(0));
  EXPECT_FALSE(axis.shows(NAN));
}

TEST(Axis, LogarithmicTicks) {
  EXPECT_THAT(make_axis(span(0.002, 0.9), {.ticks = 5, .logarithmic = true}).ticks.labels,
              ElementsAre("0.001", "0.01", "0.1", "1"));
  EXPECT_THAT(make_axis(span(0.15, 8), {.logarithmic = true}).ticks.labels, ElementsAre("0.2", "0.5", "1", "2", "5"));
  EXPECT_GE(make_axis(span(0.151, 0.189), {.logarithmic = true}).ticks.labels.size(), 2U);
  EXPECT_GE(make_axis(span(1, 1, true), {.logarithmic = true}).ticks.labels.size(), 2U);
  const auto wide = make_axis(span(1e-12, 1e12), {.ticks = 6, .logarithmic = true});
  EXPECT_LE(wide.ticks.values.size(), 8U);
  EXPECT_EQ(wide.ticks.labels.front(), "10⁻¹²");
}

// Whatever the data: the axis holds it, ticks are even, inside, not too many, and labels tell them apart and true.
TEST(Axis, HoldsAnySpan) {
  Random random(7);
  for (int trial = 0; trial < 3000; ++trial) {
    const double size = std::pow(10.0, random.uniform(-12, 12)), middle = size * random.uniform(-20, 20);
    const Span data = span(middle - size, middle + size);
    const Axis axis = make_axis(data, {.ticks = 2 + int(random.below(8)), .rounded = random.below(2) == 0});
    ASSERT_LE(axis.low, data.low + 1e-9 * size);
    ASSERT_GE(axis.high, data.high - 1e-9 * size);
    const auto& ticks = axis.ticks;
    ASSERT_EQ(ticks.values.size(), ticks.labels.size());
    ASSERT_GE(ticks.values.size(), 1U);
    ASSERT_LE(ticks.values.size(), 18U);
    for (std::size_t i = 0; i < ticks.values.size(); ++i) {
      ASSERT_GE(ticks.values[i], axis.low - 1e-6 * size);
      ASSERT_LE(ticks.values[i], axis.high + 1e-6 * size);
      if (i > 0) {
        ASSERT_NE(ticks.labels[i], ticks.labels[i - 1]);
      }
      if (i > 1) {
        ASSERT_NEAR(ticks.values[i] - ticks.values[i - 1], ticks.values[1] - ticks.values[0], 1e-6 * size);
      }
      if (!ticks.factor.empty()) continue;
      std::string label = ticks.labels[i];
      if (label.starts_with("−")) label.replace(0, std::string("−").size(), "-");
      ASSERT_NEAR(std::stod(label), ticks.values[i], 1e-6 * size);
    }
  }
}

}  // namespace
}  // namespace colonnade
