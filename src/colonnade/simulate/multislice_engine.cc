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

namespace {

// Patterns held before they are passed on, bytes.
constexpr std::size_t pattern_memory = 64 << 20;

constexpr double least_calibration_window_A = 20;

}  // namespace

TransmissionOptions transmission_options(const Optics& optics, const MultisliceOptions& options) {
  optics.check();
  options.check();
  if (options.slice_A == 0) fail("the slice thickness is not settled; call settled() or give one");
  return {optics.energy_keV,
          options.slice_A,
          options.oversampling,
          parse_parametrization(options.parametrization),
          parse_projection(options.projection),
          options.thermal,
          options.memory_limit_GB};
}

/// What one thread needs of its own.
struct Multislice::Workspace {
  Propagator::Wave wave;
  std::vector<Complex> phase_y, phase_x;
  std::vector<double> far, local;  ///< sums on detectors, and of local signals so far
  int top = 0, left = 0;
};

Multislice::Multislice(const Structure& structure, const PeriodicCell& cell, const Optics& optics,
                       const Signals& signals, const MultisliceOptions& options)
    : Multislice(structure, TransmissionStack(structure, cell, transmission_options(optics, options)), cell, optics,
                 signals, options) {}

Multislice::Multislice(TransmissionStack stack, const PeriodicCell& cell, const Optics& optics, const Signals& signals,
                       const MultisliceOptions& options)
    : Multislice(Structure{}, std::move(stack), cell, optics, signals, options) {
  if (!signals.local.empty())
    fail("given potentials have no atoms, so the signal '{}' cannot be", signals.local[0].name);
}

