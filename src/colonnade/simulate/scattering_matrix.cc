// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/scattering_matrix.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/memory.h"
#include "colonnade/simulate/multislice_engine.h"
#include "colonnade/simulate/propagator.h"
#include "colonnade/simulate/transmission.h"

namespace colonnade {

namespace {

using Complex = std::complex<float>;

double reach(double band_per_A, double length_A) { return std::floor(band_per_A * length_A); }

// The smallest interpolation whose beams fit, as their number falls with its square.
void require_matrix_memory(double bytes, double limit_GB, const WaveGrid& grid, std::size_t beams, int interpolation) {
  const double times = std::sqrt(bytes / allowed_memory(limit_GB));
  require_memory(
      bytes, limit_GB,
      fmt::format("a scattering matrix of {} beams on {} x {} pixels asks for too much", beams, grid.ny, grid.nx),
      fmt::format("a PRISM interpolation of {} would fit, or use fewer parent beams, a coarser sampling or multislice",
                  int(std::ceil(interpolation * times * 1.02))));
}

}  // namespace

ScatteringMatrix::ScatteringMatrix(const Structure& structure, const PeriodicCell& cell, const Optics& optics,
                                   const MultisliceOptions& options, int interpolation, const std::vector<Beam>& beams,
                                   bool far_field)
    : beams_(beams.size()), far_field_(far_field) {
  const double wavelength = electron_wavelength_A(optics.energy_keV);
  const PrismGrids grids = prism_grids(cell.grid, interpolation);
  grid_ = grids.whole;
  crop_ = grids.crop;
  const double needed = double(grid_.size()) * double(beams_) * sizeof(Complex);
  require_matrix_memory(needed, options.memory_limit_GB, grid_, beams_, interpolation);
  const TransmissionStack stack(structure, cell, transmission_options(optics, options));
  slices_ = int(stack.slice_indices().size());
  require_matrix_memory(needed, options.memory_limit_GB, grid_, beams_, interpolation);
  data_ = AlignedArray<Complex>(grid_.size() * beams_);
  compute(stack, beams, wavelength, options.slice_A);
}

// Crops have a size that is fast to transform; the whole is that many times larger whatever its own size.
PrismGrids prism_grids(const WaveGrid& cell, int interpolation) {
  const auto side = [&](double length_A) {
    return fft_size((2 * reach(cell.band_end(), length_A) + 1) / interpolation, 4);
  };
  const int ny = side(cell.length_y_A()), nx = side(cell.length_x_A());
  const double pitch_y = cell.length_y_A() / (ny * interpolation), pitch_x = cell.length_x_A() / (nx * interpolation);
  return {{ny * interpolation, nx * interpolation, pitch_y, pitch_x}, {ny, nx, pitch_y, pitch_x}};
}

void ScatteringMatrix::compute(const TransmissionStack& stack, const std::vector<Beam>& beams, double wavelength_A,
                               double slice_A) {
  const WaveGrid& cell = stack.grid();
  const Propagator propagator(cell, wavelength_A);
  const auto& indices = stack.slice_indices();
  std::map<int, Propagator::Table<Complex>> free_space;
  for (std::size_t i = 1; i < indices.size(); ++i) {
    const int slices = indices[i] - indices[i - 1];
    if (free_space.count(slices) == 0) free_space.emplace(slices, propagator.free_space(slices * slice_A));
  }
  const double first = indices.front() * slice_A, last = indices.back() * slice_A;
  depth_A_ = (first + last) / 2;
  const FftPlan backward = FftPlan::plane(grid_.ny, grid_.nx, FftSign::backward);
  struct Workspace {
    Propagator::Wave wave;
    AlignedArray<Complex> exit;
  };
  std::vector<std::unique_ptr<Workspace>> workspaces(thread_count());
  const auto fresnel = [&](double k_squared, double distance_A) {
    return std::polar(1.0, -std::numbers::pi * wavelength_A * distance_A * k_squared);
  };
  // What turns the far field at the last slice into the stored wave's; by column of the cell, then row.
  std::vector<Complex> back(cell.size());
  for (int column = 0; column < cell.nx; ++column) {
    for (int row = 0; row < cell.ny; ++row) {
      const double k = std::hypot(cell.kx(column), cell.ky(row)),
                   limit = cell.band_limit(cell.kx(column), cell.ky(row));
      if (limit > 0) {
        back[std::size_t(column) * cell.ny + row] =
            Complex(limit / double(cell.size()) * fresnel(k * k, depth_A_ - last));
      }
    }
  }
  parallel_for(std::int64_t(beams.size()), [&](std::int64_t b, int worker) {
    auto& space = workspaces[worker];
    if (!space)
      space = std::make_unique<Workspace>(Workspace{propagator.make_wave(), AlignedArray<Complex>(grid_.size())});
    const Beam& beam = beams[std::size_t(b)];
    const double k_squared = std::pow(beam.ky(cell), 2) + std::pow(beam.kx(cell), 2);
    propagator.start_plane_wave(space->wave, wrap(beam.row, cell.ny), wrap(beam.column, cell.nx),
                                Complex(fresnel(k_squared, first)));
    for (std::size_t i = 0; i < indices.size(); ++i) {
      if (i > 0) propagator.propagate(space->wave, free_space.at(indices[i] - indices[i - 1]));
      propagator.transmit(space->wave, stack, int(i), 0, 0);
    }
    std::fill_n(space->exit.data(), space->exit.size(), Complex(0));
    propagator.finish(space->wave, [&](int column, const Complex* values) {
      const int signed_column = column < cell.nx / 2 ? column : column - cell.nx;
      if (std::abs(signed_column) > int(reach(cell.band_end(), cell.length_x_A()))) return;
      const Complex* factors = back.data() + std::size_t(column) * cell.ny;
      Complex* target = space->exit.data() + wrap(signed_column, grid_.nx);
      const int rows = int(reach(cell.band_end(), cell.length_y_A()));
      for (int row = -rows; row <= rows; ++row) {
        const int from = wrap(row, cell.ny);
        target[std::size_t(wrap(row, grid_.ny)) * grid_.nx] = values[from] * factors[from];
      }
    });
    if (!far_field_) backward.execute(space->exit.data());
    store(std::size_t(b), space->exit);
  });
}

void ScatteringMatrix::store(std::size_t beam, const AlignedArray<Complex>& wave) {
  for (int y = 0; y < grid_.ny; ++y) {
    std::copy_n(wave.data() + std::size_t(y) * grid_.nx, grid_.nx,
                data_.data() + (std::size_t(y) * beams_ + beam) * grid_.nx);
  }
}

CropDetectors::CropDetectors(const std::vector<AnnularDetector>& detectors, const WaveGrid& crop, double wavelength_A,
                             bool soft)
    : forward_(FftPlan::plane(crop.ny, crop.nx, FftSign::forward)) {
  const double scale = 1 / double(crop.size()) / double(crop.size());
  const auto table = [&](const auto& weight) {
    std::vector<float> values;
    for (int row = 0; row < crop.ny; ++row) {
      for (int column = 0; column < crop.nx; ++column) values.push_back(float(scale * weight(row, column)));
    }
    return values;
  };
  for (const auto& detector : detectors) {
    weights_.push_back(
        table([&](int row, int column) { return detector_weight(detector, crop, row, column, wavelength_A, soft); }));
  }
  weights_.push_back(table([](int, int) { return 1.0; }));
}

std::vector<float> CropDetectors::measure(AlignedArray<Complex>& wave) const {
  forward_.execute(wave.data());
  std::vector<float> result;
  for (const auto& weights : weights_) {
    double total = 0;
    constexpr std::size_t run = 256;  // summed in single precision
    for (std::size_t first = 0; first < weights.size(); first += run) {
      float sum = 0;
      for (std::size_t i = first; i < std::min(first + run, weights.size()); ++i)
        sum += weights[i] * std::norm(wave[i]);
      total += double(sum);
    }
    result.push_back(float(total));
  }
  return result;
}

std::vector<ProbeTile> probe_tiles(const std::vector<ProbePosition>& positions, const PeriodicCell& cell,
                                   const WaveGrid& grid, const WaveGrid& crop, int tile_px, int most, double rounding) {
  std::map<std::pair<int, int>, ProbeTile> open;
  std::vector<ProbeTile> tiles;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const double x = (positions[i].x_A - cell.origin.x) / grid.pitch_x_A,
                 y = (positions[i].y_A - cell.origin.y) / grid.pitch_y_A;
    if (!std::isfinite(x + y)) fail("probe {} lies at ({}, {}) A", i, positions[i].x_A, positions[i].y_A);
    const int left = wrap(std::llround(std::floor(x + rounding)) - crop.nx / 2, grid.nx);
    const int top = wrap(std::llround(std::floor(y + rounding)) - crop.ny / 2, grid.ny);
    const std::pair<int, int> key{top / tile_px, left / tile_px};
    ProbeTile& tile = open[key];
    tile.probes.push_back(int(i));
    tile.top = key.first * tile_px;
    tile.left = key.second * tile_px;
    tile.down.push_back(top - tile.top);
    tile.right.push_back(left - tile.left);
    tile.height = std::max(tile.height, tile.down.back() + crop.ny);
    tile.width = std::max(tile.width, tile.right.back() + crop.nx);
    if (int(tile.probes.size()) == most) {
      tiles.push_back(std::move(tile));
      open.erase(key);
    }
  }
  for (auto& [key, tile] : open) tiles.push_back(std::move(tile));
  return tiles;
}

void check_prism_signals(const Signals& signals, const WaveGrid& cell, double wavelength_A) {
  signals.check();
  if (!signals.local.empty()) {
    fail("PRISM knows the wave at the specimen's end only and '{}' is made within it; use the algorithm multislice{}",
         signals.local.front().name,
         signals.local.front().name.ends_with("thermal diffuse") ? ", or --thermal-motion none or frozen_phonons" : "");
  }
  if (!signals.depths_A.empty()) {
    fail("PRISM knows the wave at the specimen's end only, not at a depth of {} A; use the algorithm multislice",
         signals.depths_A.front());
  }
  check_reach(signals.detectors, cell, wavelength_A);
}

}  // namespace colonnade
