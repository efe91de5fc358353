// SPDX-License-Identifier: GPL-3.0-or-later
// The job "simulate": from a structure file to what the microscope would record of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/image/scan.h"
#include "colonnade/simulate/convergence.h"
#include "colonnade/simulate/eds.h"
#include "colonnade/simulate/pattern_grid.h"
#include "colonnade/simulate/plan.h"
#include "colonnade/simulate/stem_experiment.h"
#include "colonnade/workflows/simulate_lensing.h"
#include "colonnade/workflows/specimen.h"

namespace colonnade {

struct SimulateImageOptions {
  std::uint64_t seed = 1;
  double accuracy = 0;          ///< wanted error of the images, rms / mean; 0: the options as they are
  std::string device = "fftw";  ///< see stem_device.h
  SpecimenOptions specimen;
  double field_nm = 0;  ///< side of the square field; 0: all atoms with a border, or 2 nm of a block
  double pixel_size_nm = 0.02;
  double dose_per_A2 = 0;           ///< 0: no counting noise
  double read_noise_electrons = 0;  ///< per pixel, standard deviation
  ScanOptions scan;
  std::vector<std::string> detectors{"HAADF:60-100"};
  std::string sensitivity;      ///< image of a detector scan; empty: detectors count evenly
  double sensitivity_mrad = 0;  ///< per pixel of it
  std::vector<double> depths_nm;
  Optics optics;
  PartialCoherence coherence;
  bool eds_maps = false;
  EdsOptions eds;
  int pattern_pixels = 0;  ///< 4D-STEM: pixels of the camera's side; 0: no patterns
  double pattern_half_mrad = 40;
  double pattern_step_nm = 0.04;
  MultisliceOptions multislice;
  LensingRun lensing;  ///< of the algorithm "lensing"
  bool measure_convergence = false;
  ConvergenceOptions convergence;

  /// One slice for each layer of atoms, and atoms that tremble: still ones scatter coherently to high angles, and an
  /// image of them hardly shows the thickness (docs/design/convergence.md).
  SimulateImageOptions() {
    multislice.slice_A = 0;
    multislice.thermal.model = "absorptive";
  }
  OptionTable table();
  void check() const;
  /// Coarser in everything that costs time, for a first look: see the command's help.
  void make_preview();
};

/// Writes into the folder, per signal: NAME.tif (float, fraction of the incident beam) and NAME.png (with scale bar);
/// images.hdf5 with all of them and patterns.hdf5 with 4D-STEM patterns (for HyperSpy and py4DSTEM), run.json, and
/// structure.xyz (the atoms as the beam saw them). With accuracy or convergence, accuracy.txt says what was measured.
void simulate_image(const std::filesystem::path& structure_file, SimulateImageOptions options,
                    const std::filesystem::path& out, bool overwrite);

}  // namespace colonnade
