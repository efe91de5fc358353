// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/device/device_multislice.h"

#include <ATen/ops/fft_fft2.h>
#include <ATen/ops/fft_ifft2.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/index.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/view_as_real.h>
#include <ATen/ops/zeros.h>
#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <optional>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/progress.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/multislice_engine.h"
#include "colonnade/simulate/probe_window.h"

namespace colonnade {

namespace {

using Complex = std::complex<float>;

// Of the size of a batch's waves: the waves, their transform, the transform's own work space, the window of a slice,
// and as much again as one of them for what the allocator cannot use. Measured: device_memory in docs/design/device.md.
constexpr double waves_per_probe = 5;

template <class T>
std::vector<T> on_grid(const WaveGrid& grid, const std::function<T(int row, int column)>& value) {
  std::vector<T> values;
  values.reserve(grid.size());
  for (int row = 0; row < grid.ny; ++row) {
    for (int column = 0; column < grid.nx; ++column) values.push_back(value(row, column));
  }
  return values;
}

const at::OptionalIntArrayRef whole;

// Neither transform is normalised; the propagator and the detectors carry the factors.
at::Tensor to_fourier(const at::Tensor& waves) { return at::fft_fft2(waves, whole, {-2, -1}, "backward"); }
at::Tensor to_space(const at::Tensor& spectrum) { return at::fft_ifft2(spectrum, whole, {-2, -1}, "forward"); }

at::Tensor intensity_of(const at::Tensor& wave) {
  const at::Tensor parts = at::view_as_real(wave);
  return parts.select(-1, 0).square().addcmul_(parts.select(-1, 1), parts.select(-1, 1));
}

}  // namespace

DeviceMultislice::DeviceMultislice(const Structure& structure, const PeriodicCell& cell, const Optics& optics,
                                   const Signals& signals, const MultisliceOptions& options, const at::Device& device,
                                   double memory_GB)
    : cell_(cell), window_(window_grid(cell.grid, options.window_A)), device_(device) {
  const TransmissionOptions slices = transmission_options(optics, options);
  check_signals(signals);
  check_reach(signals.detectors, window_, electron_wavelength_A(optics.energy_keV));
  stack_ = std::make_unique<TransmissionStack>(structure, cell, slices);
  indices_ = stack_->slice_indices();
  plan_memory(signals, memory_GB);
  upload();
  prepare_local(LocalSignalMaps(structure, cell, options.slice_A, indices_, signals.local, window_));
  prepare_waves(optics, options.slice_A);
  prepare_detectors(signals.detectors, electron_wavelength_A(optics.energy_keV));
}

bool DeviceMultislice::windowed() const { return !same_size(cell_.grid, window_); }

void DeviceMultislice::plan_memory(const Signals& signals, double memory_GB) {
  std::set<int> distances;
  for (std::size_t i = 1; i < indices_.size(); ++i) distances.insert(indices_[i] - indices_[i - 1]);
  const double pixels = double(window_.size()), slices = double(cell_.grid.size()) * double(indices_.size());
  const double local = double(sizeof(float)) * slices * double(signals.local.size());
  const double propagators = double(sizeof(Complex)) * pixels * double(distances.size() + 1);
  const double detectors = double(sizeof(float)) * pixels * double(signals.detectors.size() + 1);
  memory_.fixed = double(sizeof(Complex)) * slices + local + propagators + detectors;
  memory_.per_probe = waves_per_probe * double(sizeof(Complex)) * pixels;
  budget_ = memory_budget(device_, memory_GB);
  batch_ = batch_size(memory_, budget_, window_.size(), device_);
}

at::Tensor DeviceMultislice::to_device(const void* data, std::vector<std::int64_t> shape, at::ScalarType type) const {
  const auto options = at::TensorOptions().dtype(type);
  return at::from_blob(const_cast<void*>(data), shape, options).to(device_, type, false, true);
}

// The processor works on the slices where they are.
void DeviceMultislice::upload() {
  const std::vector<std::int64_t> shape{cell_.grid.ny, cell_.grid.nx};
  for (int i = 0; i < int(indices_.size()); ++i) {
    const Complex* slice = stack_->row(i, 0);
    slices_.push_back(device_.is_cpu() ? at::from_blob(const_cast<Complex*>(slice), shape, at::kComplexFloat)
                                       : to_device(slice, shape, at::kComplexFloat));
  }
  if (!device_.is_cpu()) stack_.reset();
}

void DeviceMultislice::prepare_waves(const Optics& optics, double slice_A) {
  const std::vector<std::int64_t> shape{window_.ny, window_.nx};
  const IncidentWave wave = incident_wave(cell_.grid, window_, optics, indices_.front() * slice_A);
  probe_in_window_ = wave.held;
  incident_ = to_device(wave.spectrum.data(), shape, at::kComplexFloat);
  const double wavelength = electron_wavelength_A(optics.energy_keV), scale = 1 / double(window_.size());
  for (std::size_t i = 1; i < indices_.size(); ++i) {
    const int slices = indices_[i] - indices_[i - 1];
    if (free_space_.count(slices) != 0) continue;
    const auto values = on_grid<Complex>(window_, [&](int row, int column) {
      const double k = std::hypot(window_.kx(column), window_.ky(row));
      return Complex(std::polar(window_.band_limit(window_.kx(column), window_.ky(row)) * scale,
                                -std::numbers::pi * wavelength * slices * slice_A * k * k));
    });
    free_space_.emplace(slices, to_device(values.data(), shape, at::kComplexFloat));
  }
}

void DeviceMultislice::prepare_detectors(const std::vector<AnnularDetector>& detectors, double wavelength_A) {
  const double scale = 1 / double(window_.size()) / double(window_.size());
  const auto add = [&](const std::function<double(int, int)>& weight) {
    const auto values = on_grid<float>(window_, [&](int row, int column) {
      const double limit = window_.band_limit(window_.kx(column), window_.ky(row));
      return float(scale * limit * limit * weight(row, column));
    });
    weights_.push_back(to_device(values.data(), {window_.ny, window_.nx}, at::kFloat));
  };
  for (const auto& detector : detectors) {
    add([&](int row, int column) { return detector_weight(detector, window_, row, column, wavelength_A, windowed()); });
  }
  add([](int, int) { return 1; });
}

void DeviceMultislice::prepare_local(const LocalSignalMaps& maps) {
  local_signals_ = maps.count();
  for (int signal = 0; signal < maps.count(); ++signal) {
    for (int i = 0; i < int(indices_.size()); ++i) {
      const std::vector<float> map = maps.dense(i, signal);
      if (!map.empty()) {
        local_[i].push_back({signal, to_device(map.data(), {cell_.grid.ny, cell_.grid.nx}, at::kFloat)});
      }
    }
  }
}

DeviceMultislice::Batch DeviceMultislice::place(const ProbePosition* first, int count) const {
  std::vector<Complex> shift_y(std::size_t(count) * window_.ny), shift_x(std::size_t(count) * window_.nx);
  std::vector<std::int64_t> rows(shift_y.size()), columns(shift_x.size());
  for (int i = 0; i < count; ++i) {
    const ProbePlace place = place_probe(first[i], cell_, window_);
    fill_shift(shift_y.data() + std::size_t(i) * window_.ny, window_.ny, place.y_px);
    fill_shift(shift_x.data() + std::size_t(i) * window_.nx, window_.nx, place.x_px);
    for (int y = 0; y < window_.ny; ++y) rows[std::size_t(i) * window_.ny + y] = (place.top + y) % cell_.grid.ny;
    for (int x = 0; x < window_.nx; ++x) columns[std::size_t(i) * window_.nx + x] = (place.left + x) % cell_.grid.nx;
  }
  Batch batch;
  batch.shift_y = to_device(shift_y.data(), {count, window_.ny, 1}, at::kComplexFloat);
  batch.shift_x = to_device(shift_x.data(), {count, 1, window_.nx}, at::kComplexFloat);
  if (windowed()) {
    batch.rows = to_device(rows.data(), {count, window_.ny, 1}, at::kLong);
    batch.columns = to_device(columns.data(), {count, 1, window_.nx}, at::kLong);
  }
  return batch;
}

at::Tensor DeviceMultislice::around_probes(const at::Tensor& map, const Batch& batch) const {
  return windowed() ? at::index(map, {batch.rows, batch.columns}) : map;
}

// Rows are summed in single precision, their sums in double: the order of the sums is then the same for any number of
// threads and any batch.
at::Tensor DeviceMultislice::sum_rows(const at::Tensor& intensity, const at::Tensor& weights) {
  return intensity.mul(weights).sum(-1).to(at::kDouble).sum(-1);
}

void DeviceMultislice::measure_local(int slice, const at::Tensor& wave, const Batch& batch, at::Tensor& sums) const {
  const auto maps = local_.find(slice);
  if (maps == local_.end()) return;
  const at::Tensor intensity = intensity_of(wave);
  for (const auto& [signal, map] : maps->second) {
    sums.select(1, signal).add_(sum_rows(intensity, around_probes(map, batch)));
  }
}

at::Tensor DeviceMultislice::run(const Batch& batch) const {
  const std::int64_t probes = batch.shift_y.size(0);
  at::Tensor local = at::zeros({probes, local_signals_}, at::TensorOptions().dtype(at::kDouble).device(device_));
  at::Tensor spectrum = incident_.mul(batch.shift_y);
  spectrum.mul_(batch.shift_x);
  for (int i = 0; i < int(indices_.size()); ++i) {
    if (i > 0) spectrum.mul_(free_space_.at(indices_[i] - indices_[i - 1]));
    at::Tensor wave = to_space(spectrum);
    spectrum.reset();
    measure_local(i, wave, batch, local);
    wave.mul_(around_probes(slices_[i], batch));
    spectrum = to_fourier(wave);
  }
  const at::Tensor intensity = intensity_of(spectrum);
  std::vector<at::Tensor> sums;
  for (const at::Tensor& weight : weights_) sums.push_back(sum_rows(intensity, weight));
  for (int i = 0; i < local_signals_; ++i) sums.insert(sums.end() - 1, local.select(1, i));
  return at::stack(sums, 1).to(at::kCPU, at::kFloat).contiguous();
}

std::vector<std::vector<float>> DeviceMultislice::scan(const std::vector<ProbePosition>& positions,
                                                       const std::string& label) const {
  std::vector<std::vector<float>> result;
  result.reserve(positions.size());
  const int batch = int(std::min<std::size_t>(batch_, positions.size()));
  std::optional<Progress> progress;
  if (!label.empty()) {
    info("{} probes at a time on the device {}: {:.2f} GB of {:.2f} GB", batch, device_.str(), memory_.of(batch) / 1e9,
         budget_ / 1e9);
    progress.emplace(label, std::int64_t(positions.size()));
  }
  for (std::size_t first = 0; first < positions.size(); first += std::size_t(batch)) {
    const int count = int(std::min<std::size_t>(batch, positions.size() - first));
    const at::Tensor sums = run(place(positions.data() + first, count));
    const auto* values = sums.data_ptr<float>();
    const std::int64_t size = sums.size(1);
    for (int i = 0; i < count; ++i, values += size) result.emplace_back(values, values + size);
    if (progress) progress->advance(count);
  }
  return result;
}

nlohmann::json DeviceMultislice::record() const {
  return {{"device", device_.str()},
          {"probes_at_a_time", batch_},
          {"device_memory_GB", memory_.of(batch_) / 1e9},
          {"window_px", {window_.ny, window_.nx}},
          {"probe_in_window", probe_in_window_},
          {"slices", indices_.size()}};
}

}  // namespace colonnade
