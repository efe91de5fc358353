// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/multislice_engine.h"

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

constexpr double least_probe_in_window = 0.9;

TransmissionOptions transmission_options(const Optics& optics, const MultisliceOptions& options) {
  optics.check();
  options.check();
  return {optics.energy_keV,
          options.slice_A,
          options.oversampling,
          parse_parametrization(options.parametrization),
          parse_projection(options.projection),
          options.thermal};
}

WaveGrid window_grid(const WaveGrid& cell, double window_A) {
  if (window_A == 0) return cell;
  if (std::abs(cell.pitch_x_A / cell.pitch_y_A - 1) > 1e-9) {
    fail("a window needs the same pitch in x and y, not {} and {} A; use window 0", cell.pitch_x_A, cell.pitch_y_A);
  }
  // A little short of the side is near enough; 128 is faster than the 120 before it.
  int side = fft_size(0.97 * window_A / cell.pitch_x_A, 8);
  if (side == 120) side = 128;
  return {std::min(side, cell.ny), std::min(side, cell.nx), cell.pitch_y_A, cell.pitch_x_A, cell.band};
}

int wrap(long long index, int period) { return int(((index % period) + period) % period); }

// The spectrum, on a window around the origin, of a wave given by its spectrum on the whole cell.
std::vector<Complex> cut_out(const std::vector<Complex>& spectrum, const WaveGrid& cell, const WaveGrid& window) {
  AlignedArray<Complex> whole(cell.size()), part(window.size());
  std::copy(spectrum.begin(), spectrum.end(), whole.data());
  FftPlan::plane(cell.ny, cell.nx, FftSign::backward).execute(whole.data());
  for (int y = -window.ny / 2; y < window.ny / 2; ++y) {
    for (int x = -window.nx / 2; x < window.nx / 2; ++x) {
      part[std::size_t(wrap(y, window.ny)) * window.nx + wrap(x, window.nx)] =
          whole[std::size_t(wrap(y, cell.ny)) * cell.nx + wrap(x, cell.nx)];
    }
  }
  FftPlan::plane(window.ny, window.nx, FftSign::forward).execute(part.data());
  // Fourier coefficients so normalised that their squares sum to the intensity in the window.
  const float scale = float(1 / std::sqrt(double(cell.size()) * double(window.size())));
  std::vector<Complex> result(window.size());
  std::transform(part.data(), part.data() + part.size(), result.begin(), [scale](Complex v) { return v * scale; });
  return result;
}

}  // namespace

/// What one thread needs of its own.
struct Multislice::Workspace {
  Propagator::Wave wave;
  std::vector<Complex> phase_y, phase_x;
  int top = 0, left = 0;
};

Multislice::Multislice(const Structure& structure, const PeriodicCell& cell, const Optics& optics,
                       const Signals& signals, const MultisliceOptions& options)
    : Multislice(TransmissionStack(structure, cell, transmission_options(optics, options)), cell, optics, signals,
                 options) {}

Multislice::Multislice(TransmissionStack stack, const PeriodicCell& cell, const Optics& optics, const Signals& signals,
                       const MultisliceOptions& options)
    : cell_(cell),
      stack_(std::move(stack)),
      propagator_(window_grid(cell.grid, options.window_A), electron_wavelength_A(optics.energy_keV)) {
  prepare_detectors(signals.detectors, electron_wavelength_A(optics.energy_keV));
  prepare_distances(options.slice_A);
  prepare_incident(optics, stack_.slice_indices().front() * options.slice_A);
}

