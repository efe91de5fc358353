// SPDX-License-Identifier: GPL-3.0-or-later
// Column positions from an image: candidates where the image correlates with a column's shape, kept where they stand
// out from the noise; robust against noise, uneven background, edges of the particle and weak columns.
#pragma once

#include <vector>

#include "colonnade/columns/column.h"
#include "colonnade/core/options.h"
#include "colonnade/image/image.h"

namespace colonnade {

struct FindColumnsOptions {
  double spacing_nm = 0;  ///< smallest distance between columns; 0: from the image's own autocorrelation
  double threshold = 0;   ///< smallest height above background in units of the noise around; 0: chosen from the image
  void describe(OptionTable& table, const std::string& section = "columns");
  void check() const;
};

/// Columns sorted by y, then x, with position, height and width; needs the pixel size. No column is a legal result (an
/// empty field, pure noise). Heights are those of single Gaussians fitted locally; fit_gaussians() refines them.
std::vector<Column> find_columns(const Image& image, const FindColumnsOptions& options = {});

}  // namespace colonnade
