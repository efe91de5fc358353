// SPDX-License-Identifier: GPL-3.0-or-later
// A map's counts as a particle in three dimensions, and the image that it would give beside the one that was measured.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/columns/particle_model.h"
#include "colonnade/image/image.h"

namespace colonnade {

struct ElementMap;
struct MapOptions;

/// The simulated image brought to the measured one's scale: measured = gain * blurred + offset, by least squares.
struct Verification {
  std::string by;                       ///< lensing, multislice
  std::vector<std::string> notes;       ///< what was left out or changed, for people
  int left = 0, top = 0;                ///< of the part that was compared, px of the whole image
  Image measured, simulated, residual;  ///< of that part; residual: measured - simulated
  double gain = 1, offset = 0;
  double blur_nm = 0;           ///< standard deviation of the Gaussian: source size, drift, detector
  double correlation = 0;       ///< Pearson's, over all pixels
  double rms = 0;               ///< of the residual, over the measured image's own standard deviation
  double r_factor = 0;          ///< sum of |residual| over sum of |measured - offset|
  std::vector<double> columns;  ///< (measured - simulated) / mean measured cross-section, of each column
  double column_rms = 0;
  nlohmann::json to_json() const;
};

/// Of a map with counts; the crystal, zone axis and lattice parameter are those of counting by physics.
ParticleModel model_of_map(const ElementMap& map, const MapOptions& options);

/// Extended XYZ in the image's place: x to the right, y downwards, the first pixel's centre at 0; the cell is the field
/// and 10 A of vacuum above and below. Atoms carry the column's number as in the report (from 1).
void write_map_model(const std::filesystem::path& path, const ElementMap& map, const ParticleModel& model);

/// Simulates the model with the optics of the options (see --verify) and compares.
Verification verify_map(const ElementMap& map, const ParticleModel& model, const MapOptions& options);

}  // namespace colonnade
