// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/prism.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/core/progress.h"
#include "colonnade/simulate/electron.h"

namespace colonnade {

namespace {

using Complex = std::complex<float>;
using RowMajor = Eigen::Matrix<Complex, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Probes of one matrix product: enough to reuse the matrix's rows, few enough for their crops to stay in the cache.
constexpr std::size_t crop_pixels_together = std::size_t(1) << 21;

// With f = 1: tasks that the rows of the far field are shared among, and points of it that are gathered together.
constexpr int image_tasks = 16, columns_together = 8;

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
      matrix_(structure, cell, optics, options, interpolation_, beams_, interpolation_ == 1),
      detectors_(signals.detectors, matrix_.crop(), electron_wavelength_A(optics.energy_keV), interpolation_ > 1),
      band_end_(cell.grid.band == BandShape::radial ? cell.grid.band_end() : 2 * cell.grid.band_end()) {}

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

std::vector<std::vector<float>> Prism::scan_crops(const std::vector<ProbePosition>& positions,
                                                  const std::string& label) const {
  const WaveGrid& crop = matrix_.crop();
  const auto tiles = probe_tiles(positions, cell_, matrix_.grid(), crop, tile_side(crop), probes_together(crop), 0.5);
  return scan_tiles<Workspace>(
      tiles, positions.size(), detectors_, label,
      [&](const ProbeTile& tile, Workspace& workspace) { add_up(tile, positions, workspace); });
}

std::vector<std::vector<float>> Prism::scan(const std::vector<ProbePosition>& positions,
                                            const std::string& label) const {
  return interpolation_ == 1 ? scan_image(positions, label) : scan_crops(positions, label);
}

std::vector<AlignedArray<Complex>> Prism::image_spectra(int ny, int nx, const std::string& label) const {
  const WaveGrid& grid = matrix_.grid();
  const auto& weights = detectors_.weights();
  const std::size_t size = std::size_t(ny) * nx;
  const FftPlan forward = FftPlan::plane(ny, nx, FftSign::forward);
  std::vector<std::size_t> places;
  for (const Beam& beam : beams_) places.push_back(std::size_t(wrap(beam.row, ny)) * nx + wrap(beam.column, nx));
  std::unique_ptr<Progress> progress;
  if (!label.empty()) progress = std::make_unique<Progress>(label, grid.ny);
  // Tasks, not threads, have sums of their own, so that the result does not depend on the number of threads.
  std::vector<std::vector<double>> sums(image_tasks, std::vector<double>(weights.size() * size));
  parallel_for(image_tasks, [&](std::int64_t task, int) {
    std::vector<AlignedArray<Complex>> amplitudes;
    for (int i = 0; i < columns_together; ++i) amplitudes.emplace_back(size);
    std::vector<float> intensity(size);
    for (int row = int(task); row < grid.ny; row += image_tasks) {
      for (int first = 0; first < grid.nx; first += columns_together) {
        const int count = std::min(columns_together, grid.nx - first);
        const double k_min =
            std::hypot(grid.ky(row), std::min(std::abs(grid.kx(first)), std::abs(grid.kx(first + count - 1))));
        if (k_min > band_end_) continue;
        for (int i = 0; i < count; ++i) std::fill_n(amplitudes[std::size_t(i)].data(), size, Complex(0));
        for (std::size_t b = 0; b < beams_.size(); ++b) {
          const Complex* values = matrix_.row(row, b) + first;
          const Complex amplitude(beams_[b].amplitude);
          for (int i = 0; i < count; ++i) amplitudes[std::size_t(i)][places[b]] = amplitude * values[i];
        }
        for (int i = 0; i < count; ++i) {
          auto& wave = amplitudes[std::size_t(i)];
          forward.execute(wave.data());
          for (std::size_t j = 0; j < size; ++j) intensity[j] = std::norm(wave[j]);
          for (std::size_t s = 0; s < weights.size(); ++s) {
            // Weights are for transforms that are not normalised; these are Fourier coefficients.
            const double weight =
                double(weights[s][std::size_t(row) * grid.nx + first + i]) * double(grid.size()) * double(grid.size());
            if (weight == 0) continue;
            double* sum = sums[std::size_t(task)].data() + s * size;
            for (std::size_t j = 0; j < size; ++j) sum[j] += weight * double(intensity[j]);
          }
        }
      }
      if (progress) progress->advance();
    }
  });
  std::vector<AlignedArray<Complex>> spectra;
  for (std::size_t s = 0; s < weights.size(); ++s) {
    spectra.emplace_back(size);
    for (std::size_t j = 0; j < size; ++j) {
      double sum = 0;
      for (const auto& part : sums) sum += part[s * size + j];
      spectra.back()[j] = Complex(float(sum / double(size)));
    }
    forward.execute(spectra.back().data());
  }
  return spectra;
}

std::vector<std::vector<float>> Prism::scan_image(const std::vector<ProbePosition>& positions,
                                                  const std::string& label) const {
  int widest_y = 0, widest_x = 0;
  for (const Beam& beam : beams_) {
    widest_y = std::max(widest_y, std::abs(beam.row));
    widest_x = std::max(widest_x, std::abs(beam.column));
  }
  const int ny = fft_size(4 * widest_y + 1), nx = fft_size(4 * widest_x + 1);
  const auto spectra = image_spectra(ny, nx, label);
  std::vector<std::vector<float>> result(positions.size());
  parallel_for(std::int64_t(positions.size()), [&](std::int64_t i, int) {
    const ProbePosition& position = positions[std::size_t(i)];
    const auto waves = [](int widest, double turns) {
      Eigen::VectorXcf values(2 * widest + 1);
      for (int n = -widest; n <= widest; ++n) {
        values[n + widest] = Complex(std::polar(1.0, 2 * std::numbers::pi * (turns * n - std::round(turns * n))));
      }
      return values;
    };
    const double y = (position.y_A - cell_.origin.y) / cell_.grid.length_y_A(),
                 x = (position.x_A - cell_.origin.x) / cell_.grid.length_x_A();
    if (!std::isfinite(x + y)) fail("probe {} lies at ({}, {}) A", i, position.x_A, position.y_A);
    const auto wave_y = waves(2 * widest_y, y), wave_x = waves(2 * widest_x, x);
    for (const auto& spectrum : spectra) {
      double sum = 0;
      for (int row = -2 * widest_y; row <= 2 * widest_y; ++row) {
        const Complex* values = spectrum.data() + std::size_t(wrap(row, ny)) * nx;
        Complex line = 0;
        for (int column = -2 * widest_x; column <= 2 * widest_x; ++column) {
          line += values[column < 0 ? column + nx : column] * wave_x[column + 2 * widest_x];
        }
        sum += double((line * wave_y[row + 2 * widest_y]).real());
      }
      result[std::size_t(i)].push_back(float(sum));
    }
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
