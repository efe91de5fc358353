// SPDX-License-Identifier: GPL-3.0-or-later
// The part of a page in which a reader looks at columns one by one: the image, a map of each quantity and of its error,
// and the numbers of the column that is pointed at, touched, or reached by the keyboard. Hidden where scripts do not
// run, so a page shows the same as figures and tables, too.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "colonnade/image/image.h"

namespace colonnade {

/// A count with its error, one value per column.
struct ViewedCount {
  std::string name;    ///< "Pt"
  std::string colour;  ///< of its mark; empty: the element's
  std::vector<double> mean, deviation;
  std::vector<double> low68, high68, low95, high95;
  double high = 0, deviation_high = 0;  ///< of the colour scales, which begin at 0; 0: the largest value
};

/// Any other number of each column.
struct ViewedNumber {
  std::string name, unit;
  std::vector<double> values;  ///< NaN: none
  bool map = false;            ///< has a map of its own, blue to red about 0, up to `high` to both sides
  double high = 0;
};

struct ColumnViewer {
  Image image;
  std::vector<double> x_px, y_px;  ///< image px
  std::vector<ViewedCount> counts;
  std::vector<ViewedNumber> numbers;
  std::vector<std::string> remarks;  ///< one per column, or empty; a column with one is marked
};

/// The fragment of a page, with its data; fails where the lists differ in length.
std::string viewer_html(const ColumnViewer& viewer);

/// What makes it alive; once a page.
extern const std::string_view viewer_script;

}  // namespace colonnade
