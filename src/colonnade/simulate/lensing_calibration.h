// SPDX-License-Identifier: GPL-3.0-or-later
// Calibrates a lensing model: seeded random pieces of alloy particles are simulated in full, and the model's
// coefficients are fitted to their columns. The error that is stated is that of columns held out: each piece is
// predicted by a fit to all other pieces, which never saw its particle. Pieces in Angstrom, particles in nm.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/simulate/lensing.h"

namespace colonnade {

/// With the defaults the pieces take 1 to 2 minutes of processor time for local signals.
struct LensingOptions {
  std::vector<std::string> elements{"Pt", "Ni", "Pd", "Co", "Fe"};
  double lattice_A = 0;           ///< 0: Vegard's law
  std::string zone_axis = "110";  ///< along the beam
  Range diameter_nm{2, 8};        ///< of the particles, spread evenly
  Range aggregation{0, 0.6};      ///< drawn for every second piece, the others are random alloys
  Range roughness{0, 0.3};
  int pieces = 6;
  double piece_A = 22;  ///< side of a piece
  std::uint64_t seed = 1;
  double wave_sampling_A = 0, wave_window_A = 5.2;
  std::vector<double> rings_A;  ///< none: {} for local signals alone, {0.45, 0.9} where there are detectors
  void describe(OptionTable& table, const std::string& section = "lensing");
  void check() const;
};

/// A piece: a structure and where to look at it.
struct LensingPiece {
  Structure structure;
  FieldOfView field;
};
/// Piece n of these options for this source; the same whatever the number of pieces before it.
LensingPiece make_lensing_piece(const LensingOptions& options, const LensingSource& source, int piece);

LensingModel calibrate_lensing(const LensingSource& source, const LensingOptions& options,
                               const std::string& label = "");
/// On pieces of one's own, at least two.
LensingModel calibrate_lensing(const LensingSource& source, const LensingOptions& options,
                               const std::vector<LensingPiece>& pieces, const std::string& label = "");
/// Loads the calibration where the file has one for this source and these options, else makes and saves it.
LensingModel calibrated_lensing(const std::filesystem::path& path, const LensingSource& source,
                                const LensingOptions& options, const std::string& label = "");

/// Errors of predictions against truth, without images.
LensingErrors lensing_errors(const std::vector<double>& predicted, const std::vector<double>& truth);
/// Pearson's, over all pixels.
double image_correlation(const Image& a, const Image& b);

}  // namespace colonnade