void Multislice::prepare_incident(const Optics& optics, double depth_A) {
  const double wavelength = electron_wavelength_A(optics.energy_keV);
  const WaveGrid& cell = cell_.grid;
  auto spectrum = probe_spectrum(cell, optics);
  for (int row = 0; row < cell.ny; ++row) {
    for (int column = 0; column < cell.nx; ++column) {
      Complex& value = spectrum[std::size_t(row) * cell.nx + column];
      if (value == Complex(0)) continue;
      const double k_squared = std::pow(cell.kx(column), 2) + std::pow(cell.ky(row), 2);
      value =
          Complex(std::complex<double>(value) * std::polar(1.0, -std::numbers::pi * wavelength * depth_A * k_squared));
    }
  }
  const WaveGrid& grid = window();
  if (windowed()) {
    spectrum = cut_out(spectrum, cell, grid);
    for (const Complex& value : spectrum) probe_in_window_ += std::norm(value);
    if (probe_in_window_ < least_probe_in_window) {
      fail("only {:.0f} % of this probe lies in a window of {:.1f} A; use a wider window, or 0 for the whole cell",
           100 * probe_in_window_, grid.length_x_A());
    }
  } else {
    probe_in_window_ = 1;
  }
  incident_ = propagator_.make_table<Complex>(
      [&](int row, int column) { return spectrum[std::size_t(row) * grid.nx + column]; });
  const double widest = optics.semiangle_mrad * 1e-3 / wavelength + 1 / grid.length_x_A();
  incident_blocks_ = propagator_.blocks_within(windowed() ? 1 / grid.pitch_x_A : widest);
}

void Multislice::prepare_detectors(const std::vector<AnnularDetector>& detectors, double wavelength_A) {
  check_detectors(detectors);
  const WaveGrid& grid = propagator_.grid();
  const double scale = 1 / double(grid.size()) / double(grid.size());
  const double largest = 1e3 * wavelength_A * grid.band_end();
  const auto within = [&](int row, int column) {
    return scale * std::pow(grid.band_limit(grid.kx(column), grid.ky(row)), 2);
  };
  for (const auto& detector : detectors) {
    if (detector.outer_mrad > largest * (1 + 1e-12)) {
      fail(
          "detector '{}' reaches {} mrad and the grid carries {:.1f} mrad at most; use a sampling of {:.4f} A or finer",
          detector.name, detector.outer_mrad, largest,
          std::max(grid.pitch_x_A, grid.pitch_y_A) * largest / detector.outer_mrad);
    }
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

// The window's corner lies on a pixel of the cell; the probe's distance from it is a phase.
void Multislice::place(const ProbePosition& position, Workspace& workspace) const {
  const WaveGrid& grid = propagator_.grid();
  const auto corner_of = [](double pixels, int window, int cell) {
    return window == cell ? 0LL : std::llround(pixels) - window / 2;
  };
  const double x = (position.x_A - cell_.origin.x) / grid.pitch_x_A,
               y = (position.y_A - cell_.origin.y) / grid.pitch_y_A;
  const long long left = corner_of(x, grid.nx, cell_.grid.nx), top = corner_of(y, grid.ny, cell_.grid.ny);
  workspace.left = wrap(left, cell_.grid.nx);
  workspace.top = wrap(top, cell_.grid.ny);
  const auto fill = [](std::vector<Complex>& phases, int size, double pixels) {
    for (int i = 0; i < size; ++i) {
      const double turns = pixels * (i < size / 2 ? i : i - size) / size;
      phases[i] = Complex(std::polar(1.0, -2 * std::numbers::pi * (turns - std::round(turns))));
    }
  };
  fill(workspace.phase_x, grid.nx, x - double(left));
  fill(workspace.phase_y, grid.ny, y - double(top));
}

std::vector<float> Multislice::run(const ProbePosition& position, Workspace& workspace) const {
  place(position, workspace);
  auto& wave = workspace.wave;
  propagator_.start(wave, incident_, workspace.phase_y.data(), workspace.phase_x.data(), incident_blocks_);
  const auto& indices = stack_.slice_indices();
  for (std::size_t i = 0; i < indices.size(); ++i) {
    if (i > 0) propagator_.propagate(wave, free_space_.at(indices[i] - indices[i - 1]));
    propagator_.transmit(wave, stack_, int(i), workspace.top, workspace.left);
  }
  std::vector<double> sums(weights_.size());
  propagator_.finish(wave, weights_, sums.data());
  return {sums.begin(), sums.end()};
}

nlohmann::json Multislice::record() const {
  return {{"window_px", {window().ny, window().nx}}, {"probe_in_window", probe_in_window_}, {"slices", slice_count()}};
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
    if (progress) progress->advance();
  });
  return result;
}

}  // namespace colonnade
