// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/window_tails.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "colonnade/core/random.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/fft.h"
#include "colonnade/simulate/probe_window.h"

namespace colonnade {

namespace {

using Complex = std::complex<float>;

constexpr int calibration_probes = 96;
constexpr double calibration_reach_A = 1.5;  // from an atom to a probe, each way
constexpr double least_inner_in_semiangles = 1.5;

int wrap(long long index, int period) { return int(((index % period) + period) % period); }

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

// The Fourier transform of the probe's intensity, within the window as the real part of a kernel and beyond it as the
// imaginary part, mirrored so that a product with it correlates.
AlignedArray<Complex> probe_kernel(const WaveGrid& cell, const WaveGrid& window, const Optics& optics, double depth_A,
                                   double& held) {
  const auto spectrum = incident_wave(cell, cell, optics, depth_A).spectrum;
  AlignedArray<Complex> wave(cell.size()), kernel(cell.size());
  std::copy(spectrum.begin(), spectrum.end(), wave.data());
  FftPlan::plane(cell.ny, cell.nx, FftSign::backward).execute(wave.data());
  held = 0;
  for (int y = -cell.ny / 2; y < cell.ny / 2; ++y) {
    for (int x = -cell.nx / 2; x < cell.nx / 2; ++x) {
      const float share =
          std::norm(wave[std::size_t(wrap(y, cell.ny)) * cell.nx + wrap(x, cell.nx)]) / float(cell.size());
      const bool within = y >= -window.ny / 2 && y < window.ny / 2 && x >= -window.nx / 2 && x < window.nx / 2;
      if (within) held += double(share);
      kernel[std::size_t(wrap(-y, cell.ny)) * cell.nx + wrap(-x, cell.nx)] = within ? Complex(share, 0) : Complex(0, share);
    }
  }
  FftPlan::plane(cell.ny, cell.nx, FftSign::forward).execute(kernel.data());
  return kernel;
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

WindowTails::WindowTails(const Structure& structure, const PeriodicCell& cell, const WaveGrid& window,
                         const Optics& optics, double depth_A, const Signals& signals, Parametrization parametrization,
                         const Scan& scan)
    : cell_(cell), maps_(signals.detectors.size() + signals.local.size()), factors_(maps_.size(), 0) {
  const WaveGrid& grid = cell.grid;
  const AlignedArray<Complex> kernel = probe_kernel(grid, window, optics, depth_A, held_);
  const FftPlan forward = FftPlan::plane(grid.ny, grid.nx, FftSign::forward),
                backward = FftPlan::plane(grid.ny, grid.nx, FftSign::backward);
  const double wavelength = electron_wavelength_A(optics.energy_keV);
  if (structure.atoms.empty()) return;
  const auto probes = calibration_positions(structure);
  const auto seen = scan(probes);
  for (std::size_t s = 0; s < maps_.size(); ++s) {
    std::map<int, double> sections;
    if (s < signals.detectors.size()) {
      const AnnularDetector& detector = signals.detectors[s];
      if (detector.inner_mrad < least_inner_in_semiangles * optics.semiangle_mrad) continue;
      sections = cross_sections(structure, detector, wavelength, parametrization);
    } else {
      for (const auto& [number, section] : signals.local[s - signals.detectors.size()].kernels) {
        sections[number] = section(0);
      }
    }
    AlignedArray<Complex> image(grid.size());
    for (const auto& atom : structure.atoms) {
      const auto section = sections.find(atom.number);
      if (section == sections.end()) continue;
      image[pixel({atom.position.x, atom.position.y})] += float(section->second);
    }
    forward.execute(image.data());
    const float scale = 1 / float(grid.size());
    for (std::size_t i = 0; i < grid.size(); ++i) image[i] *= kernel[i] * scale;
    backward.execute(image.data());
    for (std::size_t i = 0; i < grid.size(); ++i) {
      maps_[s].within.push_back(image[i].real());
      maps_[s].beyond.push_back(image[i].imag());
    }
    double found = 0, expected = 0;
    for (std::size_t i = 0; i < probes.size(); ++i) {
      found += double(seen[i][s]);
      expected += double(maps_[s].within[pixel(probes[i])]);
    }
    factors_[s] = expected > 0 ? found / expected : 0;
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
  for (std::size_t s = 0; s < maps_.size(); ++s) {
    if (factors_[s] > 0) {
      signals[s] += float(factors_[s] * double(maps_[s].beyond[place]));
    } else {
      signals[s] /= float(held_);
    }
  }
  signals.back() /= float(held_);
}

}  // namespace colonnade
