// SPDX-License-Identifier: GPL-3.0-or-later
// Scan distortion from a crystal that should be perfect: where the columns stand against where their lattice says. What
// may be taken out, in this order, each only when asked for, because true strain looks alike:
//   affine  the cell's departure from the known crystal's: anisotropy, shear, steady drift. Needs the crystal.
//   smooth  what a scan does and a crystal hardly: a course over the lines (uneven drift) plus one along the lines that
//           is the same for all (settling after the flyback). Strain that varies with the line number only goes, too.
//   rows    besides, each line's own displacement, against the image averaged over neighbouring cells.
// Displacements as in scan.h, pixels. (Jones and Nellist, Microsc. Microanal. 19, 1050 (2013).)
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "colonnade/columns/lattice_fit.h"
#include "colonnade/columns/pixel_calibration.h"
#include "colonnade/image/image.h"
#include "colonnade/image/scan.h"

namespace colonnade {

struct DistortionOptions {
  std::string kind = "affine";  ///< affine, smooth, rows
  int drift_terms = 6;          ///< cosines over the lines
  int cells = 4;                ///< rows: averaged over so many cells both ways
  int rounds = 3;               ///< rows
  void check() const;
};

struct LatticeDistortion {
  Displacements displacements;
  double before_px = 0,
         after_px = 0;  ///< columns from the lattice, rms per axis: as found, and with the smooth part off
  double affine_px = 0, smooth_px = 0, rows_px = 0;  ///< rms of what each part moves
  double jitter_y_px = 0, jitter_x_px = 0;           ///< of the lines, as far as seen
  nlohmann::json to_json() const;
};

/// `calibration`: of that fit; none: no affine part (fails where only that is asked for).
LatticeDistortion measure_distortion(const Image& image, const std::vector<Column>& columns, const LatticeFit& fit,
                                     const std::optional<PixelCalibration>& calibration,
                                     const DistortionOptions& options = {});

/// The image averaged over the places `cells` lattice vectors around (both ways), where it shows them.
Image cell_average(const Image& image, const LatticeBasis& basis, int cells);

}  // namespace colonnade
