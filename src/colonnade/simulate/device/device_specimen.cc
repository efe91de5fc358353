// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/device/device_specimen.h"

#include <ATen/ops/fft_fft2.h>
#include <ATen/ops/fft_ifft2.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/view_as_real.h>
#include <cmath>
#include <numbers>
#include <set>
#include <utility>

namespace colonnade {

namespace {

using Complex = std::complex<float>;

const at::OptionalIntArrayRef whole;

std::set<int> distances(const std::vector<int>& indices) {
  std::set<int> found;
  for (std::size_t i = 1; i < indices.size(); ++i) found.insert(indices[i] - indices[i - 1]);
  return found;
}

}  // namespace

at::Tensor to_device(const void* data, const std::vector<std::int64_t>& shape, at::ScalarType type,
                     const at::Device& device) {
  return at::from_blob(const_cast<void*>(data), shape, at::TensorOptions().dtype(type)).to(device, type, false, true);
}

at::Tensor complex_table(const WaveGrid& grid, const std::function<Complex(int row, int column)>& value,
                         const at::Device& device) {
  std::vector<Complex> values(grid.size());
  for (int row = 0; row < grid.ny; ++row) {
    for (int column = 0; column < grid.nx; ++column) values[std::size_t(row) * grid.nx + column] = value(row, column);
  }
  return to_device(values.data(), {grid.ny, grid.nx}, at::kComplexFloat, device);
}

at::Tensor real_table(const WaveGrid& grid, const std::function<double(int row, int column)>& value,
                      const at::Device& device) {
  std::vector<float> values(grid.size());
  for (int row = 0; row < grid.ny; ++row) {
    for (int column = 0; column < grid.nx; ++column) {
      values[std::size_t(row) * grid.nx + column] = float(value(row, column));
    }
  }
  return to_device(values.data(), {grid.ny, grid.nx}, at::kFloat, device);
}

at::Tensor to_fourier(const at::Tensor& waves) { return at::fft_fft2(waves, whole, {-2, -1}, "backward"); }

at::Tensor to_space(const at::Tensor& spectrum) { return at::fft_ifft2(spectrum, whole, {-2, -1}, "forward"); }

at::Tensor intensity_of(const at::Tensor& wave) {
  const at::Tensor parts = at::view_as_real(wave);
  return parts.select(-1, 0).square().addcmul_(parts.select(-1, 1), parts.select(-1, 1));
}

at::Tensor sum_rows(const at::Tensor& intensity, const at::Tensor& weights) {
  return intensity.mul(weights).sum(-1).to(at::kDouble).sum(-1);
}

std::vector<at::Tensor> detector_tables(const std::vector<AnnularDetector>& detectors, const WaveGrid& grid,
                                        double wavelength_A, bool soft, bool band_limited, const at::Device& device) {
  const double scale = 1 / double(grid.size()) / double(grid.size());
  const auto within = [&](int row, int column) {
    return band_limited ? scale * std::pow(grid.band_limit(grid.kx(column), grid.ky(row)), 2) : scale;
  };
  std::vector<at::Tensor> tables;
  for (const auto& detector : detectors) {
    tables.push_back(real_table(
        grid,
        [&](int row, int column) {
          return within(row, column) * detector_weight(detector, grid, row, column, wavelength_A, soft);
        },
        device));
  }
  tables.push_back(real_table(grid, within, device));
  return tables;
}

DeviceSpecimen::DeviceSpecimen(std::unique_ptr<TransmissionStack> stack, const WaveGrid& waves, double wavelength_A,
                               double slice_A, const at::Device& device)
    : indices_(stack->slice_indices()), stack_(std::move(stack)) {
  const std::vector<std::int64_t> shape{stack_->grid().ny, stack_->grid().nx};
  for (int i = 0; i < int(indices_.size()); ++i) {
    const Complex* slice = stack_->row(i, 0);
    slices_.push_back(device.is_cpu() ? at::from_blob(const_cast<Complex*>(slice), shape, at::kComplexFloat)
                                      : to_device(slice, shape, at::kComplexFloat, device));
  }
  if (!device.is_cpu()) stack_.reset();
  const double scale = 1 / double(waves.size());
  for (const int slices : distances(indices_)) {
    const auto value = [&](int row, int column) {
      const double kx = waves.kx(column), ky = waves.ky(row), k = std::hypot(kx, ky);
      const double phase = -std::numbers::pi * wavelength_A * slices * slice_A * k * k;
      return Complex(std::polar(waves.band_limit(kx, ky) * scale, phase));
    };
    free_space_.emplace(slices, complex_table(waves, value, device));
  }
}

double DeviceSpecimen::bytes(const TransmissionStack& stack, const WaveGrid& waves) {
  const auto& indices = stack.slice_indices();
  return double(sizeof(Complex)) * (double(stack.grid().size()) * double(indices.size()) +
                                    double(waves.size()) * double(distances(indices).size()));
}

}  // namespace colonnade
