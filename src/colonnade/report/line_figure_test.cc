// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/line_figure.h"

#include <cmath>
#include <gmock/gmock.h>

#include "colonnade/core/error.h"
#include "colonnade/report/svg_test_reader.h"

namespace colonnade {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

LineFigure curve(std::vector<double> y) {
  LineFigure figure{.title = "Learning curve", .x_label = "Epoch", .y_label = "Loss"};
  figure.lines.push_back({.name = "training"});
  for (std::size_t i = 0; i < y.size(); ++i) figure.lines[0].x.push_back(double(i));
  figure.lines[0].y = std::move(y);
  return figure;
}

std::string path_named(const SvgReader& reader, const std::string& name) {
  for (const auto& path : reader.all("path")) {
    if (path.hover == name) return path.attribute("d");
  }
  return "";
}

std::size_t count(const std::string& text, char letter) {
  return std::size_t(std::count(text.begin(), text.end(), letter));
}

TEST(LineFigure, JoinsAllPoints) {
  const std::string path = path_named(SvgReader(to_svg(curve({3, 2, 1, 0.5}))), "training");
  EXPECT_EQ(count(path, 'M'), 1U);
  EXPECT_EQ(count(path, 'L'), 3U);
}

TEST(LineFigure, GapsWhereValuesAreMissing) {
  const std::string path = path_named(SvgReader(to_svg(curve({3, 2, NAN, 1, NAN, 1, 2}))), "training");
  EXPECT_EQ(count(path, 'M'), 3U);
  EXPECT_EQ(count(path, 'L'), 2U);
  EXPECT_EQ(count(path, 'h'), 1U) << "a point alone is a dot";
}

TEST(LineFigure, LogarithmMakesPowersEven) {
  LineFigure figure = curve({1, 0.1, 0.01, 0.001, 0});
  figure.logarithmic_y = true;
  const std::string path = path_named(SvgReader(to_svg(figure)), "training");
  double x[4], y[4];
  ASSERT_EQ(std::sscanf(path.c_str(), "M%lf %lfL%lf %lfL%lf %lfL%lf %lf", &x[0], &y[0], &x[1], &y[1], &x[2], &y[2],
                        &x[3], &y[3]),
            8);
  EXPECT_NEAR(y[1] - y[0], y[2] - y[1], 0.25);
  EXPECT_NEAR(y[2] - y[1], y[3] - y[2], 0.25);
  EXPECT_EQ(count(path, 'L'), 3U) << "0 has no logarithm";
}

TEST(LineFigure, BandClosesAroundTheLine) {
  LineFigure figure = curve({3, 2, 1});
  figure.lines[0].low = {2, 1, 0.5};
  figure.lines[0].high = {4, 3, NAN};
  bool found = false;
  for (const auto& path : SvgReader(to_svg(figure)).all("path", "fill-opacity", "0.18")) {
    EXPECT_EQ(count(path.attribute("d"), 'L'), 3U) << "two points above, two below";
    EXPECT_TRUE(path.attribute("d").ends_with("Z"));
    found = true;
  }
  EXPECT_TRUE(found);
}

TEST(LineFigure, LevelsAreNamedAndInTheFrame) {
  LineFigure figure = curve({3, 2, 1});
  figure.levels = {{10, "thickness only"}, {9.9, "best possible"}, {NAN, "nowhere"}};
  const SvgReader reader(to_svg(figure));
  EXPECT_EQ(reader.all("path", "class", "guide").size(), 2U);
  std::vector<double> bases;
  for (const auto& text : reader.all("text")) {
    if (text.text == "thickness only" || text.text == "best possible") bases.push_back(text.number("y"));
  }
  ASSERT_EQ(bases.size(), 2U);
  EXPECT_GT(std::abs(bases[0] - bases[1]), 9) << "names do not lie on each other";
  EXPECT_FALSE(reader.says("nowhere"));
}

TEST(LineFigure, WithoutDataSaysSo) {
  EXPECT_TRUE(SvgReader(to_svg(LineFigure{})).says("no data"));
  LineFigure figure = curve({-1, -2});
  figure.logarithmic_y = true;
  EXPECT_TRUE(SvgReader(to_svg(figure)).says("no data"));
}

TEST(LineFigure, OnePointAndConstantWork) {
  EXPECT_FALSE(SvgReader(to_svg(curve({5}))).says("no data"));
  EXPECT_FALSE(SvgReader(to_svg(curve({2, 2, 2}))).says("no data"));
}

TEST(LineFigure, RefusesUnequalLengths) {
  LineFigure figure = curve({1, 2});
  figure.lines[0].x.pop_back();
  EXPECT_THAT([&] { to_svg(figure); }, ThrowsMessage<Error>(HasSubstr("'training'")));
  figure = curve({1, 2});
  figure.lines[0].low = {1};
  EXPECT_THROW(to_svg(figure), Error);
}

}  // namespace
}  // namespace colonnade
