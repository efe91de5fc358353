// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/memory.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/core/units.h"
#include "colonnade/simulate/multislice_engine.h"

namespace colonnade {

namespace {

constexpr double complex_bytes = 8, real_bytes = 4;
// Half a spectrum and half a structure factor (complex), the potential, and exp(i sigma V), per pixel of the fine grid.
constexpr double bytes_per_fine_pixel = 0.5 * complex_bytes + real_bytes + complex_bytes;

// Bytes grow with the square of the side; a little less than what fits, as sides are rounded to fast sizes.
double shrink(double bytes, double allowed) { return std::sqrt(allowed / bytes) * 0.97; }

}  // namespace

double MemoryEstimate::peak() const { return slices + std::max(making, waves) + results; }

nlohmann::json MemoryEstimate::to_json() const {
  return {{"slices_GB", slices / bytes_per_GB},
          {"making_GB", making / bytes_per_GB},
          {"waves_GB", waves / bytes_per_GB},
          {"results_GB", results / bytes_per_GB},
          {"peak_GB", peak() / bytes_per_GB}};
}

MemoryEstimate estimate_stack_memory(const Structure& structure, const WaveGrid& grid, std::size_t slices,
                                     int oversampling) {
  const double fine_pixels = double(grid.size()) * oversampling * oversampling;
  const double makers = std::min(double(thread_count()), double(slices));
  MemoryEstimate estimate;
  estimate.slices = double(grid.size()) * double(slices) * complex_bytes;
  estimate.making =
      fine_pixels * (makers * bytes_per_fine_pixel + double(elements_of(structure.atoms).size()) * 0.5 * real_bytes);
  return estimate;
}

MemoryEstimate estimate_memory(const Structure& structure, const Optics& optics,
                               const std::vector<AnnularDetector>& detectors, const FieldOfView& field,
                               const MultisliceOptions& given) {
  const MultisliceOptions options = settled(structure, given);
  const Specimen specimen =
      specimen_around(structure, optics, detectors, scanned_area(field, optics, options), options);
  const WaveGrid& grid = specimen.cell.grid;
  std::size_t slices = 0;
  for (const auto& slice : slice_atoms(specimen.atoms, specimen.cell, options.slice_A)) slices += slice.empty() ? 0 : 1;
  auto estimate = estimate_stack_memory(specimen.atoms, grid, std::max<std::size_t>(slices, 1), options.oversampling);
  const double side = options.window_A == 0 ? 1e9 : options.window_A;
  const double pixels =
      std::min(side / grid.pitch_x_A, double(grid.nx)) * std::min(side / grid.pitch_y_A, double(grid.ny));
  // A wave for each thread; the probe, one propagator and a second for gaps; one map per detector and one for the band.
  estimate.waves = pixels * ((thread_count() + 3) * complex_bytes + double(detectors.size() + 1) * real_bytes) +
                   double(grid.size()) * complex_bytes;
  const double image_pixels = double(field.height_px) * field.width_px;
  estimate.results = image_pixels * real_bytes * (2.0 * double(detectors.size()) + 1);
  return estimate;
}

void require_stack_memory(const MemoryEstimate& estimate, double limit_GB, const WaveGrid& grid, std::size_t slices) {
  const double allowed = allowed_memory(limit_GB), bytes = estimate.peak();
  if (bytes <= allowed) return;
  const double scale = shrink(bytes, allowed);
  const double left = allowed - std::max(estimate.making, estimate.waves);
  const auto fitting = std::size_t(std::max(0.0, left / (estimate.slices / double(slices))));
  const std::string fewer = fitting > 0 ? fmt::format(", or {} slices instead of {}", fitting, slices) : "";
  require_memory(
      bytes, limit_GB, fmt::format("{} slices of {} x {} pixels need", slices, grid.ny, grid.nx),
      fmt::format("a sampling of {:.3f} A instead of {:.3f} would fit, or a cell of {:.0f} x {:.0f} A (a "
                  "smaller field; a window instead of the whole cell){}",
                  grid.pitch_x_A / scale, grid.pitch_x_A, grid.length_y_A() * scale, grid.length_x_A() * scale, fewer));
}

}  // namespace colonnade
