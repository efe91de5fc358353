// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/window_tails.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/core/random.h"
#include "colonnade/image/fft.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/probe_window.h"

namespace colonnade {

namespace {

using Complex = std::complex<float>;

constexpr int calibration_probes = 64;
constexpr double calibration_reach_A = 1.5;  // from an atom to a probe, each way
constexpr double least_inner_in_semiangles = 1.5;

// Relative cross-sections by atomic number.
std::map<int, double> cross_sections(const Structure& structure, const AnnularDetector& detector, double wavelength_A,
                                     Parametrization parametrization) {
  constexpr int steps = 64;
  std::map<int, double> result;
  for (const auto& atom : structure.atoms) {
    if (result.count(atom.number) != 0) continue;
    double sum = 0;
    for (int i = 0; i < steps; ++i) {
      const double angle = detector.inner_mrad + (detector.outer_mrad - detector.inner_mrad) * (i + 0.5) / steps;
      const double k = angle * 1e-3 / wavelength_A;
      sum += k * std::pow(scattering_factor(parametrization, atom.number, k), 2);
    }
    result[atom.number] = sum * (detector.outer_mrad - detector.inner_mrad);
  }
  return result;
}

bool within(const WaveGrid& window, int y, int x) {
  return y >= -window.ny / 2 && y < window.ny / 2 && x >= -window.nx / 2 && x < window.nx / 2;
}

// The Fourier transform of the probe's intensity beyond its own window as the real part of a kernel and beyond the
// wider one as the imaginary part, mirrored so that a product with it correlates.
AlignedArray<Complex> tail_kernel(const WaveGrid& cell, const WaveGrid& own, const WaveGrid& wider,
                                  const Optics& optics, double depth_A, double& held) {
  const auto spectrum = incident_wave(cell, cell, optics, depth_A).spectrum;
  AlignedArray<Complex> wave(cell.size()), kernel(cell.size());
  std::copy(spectrum.begin(), spectrum.end(), wave.data());
  FftPlan::plane(cell.ny, cell.nx, FftSign::backward).execute(wave.data());
  held = 0;
  for (int y = -cell.ny / 2; y < cell.ny / 2; ++y) {
    for (int x = -cell.nx / 2; x < cell.nx / 2; ++x) {
      const float share =
          std::norm(wave[std::size_t(wrap(y, cell.ny)) * cell.nx + wrap(x, cell.nx)]) / float(cell.size());
      if (within(own, y, x)) held += double(share);
      kernel[std::size_t(wrap(-y, cell.ny)) * cell.nx + wrap(-x, cell.nx)] = {within(own, y, x) ? 0 : share,
                                                                              within(wider, y, x) ? 0 : share};
    }
  }
  FftPlan::plane(cell.ny, cell.nx, FftSign::forward).execute(kernel.data());
  return kernel;
}

// Of a signal; nothing where it is to be scaled instead.
std::map<int, double> cross_sections_of(std::size_t signal, const Signals& signals, const Structure& structure,
                                        const Optics& optics, Parametrization parametrization) {
  if (signal < signals.detectors.size()) {
    const AnnularDetector& detector = signals.detectors[signal];
    if (detector.inner_mrad < least_inner_in_semiangles * optics.semiangle_mrad) return {};
    return cross_sections(structure, detector, electron_wavelength_A(optics.energy_keV), parametrization);
  }
  std::map<int, double> sections;
  for (const auto& [number, section] : signals.local[signal - signals.detectors.size()].kernels) {
    sections[number] = section(0);
  }
  return sections;
}

std::vector<ProbePosition> calibration_positions(const Structure& structure) {
  Random random(1);
  std::vector<ProbePosition> positions;
  for (int i = 0; i < calibration_probes; ++i) {
    const Position& atom = structure.atoms[random.below(structure.atoms.size())].position;
    positions.push_back({atom.x + random.uniform(-calibration_reach_A, calibration_reach_A),
                         atom.y + random.uniform(-calibration_reach_A, calibration_reach_A)});
  }
  return positions;
}

}  // namespace

WindowTails::WindowTails(const Structure& structure, const PeriodicCell& cell, const Optics& optics, double depth_A,
                         const Signals& signals, Parametrization parametrization, const Level& own, const Level& wider)
    : cell_(cell), beyond_(signals.detectors.size() + signals.local.size()), factors_(beyond_.size(), 0) {
  if (!signals.depths_A.empty()) fail("window_tails and signals at depths exclude each other; turn window_tails off");
  const WaveGrid& grid = cell.grid;
  const auto kernel = tail_kernel(grid, own.window, wider.window, optics, depth_A, held_);
  if (structure.atoms.empty()) return;
  const FftPlan forward = FftPlan::plane(grid.ny, grid.nx, FftSign::forward),
                backward = FftPlan::plane(grid.ny, grid.nx, FftSign::backward);
  const auto probes = calibration_positions(structure);
  const auto seen = own.scan(probes), seen_wider = wider.scan(probes);
  for (std::size_t s = 0; s < beyond_.size(); ++s) {
    const auto sections = cross_sections_of(s, signals, structure, optics, parametrization);
    if (sections.empty()) continue;
    AlignedArray<Complex> image(grid.size());
    for (const auto& atom : structure.atoms) {
      const auto section = sections.find(atom.number);
      if (section != sections.end()) image[pixel({atom.position.x, atom.position.y})] += float(section->second);
    }
    forward.execute(image.data());
    const float scale = 1 / float(grid.size());
    for (std::size_t i = 0; i < grid.size(); ++i) image[i] *= kernel[i] * scale;
    backward.execute(image.data());
    double brighter = 0, more = 0;
    for (std::size_t i = 0; i < probes.size(); ++i) {
      brighter += double(seen_wider[i][s] - seen[i][s]);
      more += double(image[pixel(probes[i])].real() - image[pixel(probes[i])].imag());
    }
    factors_[s] = more > 0 ? std::max(0.0, brighter / more) : 0;
    for (std::size_t i = 0; i < grid.size(); ++i) beyond_[s].push_back(image[i].real());
  }
}

std::size_t WindowTails::pixel(const ProbePosition& position) const {
  const WaveGrid& grid = cell_.grid;
  const auto y = std::llround((position.y_A - cell_.origin.y) / grid.pitch_y_A),
             x = std::llround((position.x_A - cell_.origin.x) / grid.pitch_x_A);
  return std::size_t(wrap(y, grid.ny)) * grid.nx + wrap(x, grid.nx);
}

void WindowTails::add(const ProbePosition& position, std::vector<float>& signals) const {
  const std::size_t place = pixel(position);
  for (std::size_t s = 0; s < beyond_.size(); ++s) {
    if (!beyond_[s].empty()) {
      signals[s] += float(factors_[s] * double(beyond_[s][place]));
    } else {
      signals[s] /= float(held_);
    }
  }
  signals.back() /= float(held_);
}

}  // namespace colonnade
