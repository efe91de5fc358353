// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/scatter_figure.h"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>

#include "colonnade/core/error.h"
#include "colonnade/core/random.h"
#include "colonnade/report/svg_test_reader.h"

namespace colonnade {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

/// How many dots all paths of round caps hold.
std::size_t count_dots(const SvgReader& reader) {
  std::size_t count = 0;
  for (const auto& path : reader.all("path", "stroke-linecap", "round")) {
    const std::string d = path.attribute("d");
    for (std::size_t i = d.find("h0"); i != std::string::npos; i = d.find("h0", i + 1)) ++count;
  }
  return count;
}

ScatterFigure cloud_of(std::size_t points) {
  Random random(1);
  ScatterFigure figure{.title = "Truth", .x_label = "true", .y_label = "predicted"};
  figure.clouds.push_back({.name = "Pt"});
  for (std::size_t i = 0; i < points; ++i) {
    figure.clouds[0].x.push_back(random.uniform(0, 12));
    figure.clouds[0].y.push_back(figure.clouds[0].x.back() + random.normal());
  }
  return figure;
}

TEST(ScatterFigure, DrawsEveryPoint) {
  EXPECT_EQ(count_dots(SvgReader(to_svg(cloud_of(100)))), 100U);
  EXPECT_EQ(count_dots(SvgReader(to_svg(cloud_of(5000)))), 5000U);
}

TEST(ScatterFigure, ThousandsOfPointsStaySmall) {
  const std::string svg = to_svg(cloud_of(5000));
  EXPECT_LT(svg.size(), 5000U * 16 + 8000);
}

TEST(ScatterFigure, TooManyAreThinnedAndItSaysSo) {
  const SvgReader reader(to_svg(cloud_of(90000)));
  EXPECT_LE(count_dots(reader), most_scatter_points);
  EXPECT_GE(count_dots(reader), most_scatter_points / 2);
  EXPECT_TRUE(reader.says("One in 5 of 90000 points is drawn."));
}

TEST(ScatterFigure, NamedPointsStandAtTheirValues) {
  ScatterFigure figure;
  figure.clouds = {{"", "#123456", {0, 5, 10, NAN}, {0, 10, 20, 3}, {"a", "b", "c", "d"}}};
  const auto circles = SvgReader(to_svg(figure)).all("circle");
  ASSERT_EQ(circles.size(), 3U);
  EXPECT_EQ(circles[1].hover, "b");
  EXPECT_NEAR(circles[1].number("cx"), (circles[0].number("cx") + circles[2].number("cx")) / 2, 0.11);
  EXPECT_NEAR(circles[1].number("cy"), (circles[0].number("cy") + circles[2].number("cy")) / 2, 0.11);
  EXPECT_GT(circles[0].number("cy"), circles[2].number("cy")) << "up is more";
}

TEST(ScatterFigure, DiagonalIsAtFortyFiveDegrees) {
  ScatterFigure figure = cloud_of(50);
  figure.diagonal = true;
  const auto guides = SvgReader(to_svg(figure)).all("path", "class", "guide");
  ASSERT_EQ(guides.size(), 1U);
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  ASSERT_EQ(std::sscanf(guides[0].attribute("d").c_str(), "M%lf %lfL%lf %lf", &x1, &y1, &x2, &y2), 4);
  EXPECT_NEAR(x2 - x1, y1 - y2, 0.25);
  EXPECT_GT(x2 - x1, 200);
}

TEST(ScatterFigure, LinesAreCutAtTheFrame) {
  ScatterFigure figure;
  figure.clouds = {{"Pt", "", {0, 10}, {0, 10}, {}}};
  figure.lines = {{"steep", "", 100, 0}, {"flat", "#112233", 0, 5}, {"elsewhere", "", 0, 99}};
  const SvgReader reader(to_svg(figure));
  int drawn = 0;
  for (const auto& path : reader.all("path")) {
    if (path.hover.empty()) continue;
    ++drawn;
    double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
    ASSERT_EQ(std::sscanf(path.attribute("d").c_str(), "M%lf %lfL%lf %lf", &x1, &y1, &x2, &y2), 4);
    EXPECT_GE(std::min({x1, y1, x2, y2}), 0);
    EXPECT_LE(std::max(x1, x2), 480);
    EXPECT_LE(std::max(y1, y2), 400);
  }
  EXPECT_EQ(drawn, 2);
  EXPECT_TRUE(reader.says("flat"));
}

TEST(ScatterFigure, WithoutDataSaysSo) {
  EXPECT_TRUE(SvgReader(to_svg(ScatterFigure{.diagonal = true})).says("no data"));
  ScatterFigure figure;
  figure.clouds = {{"Pt", "", {NAN, 1}, {1, INFINITY}, {}}};
  EXPECT_TRUE(SvgReader(to_svg(figure)).says("no data"));
}

TEST(ScatterFigure, RefusesUnequalLengths) {
  ScatterFigure figure;
  figure.clouds = {{"Pd", "", {1, 2}, {1}, {}}};
  EXPECT_THAT([&] { to_svg(figure); }, ThrowsMessage<Error>(HasSubstr("'Pd'")));
}

}  // namespace
}  // namespace colonnade
