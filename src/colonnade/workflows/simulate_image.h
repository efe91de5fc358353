// SPDX-License-Identifier: GPL-3.0-or-later
// The job "simulate": from a structure file to the images that the microscope would take of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/image/scan.h"
#include "colonnade/simulate/multislice.h"
#include "colonnade/workflows/specimen.h"

namespace colonnade {

struct SimulateImageOptions {
  std::uint64_t seed = 1;
  SpecimenOptions specimen;
  double field_nm = 0;  ///< side of the square field; 0: all atoms with a border, or 2 nm of a block
  double pixel_size_nm = 0.02;
  double dose_per_A2 = 0;           ///< 0: no counting noise
  double read_noise_electrons = 0;  ///< per pixel, standard deviation
  ScanOptions scan;
  std::vector<std::string> detectors{"HAADF:60-100"};
  Optics optics;
  double source_size_A = 0;   ///< full width at half maximum of the source's image at the specimen
  double focal_spread_A = 0;  ///< standard deviation of the defocus (chromatic aberration), averaged incoherently
  int defocus_steps = 5;      ///< defocus values in that average
  MultisliceOptions multislice;

  OptionTable table();
  void check() const;
  /// Coarser in everything that costs time, for a first look: see the command's help.
  void make_preview();
};

/// Writes into the folder, per signal: NAME.tif (float, fraction of the incident beam) and NAME.png (with scale bar);
/// images.hdf5 with all of them (for HyperSpy and py4DSTEM), run.json, and structure.xyz (the atoms as the beam saw
/// them).
void simulate_image(const std::filesystem::path& structure_file, SimulateImageOptions options,
                    const std::filesystem::path& out, bool overwrite);

}  // namespace colonnade
