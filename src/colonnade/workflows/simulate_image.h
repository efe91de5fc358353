// SPDX-License-Identifier: GPL-3.0-or-later
// The job "simulate": from a structure file to the images that the microscope would take of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/simulate/multislice.h"

namespace colonnade {

struct SimulateImageOptions {
  std::uint64_t seed = 1;
  std::string zone_axis;    ///< of the file's cell, along the beam; empty: the structure as it stands, beam along z
  double rotation_deg = 0;  ///< in-plane
  double field_nm = 0;      ///< side of the square field; 0: all atoms with a border
  double pixel_size_nm = 0.02;
  double dose_per_A2 = 0;  ///< 0: no counting noise
  double jitter_px = 0;
  std::vector<std::string> detectors{"HAADF:60-100"};
  Optics optics;
  double focal_spread_A = 0;  ///< standard deviation of the defocus (chromatic aberration), averaged incoherently
  int defocus_steps = 5;      ///< defocus values in that average
  MultisliceOptions multislice;

  OptionTable table();
  void check() const;
};

/// Writes into the folder, per detector: NAME.tif (float, fraction of the incident beam) and NAME.png (with scale bar);
/// and run.json and structure.xyz (the atoms as the beam saw them).
void simulate_image(const std::filesystem::path& structure_file, SimulateImageOptions options,
                    const std::filesystem::path& out, bool overwrite);

}  // namespace colonnade
