// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/prism.h"

#include <Eigen/Core>
#include <algorithm>
#include <memory>
#include <numbers>

#include "colonnade/core/parallel.h"
#include "colonnade/core/progress.h"
#include "colonnade/simulate/electron.h"

namespace colonnade {

namespace {

using Complex = std::complex<float>;
using RowMajor = Eigen::Matrix<Complex, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Probes of one matrix product: enough to reuse the matrix's rows, few enough for their crops to stay in the cache.
constexpr std::size_t crop_pixels_together = std::size_t(1) << 21;

int probes_together(const WaveGrid& crop) { return std::clamp(int(crop_pixels_together / crop.size()), 4, 64); }

// Crops of a tile begin so near to one another that their union is hardly larger than one.
int tile_side(const WaveGrid& crop) { return std::max(4, std::min(crop.nx, crop.ny) / 10); }

std::vector<Beam> beams_for(const WaveGrid& cell, const Optics& optics, const Signals& signals,
                            const MultisliceOptions& options) {
  optics.check();
  options.check();
  check_prism_signals(signals, cell, electron_wavelength_A(optics.energy_keV));
  return aperture_beams(cell, options.prism_interpolation, optics);
}

}  // namespace

/// The crops of one tile's probes, and what makes them.
struct Prism::Workspace {
  RowMajor coefficients, row;
  std::vector<AlignedArray<Complex>> waves;
};

Prism::Prism(const Structure& structure, const PeriodicCell& cell, const Optics& optics, const Signals& signals,
             const MultisliceOptions& options)
    : cell_(cell),
      interpolation_(options.prism_interpolation),
      beams_(beams_for(cell.grid, optics, signals, options)),
      matrix_(structure, cell, optics, options, interpolation_, beams_),
      detectors_(signals.detectors, matrix_.crop(), electron_wavelength_A(optics.energy_keV), interpolation_ > 1) {}

void Prism::add_up(const ProbeTile& tile, const std::vector<ProbePosition>& positions, Workspace& workspace) const {
  const WaveGrid &grid = matrix_.grid(), &crop = matrix_.crop();
  const auto count = Eigen::Index(tile.probes.size()), beams = Eigen::Index(beams_.size());
  workspace.coefficients.resize(count, beams);
  for (Eigen::Index i = 0; i < count; ++i) {
    const ProbePosition& position = positions[std::size_t(tile.probes[std::size_t(i)])];
    for (Eigen::Index b = 0; b < beams; ++b) {
      const Beam& beam = beams_[std::size_t(b)];
      workspace.coefficients(i, b) =
          Complex(beam.amplitude *
                  shift_factor(beam, cell_.grid, position.y_A - cell_.origin.y, position.x_A - cell_.origin.x));
    }
    if (std::size_t(i) == workspace.waves.size()) workspace.waves.emplace_back(crop.size());
  }
  workspace.row.resize(count, tile.width);
  for (int y = 0; y < tile.height; ++y) {
    const int from = (tile.top + y) % grid.ny;
    for (int done = 0; done < tile.width;) {
      const int start = (tile.left + done) % grid.nx, run = std::min(tile.width - done, grid.nx - start);
      const Eigen::Map<const RowMajor, 0, Eigen::OuterStride<>> exits(matrix_.row(from, 0) + start, beams, run,
                                                                      Eigen::OuterStride<>(grid.nx));
      workspace.row.middleCols(done, run).noalias() = workspace.coefficients * exits;
      done += run;
    }
    for (Eigen::Index i = 0; i < count; ++i) {
      const int row = y - tile.down[std::size_t(i)];
      if (row < 0 || row >= crop.ny) continue;
      std::copy_n(workspace.row.data() + i * tile.width + tile.right[std::size_t(i)], crop.nx,
                  workspace.waves[std::size_t(i)].data() + std::size_t(row) * crop.nx);
    }
  }
}

std::vector<std::vector<float>> Prism::scan(const std::vector<ProbePosition>& positions,
                                            const std::string& label) const {
  const WaveGrid& crop = matrix_.crop();
  const auto tiles = probe_tiles(positions, cell_, matrix_.grid(), crop, tile_side(crop), probes_together(crop), 0.5);
  std::vector<std::vector<float>> result(positions.size());
  std::unique_ptr<Progress> progress;
  if (!label.empty()) progress = std::make_unique<Progress>(label, std::int64_t(positions.size()));
  std::vector<Workspace> workspaces(thread_count());
  parallel_for(std::int64_t(tiles.size()), [&](std::int64_t t, int worker) {
    const ProbeTile& tile = tiles[std::size_t(t)];
    Workspace& workspace = workspaces[worker];
    add_up(tile, positions, workspace);
    for (std::size_t i = 0; i < tile.probes.size(); ++i) {
      result[std::size_t(tile.probes[i])] = detectors_.measure(workspace.waves[i]);
    }
    if (progress) progress->advance(std::int64_t(tile.probes.size()));
  });
  return result;
}

nlohmann::json Prism::record() const {
  return {{"prism_interpolation", interpolation_},
          {"beams", beams_.size()},
          {"crop_px", {matrix_.crop().ny, matrix_.crop().nx}},
          {"crop_A", {matrix_.crop().length_y_A(), matrix_.crop().length_x_A()}},
          {"matrix_bytes", matrix_.bytes()},
          {"slices", matrix_.slice_count()}};
}

}  // namespace colonnade
