// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/spot_figure.h"

#include <cmath>
#include <gmock/gmock.h>
#include <set>

#include "colonnade/core/test_errors.h"
#include "colonnade/report/svg.h"
#include "colonnade/report/svg_test_reader.h"

namespace colonnade {
namespace {

SpotFigure square_pattern(int reach, double spacing) {
  SpotFigure figure;
  figure.half_width = 1;
  for (int h = -reach; h <= reach; ++h)
    for (int k = -reach; k <= reach; ++k)
      figure.spots.push_back({h * spacing, k * spacing, std::exp(-0.1 * (h * h + k * k)), fmt::format("{}{}0", h, k),
                              "", h == 0 && k == 0});
  return figure;
}

TEST(SpotFigure, DrawsSpotsWhereTheyAre) {
  const SvgReader svg(to_svg(square_pattern(2, 0.4), 424));
  const auto circles = svg.all("circle");
  ASSERT_EQ(circles.size(), 25u);
  // The frame is 400 px for 2 units: the direct beam, first, in the middle.
  EXPECT_NEAR(circles[0].number("cx"), 212, 0.1);
  EXPECT_NEAR(circles[0].number("cy"), 212, 0.1);
  EXPECT_EQ(circles[0].attribute("fill"), "none");
  std::set<std::pair<long, long>> places;
  for (const auto& circle : circles)
    places.insert({std::lround((circle.number("cx") - 212) / 80), std::lround((circle.number("cy") - 212) / 80)});
  EXPECT_EQ(places.size(), 25u);
}

TEST(SpotFigure, AreaIsTheRootOfIntensity) {
  SpotFigure figure;
  figure.spots = {{0.5, 0, 16, "", "", false}, {-0.5, 0, 1, "", "", false}, {0, 0.5, 1e-9, "", "", false}};
  const auto circles = SvgReader(to_svg(figure)).all("circle");
  ASSERT_EQ(circles.size(), 2u);  // the third is too faint
  EXPECT_NEAR(circles[0].number("r") / circles[1].number("r"), 2, 0.05);
}

TEST(SpotFigure, LabelsNeverOverlap) {
  for (const double spacing : {0.4, 0.15, 0.11, 0.06}) {
    const SvgReader svg(to_svg(square_pattern(int(1 / spacing), spacing), 424));
    struct Box {
      double left, right, top, bottom;
    };
    std::vector<Box> boxes;
    for (const auto& text : svg.all("text", "text-anchor", "middle")) {
      const double size = text.number("font-size"), half = text_width(text.text, size) / 2, x = text.number("x"),
                   y = text.number("y");
      boxes.push_back({x - half, x + half, y - size, y});
    }
    if (spacing > 0.1) {
      EXPECT_GE(boxes.size(), 20u) << spacing;
    }
    for (std::size_t i = 0; i < boxes.size(); ++i)
      for (std::size_t k = 0; k < i; ++k)
        EXPECT_FALSE(boxes[i].left < boxes[k].right && boxes[k].left < boxes[i].right &&
                     boxes[i].top < boxes[k].bottom && boxes[k].top < boxes[i].bottom)
            << spacing;
  }
}

TEST(SpotFigure, BadInputIsRefused) {
  SpotFigure figure;
  figure.half_width = 0;
  EXPECT_THAT(message_of([&] { to_svg(figure); }), testing::HasSubstr("half width"));
}

}  // namespace
}  // namespace colonnade