Multislice::Multislice(const Structure& structure, TransmissionStack stack, const PeriodicCell& cell,
                       const Optics& optics, const Signals& signals, const MultisliceOptions& options)
    : cell_(cell),
      stack_(std::move(stack)),
      propagator_(window_grid(cell.grid, options.window_A), electron_wavelength_A(optics.energy_keV)) {
  signals.check();
  prepare_detectors(signals.detectors, electron_wavelength_A(optics.energy_keV));
  local_ = LocalSignalMaps(structure, cell, options.slice_A, stack_.slice_indices(), signals.local, window());
  prepare_distances(options.slice_A);
  prepare_depths(signals.depths_A, options.slice_A);
  prepare_incident(optics, stack_.slice_indices().front() * options.slice_A);
  if (options.window_tails && windowed()) prepare_tails(structure, optics, signals, options);
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

// Calibrated against a window so wide that it lacks a quarter of these tails at most; the slices are shared.
void Multislice::prepare_tails(const Structure& structure, const Optics& optics, const Signals& signals,
                               const MultisliceOptions& options) {
  MultisliceOptions wide = options;
  wide.window_tails = false;
  wide.window_A = std::max(least_calibration_window_A, 2 * options.window_A);
  const Multislice wider(structure, stack_, cell_, optics, signals, wide);
  tails_ = std::make_unique<WindowTails>(
      structure, cell_, optics, stack_.slice_indices().front() * options.slice_A, signals,
      parse_parametrization(options.parametrization),
      WindowTails::Level{window(), [this](const auto& positions) { return scan(positions); }},
      WindowTails::Level{wider.window(), [&wider](const auto& positions) { return wider.scan(positions); }});
}

void Multislice::prepare_detectors(const std::vector<AnnularDetector>& detectors, double wavelength_A) {
  const WaveGrid& grid = propagator_.grid();
  check_reach(detectors, grid, wavelength_A);
  const double scale = 1 / double(grid.size()) / double(grid.size());
  const auto within = [&](int row, int column) {
    return scale * std::pow(grid.band_limit(grid.kx(column), grid.ky(row)), 2);
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

void Multislice::prepare_depths(const std::vector<double>& depths_A, double slice_A) {
  const auto& indices = stack_.slice_indices();
  for (const double depth : depths_A) {
    const double slices = std::round(depth / slice_A);
    depths_.push_back(int(std::count_if(indices.begin(), indices.end(), [slices](int i) { return i < slices; })));
  }
}

Multislice::Workspace Multislice::make_workspace() const {
  return {propagator_.make_wave(), std::vector<Complex>(window().ny), std::vector<Complex>(window().nx),
          std::vector<double>(weights_.size()), std::vector<double>(std::size_t(local_.count()))};
}

void Multislice::start(const ProbePosition& position, Workspace& workspace) const {
  place(position, workspace);
  propagator_.start(workspace.wave, incident_, workspace.phase_y.data(), workspace.phase_x.data(), incident_blocks_);
}

// In the order of scan(): the fraction left comes last.
void Multislice::write(const std::vector<double>& far, const std::vector<double>& local, float* values) const {
  values = std::copy(far.begin(), far.end() - 1, values);
  values = std::copy(local.begin(), local.end(), values);
  *values = float(far.back());
}

void Multislice::pass(const ProbePosition& position, Workspace& workspace, float* values) const {
  auto& wave = workspace.wave;
  auto& local = workspace.local;
  std::fill(local.begin(), local.end(), 0.0);
  const std::size_t block = workspace.far.size() + local.size();
  const auto asked = [&](int entries) {
    return values != nullptr && std::find(depths_.begin(), depths_.end(), entries) != depths_.end();
  };
  const auto measured = [&](int entries) {
    for (std::size_t d = 0; d < depths_.size(); ++d) {
      if (depths_[d] == entries) write(workspace.far, local, values + (d + 1) * block);
    }
  };
  start(position, workspace);
  if (asked(0)) {
    propagator_.finish(wave, weights_, workspace.far.data());
    // The weights count on the transforms of a pass over the rows, which the incident wave has not made.
    for (double& sum : workspace.far) sum *= double(window().nx) * double(window().nx);
    measured(0);
    start(position, workspace);
  }
  const auto& indices = stack_.slice_indices();
  for (int i = 0; i < int(indices.size()); ++i) {
    if (i > 0) {
      const auto& step = free_space_.at(indices[i] - indices[i - 1]);
      if (asked(i)) {
        propagator_.propagate(wave, step, weights_, workspace.far.data());
        measured(i);
      } else {
        propagator_.propagate(wave, step);
      }
    }
    propagator_.transmit(wave, stack_, i, workspace.top, workspace.left, local_, local.data());
  }
}

std::vector<float> Multislice::run(const ProbePosition& position, Workspace& workspace) const {
  const std::size_t block = workspace.far.size() + workspace.local.size();
  std::vector<float> values(block * (depths_.size() + 1));
  pass(position, workspace, values.data());
  propagator_.finish(workspace.wave, weights_, workspace.far.data());
  write(workspace.far, workspace.local, values.data());
  for (std::size_t d = 0; d < depths_.size(); ++d) {
    if (depths_[d] == slice_count())
      std::copy_n(values.begin(), block, values.begin() + std::ptrdiff_t(block * (d + 1)));
  }
  return values;
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
    if (!workspace) workspace = std::make_unique<Workspace>(make_workspace());
    result[i] = run(positions[i], *workspace);
    if (tails_) tails_->add(positions[i], result[i]);
    if (progress) progress->advance();
  });
  return result;
}

void Multislice::scan_patterns(const std::vector<ProbePosition>& positions, const PatternGrid& grid,
                               const PatternSink& sink, const std::string& label) const {
  const PatternBinning binning(grid, window(), propagator_.wavelength_A());
  const std::size_t pattern_bytes = std::size_t(grid.pixels) * std::size_t(grid.pixels) * sizeof(float);
  const std::size_t batch = std::max(std::size_t(thread_count()), pattern_memory / pattern_bytes);
  std::unique_ptr<Progress> progress;
  if (!label.empty()) progress = std::make_unique<Progress>(label, std::int64_t(positions.size()));
  std::vector<std::unique_ptr<Workspace>> workspaces(thread_count());
  std::vector<std::vector<float>> planes(thread_count()), patterns;
  for (std::size_t first = 0; first < positions.size(); first += batch) {
    patterns.resize(std::min(batch, positions.size() - first));
    parallel_for(std::int64_t(patterns.size()), [&](std::int64_t i, int worker) {
      auto& workspace = workspaces[worker];
      if (!workspace) workspace = std::make_unique<Workspace>(make_workspace());
      pass(positions[first + i], *workspace, nullptr);
      propagator_.finish(workspace->wave, weights_.back(), planes[worker]);
      patterns[i] = binning.bin(planes[worker]);
      if (progress) progress->advance();
    });
    for (std::size_t i = 0; i < patterns.size(); ++i) sink(first + i, patterns[i]);
  }
}

}  // namespace colonnade
