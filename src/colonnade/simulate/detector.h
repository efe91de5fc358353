// SPDX-License-Identifier: GPL-3.0-or-later
// Annular detectors: everything scattered into inner <= angle < outer, mrad.
#pragma once

#include <string>
#include <vector>

#include "colonnade/simulate/wave_grid.h"

namespace colonnade {

struct AnnularDetector {
  std::string name = "HAADF";
  double inner_mrad = 60, outer_mrad = 100;
  bool collects(double angle_mrad) const { return angle_mrad >= inner_mrad && angle_mrad < outer_mrad; }
};

/// "60-100" or "HAADF:60-100"; without a name "ADF 60-100". Fails on anything else.
AnnularDetector parse_detector(const std::string& text);
/// Several, each name once.
std::vector<AnnularDetector> parse_detectors(const std::vector<std::string>& texts);
/// Fails unless there is a detector, names differ and 0 <= inner < outer.
void check_detectors(const std::vector<AnnularDetector>& detectors);
/// Fails where a detector reaches beyond the grid's band limit; says the largest angle and the sampling that would do.
void check_reach(const std::vector<AnnularDetector>& detectors, const WaveGrid& grid, double wavelength_A);

/// How much of |psi(k)|^2 at a point of Fourier space the detector counts: with hard edges, or, for the coarse Fourier
/// grid of a window (`soft`), edges one step of the grid wide.
double detector_weight(const AnnularDetector& detector, const WaveGrid& grid, int row, int column, double wavelength_A,
                       bool soft);

}  // namespace colonnade
