// SPDX-License-Identifier: GPL-3.0-or-later
// A table of numbers as coloured cells: z-scores between elements, correlations. Colours run from blue over white to
// red and are symmetric about 0.
#pragma once

#include <string>
#include <vector>

namespace colonnade {

struct MatrixFigure {
  std::string title;
  std::vector<std::string> rows, columns;  ///< names
  std::vector<double> values;              ///< row by row; what is not finite stays blank
  std::vector<std::string> texts, notes;   ///< in the cells, and in small type below; empty: none
  std::vector<std::string> hovers;         ///< empty: none
  double limit = 0;                        ///< value of the full colour; 0: the largest magnitude
  std::string footnote;
};
/// Fails where the numbers of names, values and texts do not agree.
std::string to_svg(const MatrixFigure& figure, double width_px = 480);

}  // namespace colonnade
