// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/device/device_multislice.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/index.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <algorithm>
#include <cmath>
#include <optional>

#include "colonnade/core/log.h"
#include "colonnade/core/parallel.h"
#include "colonnade/core/progress.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/multislice_engine.h"
#include "colonnade/simulate/probe_window.h"

namespace colonnade {

namespace {

using Complex = std::complex<float>;

// Of the size of a batch's waves: the waves, their transform, the transform's own work space, the window of a slice,
// and as much again as one of them for what the allocator cannot use. Measured: device_memory in docs/design/device.md.
constexpr double waves_per_probe = 4;

}  // namespace

DeviceMultislice::DeviceMultislice(const Structure& structure, const PeriodicCell& cell, const Optics& optics,
                                   const Signals& signals, const MultisliceOptions& options, const at::Device& device,
                                   double memory_GB)
    : cell_(cell),
      window_(window_grid(cell.grid, options.window_A)),
      device_(device),
      wavelength_A_(electron_wavelength_A(optics.energy_keV)) {
  const TransmissionOptions slices = transmission_options(optics, options);
  signals.check();
  check_reach(signals.detectors, window_, wavelength_A_);
  auto stack = std::make_unique<TransmissionStack>(structure, cell, slices);
  const std::vector<int> indices = stack->slice_indices();
  plan_memory(*stack, signals, memory_GB);
  prepare_incident(optics, indices.front() * options.slice_A);
  for (const double depth : signals.depths_A) {
    const double above = std::round(depth / options.slice_A);
    depths_.push_back(int(std::count_if(indices.begin(), indices.end(), [above](int i) { return i < above; })));
  }
  weights_ = detector_tables(signals.detectors, window_, wavelength_A_, windowed(), true, device_);
  specimen_ = std::make_unique<DeviceSpecimen>(std::move(stack), window_, wavelength_A_, options.slice_A, device_);
  prepare_local(LocalSignalMaps(structure, cell, options.slice_A, indices, signals.local, window_));
}

bool DeviceMultislice::windowed() const { return !same_size(cell_.grid, window_); }

void DeviceMultislice::plan_memory(const TransmissionStack& stack, const Signals& signals, double memory_GB) {
  const double pixels = double(window_.size()), slices = double(stack.slice_indices().size());
  const double local = double(sizeof(float)) * double(cell_.grid.size()) * slices * double(signals.local.size());
  const double tables =
      double(sizeof(Complex)) * pixels + double(sizeof(float)) * pixels * double(signals.detectors.size() + 1);
  memory_.fixed = DeviceSpecimen::bytes(stack, window_) + local + tables;
  memory_.per_probe = waves_per_probe * double(sizeof(Complex)) * pixels;
  budget_ = memory_budget(device_, memory_GB);
  batch_ = batch_size(memory_, budget_, window_.size(), device_);
}

void DeviceMultislice::prepare_incident(const Optics& optics, double depth_A) {
  const IncidentWave wave = incident_wave(cell_.grid, window_, optics, depth_A);
  probe_in_window_ = wave.held;
  incident_ = to_device(wave.spectrum.data(), {window_.ny, window_.nx}, at::kComplexFloat, device_);
}

void DeviceMultislice::prepare_local(const LocalSignalMaps& maps) {
  local_signals_ = maps.count();
  for (int signal = 0; signal < maps.count(); ++signal) {
    for (int i = 0; i < specimen_->slices(); ++i) {
      const std::vector<float> map = maps.dense(i, signal);
      if (!map.empty()) {
        local_[i].push_back({signal, to_device(map.data(), {cell_.grid.ny, cell_.grid.nx}, at::kFloat, device_)});
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
  batch.shift_y = to_device(shift_y.data(), {count, window_.ny, 1}, at::kComplexFloat, device_);
  batch.shift_x = to_device(shift_x.data(), {count, 1, window_.nx}, at::kComplexFloat, device_);
  if (windowed()) {
    batch.rows = to_device(rows.data(), {count, window_.ny, 1}, at::kLong, device_);
    batch.columns = to_device(columns.data(), {count, 1, window_.nx}, at::kLong, device_);
  }
  return batch;
}

at::Tensor DeviceMultislice::around_probes(const at::Tensor& map, const Batch& batch) const {
  return windowed() ? at::index(map, {batch.rows, batch.columns}) : map;
}

void DeviceMultislice::measure_local(int slice, const at::Tensor& wave, const Batch& batch, at::Tensor& sums) const {
  const auto maps = local_.find(slice);
  if (maps == local_.end()) return;
  const at::Tensor intensity = intensity_of(wave);
  for (const auto& [signal, map] : maps->second) {
    sums.select(1, signal).add_(sum_rows(intensity, around_probes(map, batch)));
  }
}

at::Tensor DeviceMultislice::measure(const at::Tensor& spectrum, const at::Tensor& local) const {
  const at::Tensor intensity = intensity_of(spectrum);
  std::vector<at::Tensor> sums;
  for (const at::Tensor& weight : weights_) sums.push_back(sum_rows(intensity, weight));
  for (int i = 0; i < local_signals_; ++i) sums.insert(sums.end() - 1, local.select(1, i).clone());
  return at::stack(sums, 1);
}

at::Tensor DeviceMultislice::pass(const Batch& batch, at::Tensor& local, const Measure& behind) const {
  at::Tensor spectrum = incident_.mul(batch.shift_y);
  // Unnormalised, as if a transform had led here.
  spectrum.mul_(batch.shift_x).mul_(double(window_.size()));
  behind(0, spectrum);
  for (int i = 0; i < specimen_->slices(); ++i) {
    if (i > 0) {
      spectrum.mul_(specimen_->step_to(i));
    } else {
      spectrum.mul_(1 / double(window_.size()));
    }
    at::Tensor wave = to_space(spectrum);
    spectrum.reset();
    measure_local(i, wave, batch, local);
    wave.mul_(around_probes(specimen_->slice(i), batch));
    spectrum = to_fourier(wave);
    wave.reset();
    behind(i + 1, spectrum);
  }
  return spectrum;
}

at::Tensor DeviceMultislice::no_local_sums(const Batch& batch) const {
  return at::zeros({batch.shift_y.size(0), local_signals_}, at::TensorOptions().dtype(at::kDouble).device(device_));
}

at::Tensor DeviceMultislice::run(const Batch& batch) const {
  at::Tensor local = no_local_sums(batch);
  std::vector<at::Tensor> blocks(depths_.size() + 1);
  const at::Tensor spectrum = pass(batch, local, [&](int slices, const at::Tensor& reached) {
    for (std::size_t i = 0; i < depths_.size(); ++i) {
      if (depths_[i] == slices) blocks[i + 1] = measure(reached, local);
    }
  });
  blocks[0] = measure(spectrum, local);
  return at::cat(blocks, 1).to(at::kCPU, at::kFloat).contiguous();
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

void DeviceMultislice::scan_patterns(const std::vector<ProbePosition>& positions, const PatternGrid& grid,
                                     const PatternSink& sink, const std::string& label) const {
  const PatternBinning binning(grid, window_, wavelength_A_);
  std::optional<Progress> progress;
  if (!label.empty()) progress.emplace(label, std::int64_t(positions.size()));
  for (std::size_t first = 0; first < positions.size(); first += std::size_t(batch_)) {
    const int count = int(std::min<std::size_t>(batch_, positions.size() - first));
    const Batch batch = place(positions.data() + first, count);
    at::Tensor local = no_local_sums(batch);
    const at::Tensor spectrum = pass(batch, local, [](int, const at::Tensor&) {});
    const at::Tensor intensity = intensity_of(spectrum).mul_(weights_.back()).to(at::kCPU).contiguous();
    std::vector<std::vector<float>> patterns(count);
    parallel_for(count, [&](std::int64_t i, int) {
      const float* values = intensity.data_ptr<float>() + std::size_t(i) * window_.size();
      patterns[i] = binning.bin({values, values + window_.size()});
    });
    for (int i = 0; i < count; ++i) sink(first + i, patterns[i]);
    if (progress) progress->advance(count);
  }
}

nlohmann::json DeviceMultislice::record() const {
  return {{"device", device_.str()},
          {"probes_at_a_time", batch_},
          {"device_memory_GB", memory_.of(batch_) / 1e9},
          {"window_px", {window_.ny, window_.nx}},
          {"probe_in_window", probe_in_window_},
          {"slices", specimen_->slices()}};
}

}  // namespace colonnade
