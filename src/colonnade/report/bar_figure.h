// SPDX-License-Identifier: GPL-3.0-or-later
// Grouped bars: histograms of counts, compositions, scores.
#pragma once

#include <string>
#include <vector>

namespace colonnade {

/// One series per element or group.
struct Series {
  std::string name, colour;  ///< colour empty: the element's, or from a set
  std::vector<double> values;
  std::vector<double> errors;            ///< empty: none
  std::vector<std::string> hovers = {};  ///< shown when the pointer rests on a bar; empty: name, value and error
};

struct BarFigure {
  std::string title, x_label, y_label;
  std::vector<std::string> categories;
  std::vector<Series> series;
  /// With a single series: one colour per bar. Left empty, categories that are elements get their colours where the
  /// series has none of its own.
  std::vector<std::string> category_colours;
  bool not_negative = false;  ///< error bars end at 0
  bool value_labels = false;  ///< the values above the bars; for few bars
  std::string footnote;
};
std::string to_svg(const BarFigure& figure, double width_px = 480, double height_px = 300);

}  // namespace colonnade
