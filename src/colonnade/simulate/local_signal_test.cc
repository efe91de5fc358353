// SPDX-License-Identifier: GPL-3.0-or-later
// Local signals of the engine against sums over Fourier space and real space.
#include "colonnade/simulate/local_signal.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/multislice_engine.h"

namespace colonnade {
namespace {

constexpr double pi = std::numbers::pi;

PeriodicCell cell_of(int side, double pitch_A) { return {{0, 0, 0}, {side, side, pitch_A, pitch_A}}; }

// A Gaussian of cross-section `area` and standard deviation `width` (A).
std::function<double(double)> gaussian(double area, double width) {
  return [area, width](double k) { return area * std::exp(-2 * pi * pi * width * width * k * k); };
}

MultisliceOptions options_of(double window_A = 0) {
  MultisliceOptions options;
  options.window_A = window_A;
  return options;
}

// The integral of a focused probe's intensity, `distance` away from an atom, times a Gaussian kernel: the probe's
// intensity has the transform of the autocorrelation of the aperture with its phases; summed over pairs of plane waves.
double direct(const WaveGrid& grid, const Optics& optics, const Position& distance,
              const std::function<double(double)>& kernel) {
  const auto spectrum = probe_spectrum(grid, optics);
  struct Wave {
    int x, y;
    std::complex<double> value;
  };
  std::vector<Wave> waves;
  for (int row = 0; row < grid.ny; ++row) {
    for (int column = 0; column < grid.nx; ++column) {
      const std::complex<double> value = spectrum[std::size_t(row) * grid.nx + column];
      if (std::norm(value) == 0) continue;
      waves.push_back({int(std::lround(grid.kx(column) * grid.length_x_A())),
                       int(std::lround(grid.ky(row) * grid.length_y_A())), value});
    }
  }
  std::complex<double> sum = 0;
  for (const Wave& a : waves) {
    for (const Wave& b : waves) {
      const double kx = (a.x - b.x) / grid.length_x_A(), ky = (a.y - b.y) / grid.length_y_A();
      sum += a.value * std::conj(b.value) * kernel(std::hypot(kx, ky)) *
             std::polar(1.0, -2 * pi * (kx * distance.x + ky * distance.y));
    }
  }
  return sum.real() / (grid.length_x_A() * grid.length_y_A());
}

TEST(LocalSignal, OfOneAtomIsTheIntegralOfProbeTimesKernel) {
  const PeriodicCell cell = cell_of(64, 0.12);
  const auto kernel = gaussian(0.01, 0.3);
  const Signals signals{{}, {{"X", {{6, kernel}}}}};
  const Structure structure{{}, {}, {{6, {3.21, 4.05, 0.5}}}};
  Optics optics;
  optics.aberrations.C12 = 30;
  const Multislice multislice(structure, cell, optics, signals, options_of());
  for (const Position& away : {Position{0, 0, 0}, Position{0.3, -0.4, 0}, Position{-0.7, 0.9, 0}}) {
    const auto result = multislice.probe_intensities(3.21 + away.x, 4.05 + away.y);
    ASSERT_EQ(result.size(), 2U);
    EXPECT_NEAR(result[0] / direct(cell.grid, optics, away, kernel), 1, 1e-3) << away.x;
  }
}

}  // namespace
}  // namespace colonnade
