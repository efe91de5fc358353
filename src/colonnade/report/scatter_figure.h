// SPDX-License-Identifier: GPL-3.0-or-later
// Clouds of points, as truth against prediction. Overlapping points grow darker, so dense places show.
#pragma once

#include <string>
#include <vector>

namespace colonnade {

struct ScatterFigure {
  std::string title, x_label, y_label;
  struct Cloud {
    std::string name, colour;  ///< colour empty: the element's, or from a set
    std::vector<double> x, y;
    std::vector<std::string> texts;  ///< shown on hover, one per point; empty: none (keeps the file small)
  };
  /// The straight line y = intercept + slope x, as of a fit.
  struct Line {
    std::string name;
    std::string colour;  ///< empty: that of text
    double slope = 1, intercept = 0;
  };
  std::vector<Cloud> clouds;
  std::vector<Line> lines;
  bool diagonal = false;  ///< the line y = x, on equal axes in a square
  std::string footnote;
};

/// Above this many points an even selection is drawn, and the footnote says so.
inline constexpr std::size_t most_scatter_points = 20000;

std::string to_svg(const ScatterFigure& figure, double width_px = 480, double height_px = 400);

}  // namespace colonnade
