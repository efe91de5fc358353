// SPDX-License-Identifier: GPL-3.0-or-later
// Scattering cross-sections per column (LeBeau et al. 2010; Van Aert et al., Ultramicroscopy 109, 1236, 2009;
// E et al., Ultramicroscopy 133, 109, 2013).
#pragma once

#include <vector>

#include "colonnade/columns/column.h"
#include "colonnade/image/image.h"

namespace colonnade {

/// What stands below the columns. Constant is right for intensities of a particle in vacuum (a background that bends
/// would take the columns' common part); uneven (a cubic spline with nodes about five spacings apart) for supports and
/// for locally normalised images.
enum class Background { automatic, constant, uneven };

/// Refines position, height and one common width by least squares of a sum of Gaussians (overlap included) on a
/// background; cross_section_nm2 = 2 pi sigma^2 height x pixel area. Automatic: constant, but uneven where the image
/// says that it is normalised and where with a constant the width runs beyond what columns apart can have (0.4
/// spacings). A column moves less than half the distance to its nearest neighbour; heights do not fall below 0. Order
/// is kept; without columns nothing happens.
void fit_gaussians(const Image& image, std::vector<Column>& columns, Background background = Background::automatic);

/// The median of the pixels farther than 1.5 spacings from all columns; NaN where they are too few to say (less than
/// 50, or a hundredth of the image).
double field_level(const Image& image, const std::vector<Column>& columns);

/// Integrates the image minus background over each column's Voronoi cell (pixels nearer to it than to any other and
/// within `radius_nm`; 0: from the spacing). The background is the median of the pixels far from all columns where
/// there are enough of them, else the level below which the darkest fiftieth of the image lies. Returns one
/// cross-section (nm^2) per column.
std::vector<double> voronoi_cross_sections(const Image& image, const std::vector<Column>& columns,
                                           double radius_nm = 0);

}  // namespace colonnade
