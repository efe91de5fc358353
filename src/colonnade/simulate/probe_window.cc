// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/probe_window.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/image/fft.h"
#include "colonnade/simulate/electron.h"

namespace colonnade {

namespace {

using Complex = std::complex<float>;

constexpr double least_probe_in_window = 0.9;

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

IncidentWave incident_wave(const WaveGrid& cell, const WaveGrid& window, const Optics& optics, double depth_A) {
  const double wavelength = electron_wavelength_A(optics.energy_keV);
  IncidentWave wave{probe_spectrum(cell, optics), 1};
  for (int row = 0; row < cell.ny; ++row) {
    for (int column = 0; column < cell.nx; ++column) {
      Complex& value = wave.spectrum[std::size_t(row) * cell.nx + column];
      if (value == Complex(0)) continue;
      const double k_squared = std::pow(cell.kx(column), 2) + std::pow(cell.ky(row), 2);
      value =
          Complex(std::complex<double>(value) * std::polar(1.0, -std::numbers::pi * wavelength * depth_A * k_squared));
    }
  }
  if (same_size(cell, window)) return wave;
  wave.spectrum = cut_out(wave.spectrum, cell, window);
  wave.held = 0;
  for (const Complex& value : wave.spectrum) wave.held += std::norm(value);
  if (wave.held < least_probe_in_window) {
    fail("only {:.0f} % of this probe lies in a window of {:.1f} A; use a wider window, or 0 for the whole cell",
         100 * wave.held, window.length_x_A());
  }
  return wave;
}

ProbePlace place_probe(const ProbePosition& position, const PeriodicCell& cell, const WaveGrid& window) {
  const auto corner_of = [](double pixels, int side, int whole) {
    return side == whole ? 0LL : std::llround(pixels) - side / 2;
  };
  const double x = (position.x_A - cell.origin.x) / window.pitch_x_A,
               y = (position.y_A - cell.origin.y) / window.pitch_y_A;
  const long long left = corner_of(x, window.nx, cell.grid.nx), top = corner_of(y, window.ny, cell.grid.ny);
  return {wrap(top, cell.grid.ny), wrap(left, cell.grid.nx), y - double(top), x - double(left)};
}

void fill_shift(std::complex<float>* phases, int size, double pixels) {
  for (int i = 0; i < size; ++i) {
    const double turns = pixels * (i < size / 2 ? i : i - size) / size;
    phases[i] = Complex(std::polar(1.0, -2 * std::numbers::pi * (turns - std::round(turns))));
  }
}

}  // namespace colonnade
