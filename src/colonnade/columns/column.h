// SPDX-License-Identifier: GPL-3.0-or-later
// Atomic columns: positions, cross-sections, counts.
#pragma once

#include <string>
#include <vector>

#include "colonnade/image/image.h"

namespace colonnade {

struct Column {
  double x_px = 0, y_px = 0;     ///< sub-pixel; the first pixel's centre is (0, 0)
  double height = 0;             ///< of the fitted Gaussian above the background, image's unit
  double sigma_px = 0;           ///< of the fitted Gaussian
  double cross_section_nm2 = 0;  ///< scattering cross-section: intensity integrated over area
  bool at_edge = false;          ///< nearer to the image's edge than the column's own radius
};

}  // namespace colonnade
