// SPDX-License-Identifier: GPL-3.0-or-later
// Images by the atomic lensing model (lensing.h) in place of a full simulation: a second an image, once the model is
// calibrated for the optics, signals and elements.
#pragma once

#include <filesystem>
#include <string>

#include "colonnade/simulate/lensing_calibration.h"
#include "colonnade/simulate/stem_experiment.h"

namespace colonnade {

struct LensingRun {
  std::string calibration;        ///< file; empty: one in the user's cache folder
  std::string zone_axis = "110";  ///< of the fcc alloy, along the beam
  double lattice_A = 0;           ///< 0: by Vegard's law
  void describe(OptionTable& table, const std::string& section = "lensing");
};

/// One image per signal. Needs the absorptive thermal model (the lensing of still atoms is coherent) and no focal
/// spread; fails with what to do otherwise. Calibrates first where no calibration fits (1 to 2 minutes), and warns
/// where the calibration's error is above 5 %.
std::vector<Image> simulate_by_lensing(const Structure& structure, const StemExperiment& experiment,
                                       const LensingRun& run, std::uint64_t seed);

}  // namespace colonnade
