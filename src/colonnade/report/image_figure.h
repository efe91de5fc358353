// SPDX-License-Identifier: GPL-3.0-or-later
// Images and maps as figures: grey or coloured pixels, scale bar, colour bar, circles at columns.
#pragma once

#include <string>
#include <vector>

#include "colonnade/image/image.h"

namespace colonnade {

struct Marker {
  double x_px = 0, y_px = 0;  ///< image px; the first pixel's centre is (0, 0)
  std::string text;           ///< shown on hover
  std::string colour;         ///< empty: the figure's; "none": unseen, for its text alone
  std::string label{};        ///< written beside it
};

/// A value at a place: a filled disc in the colour map's colour.
struct Disc {
  double x_px = 0, y_px = 0, value = 0;
};

/// An image as a figure: grey or "viridis"/"magma"/"difference", optional colour bar with its label, scale bar in nm
/// (or Angstrom) where the pixel size is known, optional circles at columns. Pixels that are not finite stay blank.
struct ImageFigure {
  Image image;
  std::string title;
  std::string colour_map = "grey";
  bool colour_bar = false;
  std::string colour_bar_label;
  double low = 0, high = 0;  ///< equal: from the image
  std::vector<Marker> markers;
  std::string marker_colour = "#ffb000";
  /// Drawn in place of pixels where the image has a size but no data; not finite: left out.
  std::vector<Disc> discs;
  double disc_radius_px = 0;    ///< image px; 0: 0.42 of the usual distance between neighbours
  double marker_radius_px = 0;  ///< image px; 0: a third of the usual distance between neighbours
  double per_A_per_px = 0;      ///< of a diffraction pattern: its scale bar is in reciprocal Angstrom
  std::string footnote;
};
std::string to_svg(const ImageFigure& figure, double width_px = 480);

/// The intensities between which most of an image lies: the brightest and the darkest thousandth are beyond.
struct GreyRange {
  double low = 0, high = 0;
};
GreyRange grey_range(const Image& image);
/// The image in grey between these as a data: address; large ones are reduced to at most 1024 px.
std::string grey_address(const Image& image);

}  // namespace colonnade
