// SPDX-License-Identifier: GPL-3.0-or-later
// A diffraction pattern as a drawing: spots as discs, with labels as far as there is room for them, and a scale bar.
#pragma once

#include <string>
#include <vector>

namespace colonnade {

struct SpotFigure {
  struct Spot {
    double x = 0, y = 0;   ///< from the beam, in the figure's unit; y runs down
    double intensity = 0;  ///< in any unit
    std::string label;     ///< indices; empty: none
    std::string hover;
    bool beam = false;  ///< the direct beam: an open circle, which does not count as the strongest
  };
  std::string title;
  std::vector<Spot> spots;
  double half_width = 1;     ///< from the beam to each edge
  std::string unit = "Å⁻¹";  ///< of the scale bar
  double faintest = 1e-5;    ///< fainter spots, over the strongest, are not drawn
  std::string footnote;
};

/// The area of a disc goes with the square root of the intensity. Strong spots take their labels' places first; a label
/// that would lie on another, on a spot or beyond the frame is left out. Fails on a half width that is not positive.
std::string to_svg(const SpotFigure& figure, double width_px = 640);

}  // namespace colonnade
