// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/svg.h"

#include <gmock/gmock.h>

#include "colonnade/report/svg_test_reader.h"

namespace colonnade {
namespace {

using testing::ElementsAre;

TEST(Svg, CoordinatesAreShort) {
  EXPECT_EQ(coordinate(3), "3");
  EXPECT_EQ(coordinate(3.14159), "3.1");
  EXPECT_EQ(coordinate(-0.04), "0");
  EXPECT_EQ(coordinate(-12.96), "-13");
  EXPECT_EQ(coordinate(100), "100");
}

TEST(Svg, TextWidthGrowsWithTextAndSize) {
  EXPECT_EQ(text_width("", 10), 0);
  EXPECT_LT(text_width("ill", 10), text_width("mmm", 10));
  EXPECT_DOUBLE_EQ(text_width("Pt", 20), 2 * text_width("Pt", 10));
  EXPECT_DOUBLE_EQ(text_width("Å", 10), text_width("ö", 10)) << "characters, not bytes";
}

TEST(Svg, WrapsAtSpaces) {
  EXPECT_THAT(wrap_text("one two three", 10, 1000), ElementsAre("one two three"));
  EXPECT_THAT(wrap_text("one two three", 10, text_width("one two", 10)), ElementsAre("one two", "three"));
  EXPECT_THAT(wrap_text("unbreakable", 10, 5), ElementsAre("unbreakable"));
  EXPECT_TRUE(wrap_text("  ", 10, 100).empty());
}

TEST(Svg, ShortensWithAnEllipsis) {
  EXPECT_EQ(shorten_text("short", 10, 100), "short");
  const std::string text = shorten_text("a text that is far too long for this", 10, 80);
  EXPECT_TRUE(text.ends_with("…"));
  EXPECT_LE(text_width(text, 10), 80);
}

TEST(Svg, IsWellFormedWhateverTheText) {
  const std::string nasty = "<script>\"&'\x02\xFF ]]> Å";
  Svg svg(100, 50.25, nasty);
  svg.text(10, 20, nasty, {.bold = true, .angle = 30, .halo = true});
  svg.element("rect", {{"width", 3}, {"fill", nasty}}, nasty);
  svg.open("g", {{"fill", "none"}});
  svg.line(0, 0, 1, 1, "rule");
  svg.stroke("M0 0L1 1", {.dashed = true}, nasty);
  svg.close("g");
  const SvgReader reader(svg.str());
  const std::string cleaned = "<script>\"&'�� ]]> Å";
  EXPECT_TRUE(reader.says(cleaned));
  EXPECT_EQ(reader.bars().at(0).hover, cleaned);
  const auto root = reader.all("svg").at(0);
  EXPECT_EQ(root.attribute("xmlns"), "http://www.w3.org/2000/svg");
  EXPECT_EQ(root.attribute("viewBox"), "0 0 100 50.2");
  EXPECT_EQ(root.attribute("aria-label"), cleaned);
}

}  // namespace
}  // namespace colonnade
