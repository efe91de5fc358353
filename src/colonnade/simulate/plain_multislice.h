// SPDX-License-Identifier: GPL-3.0-or-later
// For tests: multislice written down as in a textbook, with plain two-dimensional transforms, so that waves can be seen
// on their way. Slow; the engine is tested against it.
#pragma once

#include <cmath>
#include <complex>
#include <functional>
#include <numbers>
#include <vector>

#include "colonnade/image/fft.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/probe.h"
#include "colonnade/simulate/stem_algorithm.h"
#include "colonnade/simulate/transmission.h"

namespace colonnade {

class PlainMultislice {
 public:
  using Wave = AlignedArray<std::complex<float>>;

  PlainMultislice(TransmissionStack stack, const PeriodicCell& cell, double slice_A, double energy_keV)
      : stack_(std::move(stack)),
        cell_(cell),
        grid_(cell.grid),
        slice_A_(slice_A),
        wavelength_A_(electron_wavelength_A(energy_keV)),
        forward_(FftPlan::plane(grid_.ny, grid_.nx, FftSign::forward)),
        backward_(FftPlan::plane(grid_.ny, grid_.nx, FftSign::backward)) {}

  /// The focused probe in real space, sum of |psi|^2 = 1, taken to the first slice.
  Wave probe(const Optics& optics, const ProbePosition& position) const {
    const auto spectrum = probe_spectrum(grid_, optics);
    Wave wave(grid_.size());
    const double depth = stack_.slice_indices().front() * slice_A_, scale = 1 / std::sqrt(double(grid_.size()));
    each([&](std::size_t i, double kx, double ky) {
      const double x = position.x_A - cell_.origin.x, y = position.y_A - cell_.origin.y;
      const double phase =
          -2 * std::numbers::pi * (kx * x + ky * y) - std::numbers::pi * wavelength_A_ * depth * (kx * kx + ky * ky);
      wave[i] = std::complex<float>(std::complex<double>(spectrum[i]) * std::polar(scale, phase));
    });
    backward_.execute(wave.data());
    return wave;
  }

  /// Through all slices; `see` is shown the wave in front of each, with its entry in the stack.
  void pass(Wave& wave, const std::function<void(int entry, const Wave&)>& see = {}) const {
    const auto& indices = stack_.slice_indices();
    for (int entry = 0; entry < int(indices.size()); ++entry) {
      if (entry > 0) propagate(wave, (indices[entry] - indices[entry - 1]) * slice_A_);
      if (see) see(entry, wave);
      for (int y = 0; y < grid_.ny; ++y) {
        for (int x = 0; x < grid_.nx; ++x) wave[std::size_t(y) * grid_.nx + x] *= stack_.row(entry, y)[x];
      }
    }
  }

  void propagate(Wave& wave, double distance_A) const {
    forward_.execute(wave.data());
    each([&](std::size_t i, double kx, double ky) {
      const double limit = grid_.band_limit(kx, ky) / double(grid_.size());
      wave[i] *=
          std::complex<float>(std::polar(limit, -std::numbers::pi * wavelength_A_ * distance_A * (kx * kx + ky * ky)));
    });
    backward_.execute(wave.data());
  }

  /// |psi(k)|^2, (y, x) in FFT order, band-limited, summing to the beam's fraction.
  std::vector<double> far_field(Wave wave) const {
    forward_.execute(wave.data());
    std::vector<double> result(grid_.size());
    each([&](std::size_t i, double kx, double ky) {
      result[i] = std::norm(wave[i]) * std::pow(grid_.band_limit(kx, ky), 2) / double(grid_.size());
    });
    return result;
  }

  double detected(const Wave& wave, const AnnularDetector& detector) const {
    Wave copy(wave.size());
    std::copy(wave.data(), wave.data() + wave.size(), copy.data());
    const auto intensity = far_field(std::move(copy));
    double sum = 0;
    each([&](std::size_t i, double kx, double ky) {
      if (detector.collects(1e3 * wavelength_A_ * std::hypot(kx, ky))) sum += intensity[i];
    });
    return sum;
  }

  /// The local signal of the atoms of one slice for the wave in front of it.
  double local(const Wave& wave, const LocalSignal& signal, const std::vector<Atom>& atoms) const {
    Wave intensity(wave.size());
    for (std::size_t i = 0; i < wave.size(); ++i) intensity[i] = std::norm(wave[i]);
    forward_.execute(intensity.data());
    double sum = 0;
    const double area = grid_.length_x_A() * grid_.length_y_A();
    for (const auto& atom : atoms) {
      const auto& kernel = signal.kernels.at(atom.number);
      each([&](std::size_t i, double kx, double ky) {
        const double turns = kx * (atom.position.x - cell_.origin.x) + ky * (atom.position.y - cell_.origin.y);
        const auto phase = std::polar(1.0, 2 * std::numbers::pi * turns);
        sum += kernel(std::hypot(kx, ky)) / area * (std::complex<double>(intensity[i]) * phase).real();
      });
    }
    return sum;
  }

  const TransmissionStack& stack() const { return stack_; }

 private:
  template <class Work>
  void each(const Work& work) const {
    for (int row = 0; row < grid_.ny; ++row) {
      for (int column = 0; column < grid_.nx; ++column) {
        work(std::size_t(row) * grid_.nx + column, grid_.kx(column), grid_.ky(row));
      }
    }
  }

  TransmissionStack stack_;
  PeriodicCell cell_;
  WaveGrid grid_;
  double slice_A_, wavelength_A_;
  FftPlan forward_, backward_;
};

}  // namespace colonnade
