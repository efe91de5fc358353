// SPDX-License-Identifier: GPL-3.0-or-later
// Counting in a micrograph by physics (bayesian_counts.h): what must be known of the microscope, and what is done where
// the image has no absolute scale.
#pragma once

#include <string>
#include <vector>

#include "colonnade/columns/bayesian_counts.h"
#include "colonnade/core/options.h"
#include "colonnade/image/image.h"
#include "colonnade/simulate/probe.h"
#include "colonnade/workflows/map_area.h"

namespace colonnade {

struct PhysicsOptions {
  std::string response;                   ///< file of `calibrate`; empty: from the cache, or calibrated there (minutes)
  std::string detector = "HAADF:60-100";  ///< of the image
  Optics optics;
  std::string zone_axis = "110";
  double lattice_A = 0;        ///< 0: Vegard's law
  std::string scale = "auto";  ///< of the intensities: beam (fractions of the beam), shape (see map_physics.cc), auto
  double dose_per_A2 = 0;      ///< 0: noise is not stated, and taken as none
  double x_ray_dose_per_A2 = 0;
  std::vector<std::string> signals;  ///< further images, NAME=FILE; X-rays as "Pt L=FILE", counts per pixel
  BayesianOptions bayesian;
  void describe(OptionTable& table);
  void check() const;
};

struct PhysicsCounts {
  std::vector<CountDistribution> columns;
  AlloyState alloy;
  SignalResponse response;
  double gain = 1, gain_spread = 0;  ///< of the intensities against calculation
  std::vector<std::string> notes;    ///< what was assumed, for people
};

// Beside an area so much of the image is measured, too: a column's neighbours overlap with it and tell its thickness.
inline constexpr double area_border_nm = 1.2;
/// The rectangle that is read to measure an area.
PixelBox measured_box(const Image& image, const MapArea& area);

/// Counts of the columns, which are those of measured_box() in px of the whole image, in the order of `elements`. Where
/// the scale is taken from the particle's shape, the particle is what lies in the area.
PhysicsCounts count_image(const Image& image, const std::vector<Column>& columns,
                          const std::vector<std::string>& elements, const PhysicsOptions& options, const MapArea& area);

}  // namespace colonnade
