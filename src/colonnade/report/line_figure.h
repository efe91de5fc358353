// SPDX-License-Identifier: GPL-3.0-or-later
// Curves: learning curves, profiles, distributions.
#pragma once

#include <string>
#include <vector>

namespace colonnade {

struct LineFigure {
  std::string title, x_label, y_label;
  struct Line {
    std::string name, colour;       ///< colour empty: the element's, or from a set
    std::vector<double> x, y;       ///< values that are not finite leave a gap
    std::vector<double> low, high;  ///< a shaded band around the line; both empty: none
    bool dashed = false;
    std::vector<std::string> hovers = {};  ///< one per point, which then shows as a dot; empty: none
  };
  /// A horizontal line across the figure, as a baseline or a bound.
  struct Level {
    double y = 0;
    std::string text;
  };
  std::vector<Line> lines;
  std::vector<Level> levels;
  bool logarithmic_x = false, logarithmic_y = false;  ///< values of 0 and below leave a gap
  std::string footnote;
};
std::string to_svg(const LineFigure& figure, double width_px = 480, double height_px = 300);

}  // namespace colonnade
