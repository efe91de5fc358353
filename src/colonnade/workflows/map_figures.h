// SPDX-License-Identifier: GPL-3.0-or-later
// The figures of an element map, ready for papers.
#pragma once

#include <string>
#include <vector>

#include "colonnade/workflows/map_image.h"

namespace colonnade {

struct NamedFigure {
  std::string name, caption, svg;
};
/// image, one map per element, histogram, composition, fractions; without counts the image and the cross-sections.
std::vector<NamedFigure> map_figures(const ElementMap& map);

/// Atomic fraction per element over all columns, with the standard deviation that independent column errors give.
struct Composition {
  std::vector<double> fractions, deviations;
  double atoms = 0;
};
Composition composition(const ElementMap& map);

/// A disc at each column, coloured by its count of one element, from 0 to `high`.
std::string element_map_svg(const ElementMap& map, std::size_t element, const std::string& title, double high);

}  // namespace colonnade
