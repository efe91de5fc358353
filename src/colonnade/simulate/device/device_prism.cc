// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/device/device_prism.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/index.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/progress.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/multislice_engine.h"

namespace colonnade {

namespace {

using Complex = std::complex<float>;

// Of a wave of the cell while plane waves are propagated, and of a tile's area for each of its probes: see
// device_multislice.cc.
constexpr double waves_per_beam = 4, areas_per_probe = 4;
constexpr int most_probes_together = 256;

Complex fresnel(double wavelength_A, double distance_A, double k_squared) {
  return Complex(std::polar(1.0, -std::numbers::pi * wavelength_A * distance_A * k_squared));
}

at::Tensor indices(const std::vector<std::int64_t>& values, const at::Device& device) {
  return to_device(values.data(), {std::int64_t(values.size())}, at::kLong, device);
}

}  // namespace

DevicePrism::DevicePrism(const Structure& structure, const PeriodicCell& cell, const Optics& optics,
                         const Signals& signals, const MultisliceOptions& options, const at::Device& device,
                         double memory_GB)
    : cell_(cell),
      grids_(prism_grids(cell.grid, options.prism_interpolation)),
      device_(device),
      interpolation_(options.prism_interpolation),
      wavelength_A_(electron_wavelength_A(optics.energy_keV)) {
  const TransmissionOptions slices = transmission_options(optics, options);
  check_prism_signals(signals, cell.grid, wavelength_A_);
  beams_ = aperture_beams(cell.grid, interpolation_, optics);
  auto stack = std::make_unique<TransmissionStack>(structure, cell, slices);
  plan_memory(*stack, signals.detectors.size() + 1, memory_GB);
  const double first = stack->slice_indices().front() * options.slice_A,
               last = stack->slice_indices().back() * options.slice_A;
  const DeviceSpecimen specimen(std::move(stack), cell.grid, wavelength_A_, options.slice_A, device_);
  slices_ = specimen.slices();
  compute(specimen, plan_storing((first + last) / 2, last), first);
  weights_ = detector_tables(signals.detectors, grids_.crop, wavelength_A_, interpolation_ > 1, false, device_);
}

int DevicePrism::tile_side() const { return std::max(4, std::min(grids_.crop.nx, grids_.crop.ny) / 8); }

void DevicePrism::plan_memory(const TransmissionStack& stack, std::size_t tables, double memory_GB) {
  const double complex = sizeof(Complex), beams = double(beams_.size()), cell = double(cell_.grid.size());
  const double matrix = complex * beams * double(grids_.whole.size());
  const double area = double(grids_.crop.ny + tile_side()) * double(grids_.crop.nx + tile_side());
  const DeviceMemory making{matrix + DeviceSpecimen::bytes(stack, cell_.grid) + 2 * complex * cell,
                            waves_per_beam * complex * cell};
  // The tile's part of the matrix is cut out by rows, then by columns.
  const double cut = complex * beams * (area + double(grids_.crop.ny + tile_side()) * grids_.whole.nx);
  const DeviceMemory scanning{matrix + cut + sizeof(float) * double(tables) * double(grids_.crop.size()),
                              areas_per_probe * complex * area};
  budget_ = memory_budget(device_, memory_GB);
  waves_together_ = std::min(int(beams_.size()), batch_size(making, budget_, cell_.grid.size(), device_));
  probes_together_ = std::min(most_probes_together, batch_size(scanning, budget_, grids_.crop.size(), device_));
  needed_ = std::max(making.of(waves_together_), scanning.of(probes_together_));
}

// Frequencies within the band limit; waves are taken back through empty space to `depth_A`.
DevicePrism::Storing DevicePrism::plan_storing(double depth_A, double last_A) const {
  const WaveGrid &cell = cell_.grid, &whole = grids_.whole;
  const int rows = int(std::floor(cell.band_end() * cell.length_y_A())),
            columns = int(std::floor(cell.band_end() * cell.length_x_A()));
  std::vector<std::int64_t> from_rows, from_columns, to_rows, to_columns;
  for (int row = -rows; row <= rows; ++row) {
    from_rows.push_back(wrap(row, cell.ny));
    to_rows.push_back(wrap(row, whole.ny));
  }
  for (int column = -columns; column <= columns; ++column) {
    from_columns.push_back(wrap(column, cell.nx));
    to_columns.push_back(wrap(column, whole.nx));
  }
  std::vector<Complex> factors;
  for (const auto row : from_rows) {
    for (const auto column : from_columns) {
      const double kx = cell.kx(int(column)), ky = cell.ky(int(row));
      factors.push_back(float(cell.band_limit(kx, ky) / double(cell.size())) *
                        fresnel(wavelength_A_, depth_A - last_A, kx * kx + ky * ky));
    }
  }
  return {indices(from_rows, device_), indices(from_columns, device_), indices(to_rows, device_),
          indices(to_columns, device_),
          to_device(factors.data(), {2 * rows + 1, 2 * columns + 1}, at::kComplexFloat, device_)};
}

at::Tensor DevicePrism::store(const at::Tensor& spectrum, const Storing& storing) const {
  at::Tensor kept = spectrum.index_select(1, storing.from_rows).index_select(2, storing.from_columns);
  kept.mul_(storing.factors);
  at::Tensor tall = at::zeros({kept.size(0), grids_.whole.ny, kept.size(2)}, kept.options());
  tall.index_copy_(1, storing.to_rows, kept);
  at::Tensor stored = at::zeros({kept.size(0), grids_.whole.ny, grids_.whole.nx}, kept.options());
  stored.index_copy_(2, storing.to_columns, tall);
  return to_space(stored);
}

void DevicePrism::compute(const DeviceSpecimen& specimen, const Storing& storing, double first_A) {
  const WaveGrid& cell = cell_.grid;
  const auto options = at::TensorOptions().dtype(at::kComplexFloat).device(device_);
  matrix_ = at::empty({std::int64_t(beams_.size()), grids_.whole.ny, grids_.whole.nx}, options);
  for (int begin = 0; begin < int(beams_.size()); begin += waves_together_) {
    const int count = std::min(waves_together_, int(beams_.size()) - begin);
    // A plane wave is one point of Fourier space.
    std::vector<std::int64_t> points;
    std::vector<Complex> phases;
    for (int i = 0; i < count; ++i) {
      const Beam& beam = beams_[std::size_t(begin + i)];
      points.push_back(std::int64_t(i) * std::int64_t(cell.size()) + std::int64_t(wrap(beam.row, cell.ny)) * cell.nx +
                       wrap(beam.column, cell.nx));
      phases.push_back(fresnel(wavelength_A_, first_A, std::pow(beam.kx(cell), 2) + std::pow(beam.ky(cell), 2)));
    }
    at::Tensor spectrum = at::zeros({count, cell.ny, cell.nx}, options);
    spectrum.view({-1}).index_copy_(0, indices(points, device_),
                                    to_device(phases.data(), {count}, at::kComplexFloat, device_));
    for (int i = 0; i < specimen.slices(); ++i) {
      if (i > 0) spectrum.mul_(specimen.step_to(i));
      at::Tensor wave = to_space(spectrum);
      spectrum.reset();
      spectrum = to_fourier(wave.mul_(specimen.slice(i)));
    }
    matrix_.narrow(0, begin, count).copy_(store(spectrum, storing));
  }
}

at::Tensor DevicePrism::coefficients(const ProbeTile& tile, const std::vector<ProbePosition>& positions) const {
  std::vector<Complex> values;
  for (const int probe : tile.probes) {
    const ProbePosition& position = positions[std::size_t(probe)];
    for (const Beam& beam : beams_) {
      values.push_back(Complex(beam.amplitude * shift_factor(beam, cell_.grid, position.y_A - cell_.origin.y,
                                                             position.x_A - cell_.origin.x)));
    }
  }
  return to_device(values.data(), {std::int64_t(tile.probes.size()), std::int64_t(beams_.size())}, at::kComplexFloat,
                   device_);
}

at::Tensor DevicePrism::run(const ProbeTile& tile, const std::vector<ProbePosition>& positions) const {
  const WaveGrid &whole = grids_.whole, &crop = grids_.crop;
  const auto counting = [&](std::int64_t size) {
    return at::arange(size, at::TensorOptions().dtype(at::kLong).device(device_));
  };
  const auto count = std::int64_t(tile.probes.size()), beams = std::int64_t(beams_.size());
  const at::Tensor rows = counting(tile.height).add_(tile.top).remainder_(whole.ny),
                   columns = counting(tile.width).add_(tile.left).remainder_(whole.nx);
  const at::Tensor exits = matrix_.index_select(1, rows).index_select(2, columns).view({beams, -1});
  const at::Tensor area = at::matmul(coefficients(tile, positions), exits).view({count, tile.height, tile.width});
  const std::vector<std::int64_t> down(tile.down.begin(), tile.down.end()), right(tile.right.begin(), tile.right.end());
  const at::Tensor crop_rows = indices(down, device_).unsqueeze(1).add(counting(crop.ny)).unsqueeze(2),
                   crop_columns = indices(right, device_).unsqueeze(1).add(counting(crop.nx)).unsqueeze(1);
  const at::Tensor waves = at::index(area, {counting(count).view({count, 1, 1}), crop_rows, crop_columns});
  const at::Tensor intensity = intensity_of(to_fourier(waves));
  std::vector<at::Tensor> sums;
  for (const at::Tensor& weight : weights_) sums.push_back(sum_rows(intensity, weight));
  return at::stack(sums, 1).to(at::kCPU, at::kFloat).contiguous();
}

std::vector<std::vector<float>> DevicePrism::scan(const std::vector<ProbePosition>& positions,
                                                  const std::string& label) const {
  std::vector<std::vector<float>> result(positions.size());
  std::optional<Progress> progress;
  if (!label.empty()) {
    info("PRISM with {} beams on the device {}: {:.2f} GB of {:.2f} GB", beams_.size(), device_.str(), needed_ / 1e9,
         budget_ / 1e9);
    progress.emplace(label, std::int64_t(positions.size()));
  }
  for (const ProbeTile& tile :
       probe_tiles(positions, cell_, grids_.whole, grids_.crop, tile_side(), probes_together_, 0.5)) {
    const at::Tensor sums = run(tile, positions);
    const auto* values = sums.data_ptr<float>();
    for (const int probe : tile.probes) {
      result[std::size_t(probe)].assign(values, values + sums.size(1));
      values += sums.size(1);
    }
    if (progress) progress->advance(std::int64_t(tile.probes.size()));
  }
  return result;
}

nlohmann::json DevicePrism::record() const {
  return {{"device", device_.str()},
          {"device_memory_GB", needed_ / 1e9},
          {"probes_at_a_time", probes_together_},
          {"prism_interpolation", interpolation_},
          {"beams", beams_.size()},
          {"crop_px", {grids_.crop.ny, grids_.crop.nx}},
          {"crop_A", {grids_.crop.length_y_A(), grids_.crop.length_x_A()}},
          {"slices", slices_}};
}

}  // namespace colonnade
