// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/matrix_figure.h"

#include <cmath>
#include <gmock/gmock.h>

#include "colonnade/core/error.h"
#include "colonnade/report/colour.h"

namespace colonnade {
namespace {

using testing::HasSubstr;

MatrixFigure two_by_two() {
  return {.title = "Order",
          .rows = {"Pt", "Ni+Co+Fe"},
          .columns = {"Pt", "Ni+Co+Fe"},
          .values = {-4, 1, 1, std::nan("")},
          .texts = {"-4.0", "+1.0", "+1.0", "none"},
          .hovers = {"Pt and Pt: mean & <interval>", "b", "c", "d"}};
}

TEST(MatrixFigure, CellsCarryColourTextAndHover) {
  MatrixFigure figure = two_by_two();
  figure.limit = 4;
  const std::string svg = to_svg(figure);
  EXPECT_THAT(svg, HasSubstr(map_colour("difference", 0).hex()));
  EXPECT_THAT(svg, HasSubstr(map_colour("difference", 0.625).hex()));
  EXPECT_THAT(svg, HasSubstr("<title>Pt and Pt: mean &amp; &lt;interval&gt;</title>"));
  EXPECT_THAT(svg, HasSubstr("class=\"on-dark\""));
  EXPECT_THAT(svg, HasSubstr("class=\"on-light\""));
  EXPECT_THAT(svg, testing::Not(HasSubstr(">none<")));
}

TEST(MatrixFigure, WithoutALimitTheLargestIsFullColour) {
  EXPECT_THAT(to_svg(two_by_two()), HasSubstr(map_colour("difference", 0).hex()));
  EXPECT_THAT(to_svg(MatrixFigure{}), HasSubstr("</svg>"));
}

TEST(MatrixFigure, NumbersMustAgree) {
  MatrixFigure figure = two_by_two();
  figure.values.pop_back();
  EXPECT_THROW(to_svg(figure), Error);
  EXPECT_THROW(to_svg(two_by_two(), 90), Error);
}

}  // namespace
}  // namespace colonnade
