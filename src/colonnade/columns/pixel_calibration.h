// SPDX-License-Identifier: GPL-3.0-or-later
// The pixel size from a known crystal: the fitted lattice of an image against the lattice that the crystal shows along
// its zone axis. What is left besides scale and rotation is the scan's (anisotropy, shear) or strain; it is stated, not
// hidden. Errors are standard errors of the fit; that the crystal has the stated lattice parameter is taken for
// granted.
#pragma once

#include <array>
#include <nlohmann/json.hpp>

#include "colonnade/columns/lattice_fit.h"
#include "colonnade/structures/projected_lattice.h"

namespace colonnade {

struct PixelCalibration {
  double pixel_size_nm = 0, pixel_size_error_nm = 0;  ///< side of a square pixel of the same area
  double x_nm = 0, y_nm = 0;                          ///< along the lines and across
  double anisotropy = 0, anisotropy_error = 0;        ///< y over x, minus 1
  double shear_deg = 0, shear_error_deg = 0;          ///< how much wider than a right angle x and y meet
  /// (x, y) in pixels times this is the specimen's place in pixels of pixel_size_nm, along x as recorded: 1 apart from
  /// scale, anisotropy and shear. Rows for x and y: x' = m00 x + m01 y, y' = m10 x + m11 y.
  std::array<std::array<double, 2>, 2> to_square{};
  double rotation_deg = 0;  ///< of the crystal's first projected vector, from x towards y
  double mismatch = 0;      ///< largest strain between the image's cell and the crystal's, scale apart
  double cells =
      1;  ///< the crystal's cells in one of the image's (below 1: repeats that the image does not tell apart)
  nlohmann::json to_json() const;
};

/// `expected_nm` (0: unknown) helps only where the cell could be taken for a smaller or larger one. Fails where the
/// shapes of the cells differ by over 8 %.
PixelCalibration calibrate_pixel(const LatticeFit& fit, const ProjectedLattice& crystal, double expected_nm = 0);

}  // namespace colonnade
