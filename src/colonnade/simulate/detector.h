// SPDX-License-Identifier: GPL-3.0-or-later
// Detectors in the far field: everything scattered into inner <= angle < outer, mrad, over the whole ring or a segment
// of it, counted evenly or with a sensitivity, whole or weighted with the angle (first moments, for the centre of
// mass). Azimuths run from +x (right in the image) towards +y (down), as those of aberrations do.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/simulate/detector_sensitivity.h"
#include "colonnade/simulate/wave_grid.h"

namespace colonnade {

/// What is summed: the intensity I, or I theta_x or I theta_y in mrad (per incident electron; divided by the intensity
/// on the same ring it is the centre of mass).
enum class DetectorMoment { none, x, y };

struct AnnularDetector {
  std::string name = "HAADF";
  double inner_mrad = 60, outer_mrad = 100;
  double start_deg = 0, span_deg = 360;  ///< the segment's first azimuth and its width
  DetectorMoment moment = DetectorMoment::none;
  std::shared_ptr<const DetectorSensitivity> sensitivity = nullptr;  ///< none: even
  /// Whether an angle lies on the ring.
  bool collects(double angle_mrad) const { return angle_mrad >= inner_mrad && angle_mrad < outer_mrad; }
  /// For an output's metadata.
  nlohmann::json record() const;
};

/// What parse_detectors() reads, for people.
extern const char* const detector_help;
/// Several detectors, each name once, from texts like these:
///   "HAADF:60-100", "60-100"   a ring, mrad; without a name "ADF 60-100"
///   "DPC:10-25/4", "DPC:10-25/4@45"   a ring cut into segments DPC1 ... DPC4, the first from azimuth 0, or 45 degrees
///   "CoM", "CoM:0-60"   first moments CoMx and CoMy, mrad; without a range out to 3 semi-angles
///   "BF", "ABF", "LAADF", "MAADF", "HAADF"   0-0.5, 0.5-1, 1.1-2, 2-3.5, 3.5-6 semi-angles
/// Fails on anything else, and, for what is given in semi-angles, where `semiangle_mrad` is 0 (not known).
std::vector<AnnularDetector> parse_detectors(const std::vector<std::string>& texts, double semiangle_mrad = 0);
/// A text that stands for one detector.
AnnularDetector parse_detector(const std::string& text, double semiangle_mrad = 0);
/// Fails unless there is a detector, names differ, 0 <= inner < outer and 0 < span <= 360.
void check_detectors(const std::vector<AnnularDetector>& detectors);
/// Fails where a detector reaches beyond the grid's band limit; says the largest angle and the sampling that would do.
void check_reach(const std::vector<AnnularDetector>& detectors, const WaveGrid& grid, double wavelength_A);

/// How much of |psi(k)|^2 at a point of Fourier space the detector counts: with hard edges of the ring, or, for the
/// coarse Fourier grid of a window (`soft`), edges one step of the grid wide. Edges between segments are always one
/// step wide, so that segments add up to the ring and keep its symmetry.
double detector_weight(const AnnularDetector& detector, const WaveGrid& grid, int row, int column, double wavelength_A,
                       bool soft);

}  // namespace colonnade
