// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/bar_figure.h"

#include <cmath>
#include <gmock/gmock.h>

#include "colonnade/core/error.h"
#include "colonnade/report/colour.h"
#include "colonnade/report/svg.h"
#include "colonnade/report/svg_test_reader.h"

namespace colonnade {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

BarFigure two_series() {
  return {.title = "Counts",
          .categories = {"0", "1", "2"},
          .series = {{"Pt", "", {10, 20, 40}, {}}, {"Ni", "", {5, 0, 30}, {1, 0, 3}}}};
}

TEST(BarFigure, HeightsAreInProportion) {
  const auto bars = SvgReader(to_svg(two_series())).bars();
  ASSERT_EQ(bars.size(), 6U);
  const double unit = bars[2].number("height") / 40;
  const std::vector<double> values = {10, 20, 40, 5, 0, 30};
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(bars[i].number("height"), unit * values[i], 0.15) << i;
  for (const auto& bar : bars)
    EXPECT_NEAR(bar.number("y") + bar.number("height"), bars[0].number("y") + bars[0].number("height"), 0.11);
}

TEST(BarFigure, BarsDoNotOverlap) {
  BarFigure figure;
  for (int i = 0; i < 12; ++i) figure.categories.push_back(std::to_string(i));
  for (const char* name : {"Pt", "Ni", "Pd", "Co", "Fe"})
    figure.series.push_back({name, "", std::vector<double>(12, 3), {}});
  const auto reader = SvgReader(to_svg(figure));
  auto bars = reader.bars();
  ASSERT_EQ(bars.size(), 60U);
  std::sort(bars.begin(), bars.end(), [](const auto& a, const auto& b) { return a.number("x") < b.number("x"); });
  for (std::size_t i = 1; i < bars.size(); ++i) {
    EXPECT_LE(bars[i - 1].number("x") + bars[i - 1].number("width"), bars[i].number("x") + 0.11);
  }
  EXPECT_GE(bars.front().number("x"), 0);
  EXPECT_LE(bars.back().number("x") + bars.back().number("width"), 480);
}

TEST(BarFigure, HoverTextTellsTheNumbers) {
  const auto bars = SvgReader(to_svg(two_series())).bars();
  EXPECT_EQ(bars[1].hover, "Pt, 1: 20");
  EXPECT_EQ(bars[5].hover, "Ni, 2: 30 ± 3");
}

TEST(BarFigure, ElementsHaveTheirColours) {
  const auto bars = SvgReader(to_svg(two_series())).bars();
  EXPECT_EQ(bars[0].attribute("fill"), element_colour("Pt"));
  EXPECT_EQ(bars[3].attribute("fill"), element_colour("Ni"));
  const auto single = SvgReader(to_svg(BarFigure{.categories = {"Pt", "Co"}, .series = {{"", "", {1, 2}, {}}}})).bars();
  EXPECT_EQ(single[0].attribute("fill"), element_colour("Pt"));
  EXPECT_EQ(single[1].attribute("fill"), element_colour("Co"));
}

TEST(BarFigure, LegendForSeveralSeriesOnly) {
  EXPECT_TRUE(SvgReader(to_svg(two_series())).says("Ni"));
  BarFigure single = two_series();
  single.series.pop_back();
  EXPECT_FALSE(SvgReader(to_svg(single)).says("Pt"));
}

TEST(BarFigure, NegativeValuesHangDown) {
  const auto bars = SvgReader(to_svg(BarFigure{.categories = {"a", "b"}, .series = {{"s", "", {10, -10}, {}}}})).bars();
  EXPECT_NEAR(bars[0].number("height"), bars[1].number("height"), 0.11);
  EXPECT_NEAR(bars[0].number("y") + bars[0].number("height"), bars[1].number("y"), 0.11);
}

TEST(BarFigure, ValuesThatAreNoNumbersAreLeftOut) {
  const auto bars =
      SvgReader(to_svg(BarFigure{.categories = {"a", "b"}, .series = {{"s", "", {10, NAN}, {NAN, 1}}}})).bars();
  ASSERT_EQ(bars.size(), 1U);
  EXPECT_EQ(bars[0].hover, "s, a: 10");
}

TEST(BarFigure, WithoutDataSaysSo) {
  EXPECT_TRUE(SvgReader(to_svg(BarFigure{})).says("no data"));
  EXPECT_TRUE(SvgReader(to_svg(BarFigure{.categories = {"a"}, .series = {{"s", "", {NAN}, {}}}})).says("no data"));
  EXPECT_TRUE(SvgReader(to_svg(BarFigure{.categories = {"a"}})).says("no data"));
}

TEST(BarFigure, CrowdedNumbersAreThinnedAndNamesTilted) {
  BarFigure numbers, names;
  for (int i = 0; i < 60; ++i) {
    numbers.categories.push_back(std::to_string(1000 + i));
    names.categories.push_back("particle " + std::to_string(i));
  }
  numbers.series = names.series = {{"s", "", std::vector<double>(60, 1), {}}};
  double free_from = -1;
  int shown = 0;
  for (const auto& text : SvgReader(to_svg(numbers)).all("text", "text-anchor", "middle")) {
    if (!text.text.starts_with("10")) continue;
    const double half = text_width(text.text, text.number("font-size")) / 2;
    EXPECT_GT(text.number("x") - half, free_from);
    free_from = text.number("x") + half;
    ++shown;
  }
  EXPECT_GE(shown, 6);
  EXPECT_THAT(to_svg(names), HasSubstr("rotate(-40"));
}

TEST(BarFigure, ValueLabelsAndFootnote) {
  BarFigure figure = two_series();
  figure.value_labels = true;
  figure.footnote = "One standard deviation.";
  const SvgReader reader(to_svg(figure));
  EXPECT_TRUE(reader.says("30"));
  EXPECT_TRUE(reader.says("One standard deviation."));
}

TEST(BarFigure, RefusesWhatDoesNotFit) {
  BarFigure figure = two_series();
  figure.series[1].values.pop_back();
  EXPECT_THAT([&] { to_svg(figure); }, ThrowsMessage<Error>(HasSubstr("'Ni'")));
  EXPECT_THROW(to_svg(two_series(), 480, 50), Error);
  figure = two_series();
  figure.category_colours = {"#000000"};
  EXPECT_THROW(to_svg(figure), Error);
}

}  // namespace
}  // namespace colonnade
