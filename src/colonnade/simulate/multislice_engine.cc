// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/multislice_engine.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/core/progress.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/probe_window.h"

namespace colonnade {

TransmissionOptions transmission_options(const Optics& optics, const MultisliceOptions& options) {
  optics.check();
  options.check();
  return {optics.energy_keV, options.slice_A, options.oversampling, parse_parametrization(options.parametrization),
          options.memory_limit_GB};
}

/// What one thread needs of its own.
struct Multislice::Workspace {
  Propagator::Wave wave;
  std::vector<Complex> phase_y, phase_x;
  int top = 0, left = 0;
};

Multislice::Multislice(const Structure& structure, const PeriodicCell& cell, const Optics& optics,
                       const Signals& signals, const MultisliceOptions& options)
    : cell_(cell),
      stack_(structure, cell, transmission_options(optics, options)),
      propagator_(window_grid(cell.grid, options.window_A), electron_wavelength_A(optics.energy_keV)) {
  check_signals(signals);
  prepare_detectors(signals.detectors, electron_wavelength_A(optics.energy_keV));
  local_ = LocalSignalMaps(structure, cell, options.slice_A, stack_.slice_indices(), signals.local, window());
  prepare_distances(options.slice_A);
  const double depth_A = stack_.slice_indices().front() * options.slice_A;
  prepare_incident(optics, depth_A);
  if (options.window_tails && windowed()) {
    tails_ = std::make_unique<WindowTails>(structure, cell, window(), optics, depth_A, signals,
                                           parse_parametrization(options.parametrization),
                                           [this](const auto& positions) { return scan(positions); });
  }
}

void Multislice::prepare_incident(const Optics& optics, double depth_A) {
  const WaveGrid& grid = window();
  const IncidentWave wave = incident_wave(cell_.grid, grid, optics, depth_A);
  probe_in_window_ = wave.held;
  incident_ = propagator_.make_table<Complex>(
      [&](int row, int column) { return wave.spectrum[std::size_t(row) * grid.nx + column]; });
  const double widest = optics.semiangle_mrad * 1e-3 / electron_wavelength_A(optics.energy_keV) + 1 / grid.length_x_A();
  incident_blocks_ = propagator_.blocks_within(windowed() ? 1 / grid.pitch_x_A : widest);
}

void Multislice::prepare_detectors(const std::vector<AnnularDetector>& detectors, double wavelength_A) {
  const WaveGrid& grid = propagator_.grid();
  check_reach(detectors, grid, wavelength_A);
  const double scale = 1 / double(grid.size()) / double(grid.size());
  const auto within = [&](int row, int column) {
    return scale * std::pow(grid.band_limit(std::hypot(grid.kx(column), grid.ky(row))), 2);
  };
  for (const auto& detector : detectors) {
    weights_.push_back(propagator_.make_table<float>([&](int row, int column) {
      return float(within(row, column) * detector_weight(detector, grid, row, column, wavelength_A, windowed()));
    }));
  }
  weights_.push_back(propagator_.make_table<float>([&](int row, int column) { return float(within(row, column)); }));
}

void Multislice::prepare_distances(double slice_A) {
  const auto& indices = stack_.slice_indices();
  for (std::size_t i = 1; i < indices.size(); ++i) {
    const int slices = indices[i] - indices[i - 1];
    if (free_space_.count(slices) == 0) free_space_.emplace(slices, propagator_.free_space(slices * slice_A));
  }
}

void Multislice::place(const ProbePosition& position, Workspace& workspace) const {
  const ProbePlace place = place_probe(position, cell_, window());
  workspace.left = place.left;
  workspace.top = place.top;
  fill_shift(workspace.phase_x.data(), window().nx, place.x_px);
  fill_shift(workspace.phase_y.data(), window().ny, place.y_px);
}

std::vector<float> Multislice::run(const ProbePosition& position, Workspace& workspace) const {
  place(position, workspace);
  auto& wave = workspace.wave;
  std::vector<double> local(std::size_t(local_.count()));
  propagator_.start(wave, incident_, workspace.phase_y.data(), workspace.phase_x.data(), incident_blocks_);
  const auto& indices = stack_.slice_indices();
  for (std::size_t i = 0; i < indices.size(); ++i) {
    if (i > 0) propagator_.propagate(wave, free_space_.at(indices[i] - indices[i - 1]));
    propagator_.transmit(wave, stack_, int(i), workspace.top, workspace.left, local_, local.data());
  }
  std::vector<double> sums(weights_.size());
  propagator_.finish(wave, weights_, sums.data());
  sums.insert(sums.end() - 1, local.begin(), local.end());
  return {sums.begin(), sums.end()};
}

nlohmann::json Multislice::record() const {
  nlohmann::json record = {
      {"window_px", {window().ny, window().nx}}, {"probe_in_window", probe_in_window_}, {"slices", slice_count()}};
  if (tails_) record["window_tails"] = tails_->factors();
  if (!local_.empty()) record["local_signal_bytes"] = local_.bytes();
  return record;
}

std::vector<float> Multislice::probe_intensities(double x_A, double y_A) const { return scan({{x_A, y_A}}).front(); }

std::vector<std::vector<float>> Multislice::scan(const std::vector<ProbePosition>& positions,
                                                 const std::string& label) const {
  std::vector<std::vector<float>> result(positions.size());
  std::unique_ptr<Progress> progress;
  if (!label.empty()) progress = std::make_unique<Progress>(label, std::int64_t(positions.size()));
  std::vector<std::unique_ptr<Workspace>> workspaces(thread_count());
  parallel_for(std::int64_t(positions.size()), [&](std::int64_t i, int worker) {
    auto& workspace = workspaces[worker];
    if (!workspace) {
      const WaveGrid& grid = propagator_.grid();
      workspace = std::make_unique<Workspace>(
          Workspace{propagator_.make_wave(), std::vector<Complex>(grid.ny), std::vector<Complex>(grid.nx)});
    }
    result[i] = run(positions[i], *workspace);
    if (tails_) tails_->add(positions[i], result[i]);
    if (progress) progress->advance();
  });
  return result;
}

}  // namespace colonnade
