// SPDX-License-Identifier: GPL-3.0-or-later
// The job "diffract": the electron diffraction pattern of a crystal, or of any atoms: a table of spots, the picture
// that a camera would take, and a drawing with the indices.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/image/image.h"
#include "colonnade/simulate/diffraction/pattern_raster.h"
#include "colonnade/simulate/diffraction/precession.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

struct DiffractOptions {
  std::string method = "kinematical";  ///< "kinematical", "two-beam", "bloch" or "atoms"
  std::string zone = "001";
  CrystalOrientation tilt;  ///< its zone axis is not used
  double energy_keV = 200;
  double thickness_nm = 20;
  double width_nm = 10;      ///< atoms: of the block cut from the crystal; 0: the atoms of the file as they stand
  double longest_per_A = 0;  ///< 0: up to the camera's corner
  std::string shape = "slab";
  double shape_width_per_A = 0.01, largest_excitation_per_A = 0.03;
  double beams_excitation_per_A = 0.06;  ///< bloch: beams up to this excitation error
  PrecessionOptions precession;
  std::string parametrization = "lobato";
  double temperature_K = 0;
  std::string b_factors;
  RasterOptions raster;
  double labels = 0.001;  ///< spots weaker than this, over the strongest diffracted one, get no label
  std::uint64_t seed = 1;

  OptionTable table();
  void check() const;
};

struct Diffraction {
  std::vector<DiffractionSpot> spots;  ///< the strongest first; empty with the method "atoms"
  Image pattern;
};

/// The crystal is a name, a lattice or a file (crystal_from); for "atoms" also a file without a cell.
Diffraction diffract(const std::string& crystal, const DiffractOptions& options);

/// Writes spots.csv, spots.svg and spots.png (drawn, with indices), pattern.tif (float), pattern.hdf5 (with its scale),
/// pattern.png (logarithmic, with a scale bar) and run.json.
Diffraction diffract(const std::string& crystal, const DiffractOptions& options, const std::filesystem::path& out,
                     bool overwrite);

/// The strongest spots as a table for people.
std::string to_text(const Diffraction& diffraction);

}  // namespace colonnade
