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

// The wave that a heavy atom has scattered and free space has spread, by plain transforms, and the kernel in real
// space.
TEST(LocalSignal, SeesTheScatteredWave) {
  const PeriodicCell cell = cell_of(100, 0.08);
  const WaveGrid& grid = cell.grid;
  const double area = 0.01, width = 0.12, wavelength = electron_wavelength_A(200);
  const Position probe{4.1, 3.8, 0}, light{4.2, 3.95, 20.5};
  const Structure structure{{}, {}, {{79, {4.15, 3.9, 0.5}}, {6, light}}};
  const Multislice multislice(structure, cell, Optics{}, {{}, {{"C", {{6, gaussian(area, width)}}}}}, options_of());
  const TransmissionStack stack(structure, cell, {200, 2, 2, Parametrization::lobato});
  const auto spectrum = probe_spectrum(grid, Optics{});
  AlignedArray<std::complex<float>> wave(grid.size());
  const auto each = [&](const auto& work) {
    for (int row = 0; row < grid.ny; ++row) {
      for (int column = 0; column < grid.nx; ++column) work(row, column, wave[std::size_t(row) * grid.nx + column]);
    }
  };
  each([&](int row, int column, std::complex<float>& value) {
    const double turns = grid.kx(column) * probe.x + grid.ky(row) * probe.y;
    value = spectrum[std::size_t(row) * grid.nx + column] * std::complex<float>(std::polar(1.0, -2 * pi * turns));
  });
  const auto forward = FftPlan::plane(grid.ny, grid.nx, FftSign::forward);
  const auto backward = FftPlan::plane(grid.ny, grid.nx, FftSign::backward);
  backward.execute(wave.data());
  each([&](int row, int column, std::complex<float>& value) { value *= stack.row(0, row)[column]; });
  forward.execute(wave.data());
  each([&](int row, int column, std::complex<float>& value) {
    const double k = std::hypot(grid.kx(column), grid.ky(row));
    value *= std::complex<float>(std::polar(grid.band_limit(k) / double(grid.size()), -pi * wavelength * 20 * k * k));
  });
  backward.execute(wave.data());
  double expected = 0;
  each([&](int row, int column, std::complex<float>& value) {
    const double x = column * grid.pitch_x_A - light.x, y = row * grid.pitch_y_A - light.y;
    const double kernel = area / (2 * pi * width * width) * std::exp(-(x * x + y * y) / (2 * width * width));
    expected += std::norm(value) / double(grid.size()) * kernel;
  });
  const float found = multislice.probe_intensities(probe.x, probe.y)[0];
  EXPECT_NEAR(found / expected, 1, 1e-3);
  const double before = direct(grid, Optics{}, {light.x - probe.x, light.y - probe.y, 0}, gaussian(area, width));
  EXPECT_GT(std::abs(found / before - 1), 0.05);
}

// Atoms of two elements, some near the cell's edges, in three slices.
Structure few_atoms() {
  return {
      {},
      {},
      {{6, {0.1, 7.4, 0.5}}, {6, {3.3, 3.1, 0.5}}, {8, {4.1, 3.9, 0.5}}, {8, {7.5, 0.2, 2.5}}, {6, {3.9, 4.4, 6.5}}}};
}

TEST(LocalSignal, AddsUpOverElementsAndBesidesDetectors) {
  const PeriodicCell cell = cell_of(96, 0.08);
  const auto carbon = gaussian(0.02, 0.2), oxygen = gaussian(0.05, 0.15);
  const std::vector<AnnularDetector> detectors = {{"ADF", 20, 60}};
  const Signals signals{detectors, {{"C", {{6, carbon}}}, {"both", {{8, oxygen}, {6, carbon}}}, {"O", {{8, oxygen}}}}};
  const Multislice multislice(few_atoms(), cell, Optics{}, signals, options_of());
  const Multislice plain(few_atoms(), cell, Optics{}, detectors, options_of());
  for (const ProbePosition& at : {ProbePosition{3.5, 3.5}, ProbePosition{0, 0}, ProbePosition{7.6, 7.6}}) {
    const auto result = multislice.probe_intensities(at.x_A, at.y_A);
    const auto without = plain.probe_intensities(at.x_A, at.y_A);
    ASSERT_EQ(result.size(), 5U);
    EXPECT_EQ(result[0], without[0]);
    EXPECT_EQ(result[4], without[1]);
    EXPECT_NEAR(result[1] + result[3], result[2], 2e-4 * result[2]);
    EXPECT_GT(result[1], 1e-5);
  }
}

// Whatever the probe: over a whole cell its intensity is even, and every atom gives its cross-section.
TEST(LocalSignal, IntegratesToTheCrossSectionOverAScan) {
  const PeriodicCell cell = cell_of(64, 0.12);
  const Signals signals{{}, {{"X", {{6, gaussian(0.013, 0.1)}}}}};
  const Structure structure{{}, {}, {{6, {1.3, 7.5, 0.5}}, {6, {1.1, 5.5, 0.5}}}};
  std::vector<ProbePosition> positions;
  const int side = 16;
  const double step = cell.grid.length_x_A() / side;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) positions.push_back({x * step, y * step});
  }
  for (const double window : {0.0, 5.5}) {
    const Multislice multislice(structure, cell, Optics{}, signals, options_of(window));
    double sum = 0;
    for (const auto& probe : multislice.scan(positions)) sum += probe[0] * step * step;
    EXPECT_NEAR(sum / (2 * 0.013) / multislice.probe_in_window(), 1, window == 0 ? 1e-4 : 0.01) << window;
  }
}

TEST(LocalSignal, WindowAgreesWithTheWholeCellAcrossItsEdge) {
  const PeriodicCell cell = cell_of(240, 0.08);
  Structure structure;
  for (int i = 0; i < 64; ++i) {
    const int row = i / 8;
    structure.atoms.push_back({i % 3 == 0 ? 78 : 28, {0.1 + 2.4 * (i % 8), 0.2 + 2.4 * row, 0.5 + 2.0 * (i % 4)}});
  }
  const Signals signals{{}, {{"Pt", {{78, gaussian(0.001, 0.08)}}}, {"Ni", {{28, gaussian(0.002, 0.08)}}}}};
  const Multislice whole(structure, cell, Optics{}, signals, options_of());
  const Multislice window(structure, cell, Optics{}, signals, options_of(10));
  for (const ProbePosition& at : {ProbePosition{0.2, 0.3}, ProbePosition{19.1, 9.8}, ProbePosition{9.7, 9.9}}) {
    const auto a = whole.probe_intensities(at.x_A, at.y_A), b = window.probe_intensities(at.x_A, at.y_A);
    // What the window loses is the far tails of the probe: next to nothing of the element under the probe.
    const double bright = std::max(a[0], a[1]);
    for (int i = 0; i < 2; ++i) EXPECT_NEAR(b[i], a[i], 0.002 * bright) << at.x_A << " " << i;
  }
}

TEST(LocalSignal, NeedsNoHighAngles) {
  const Structure structure{{}, {}, {{28, {4, 4, 0.5}}}};
  const Signals signals{{}, {{"TDS", {{28, gaussian(0.01, 0.2)}}}}};
  const auto at = [&](int side, double pitch) {
    return Multislice(structure, cell_of(side, pitch), Optics{}, signals, options_of()).probe_intensities(4.2, 4.1)[0];
  };
  EXPECT_NEAR(at(48, 0.2) / at(160, 0.06), 1, 2e-3);
}

TEST(LocalSignal, SparseMapsAreSmall) {
  const PeriodicCell cell = cell_of(400, 0.08);
  const Structure structure{{}, {}, {{6, {16.01, 16.03, 0.5}}}};
  const LocalSignalMaps maps(structure, cell, 2, {0}, {{"X", {{6, gaussian(1, 0.15)}}}}, cell.grid);
  EXPECT_GT(maps.bytes(), 400U);
  EXPECT_LT(maps.bytes(), 12000U);
}

TEST(LocalSignal, RefusesWhatIsNoKernel) {
  const auto kernel = gaussian(1, 1);
  EXPECT_THROW(check_local_signals({{"", {{6, kernel}}}}), Error);
  EXPECT_THROW(check_local_signals({{"a", {{6, kernel}}}, {"a", {{6, kernel}}}}), Error);
  EXPECT_THROW(check_local_signals({{"a", {}}}), Error);
  EXPECT_THROW(check_local_signals({{"a", {{6, nullptr}}}}), Error);
  EXPECT_THROW(check_local_signals({{"a", {{600, kernel}}}}), Error);
  EXPECT_THROW(check_local_signals({{"a", {{6, [](double) { return NAN; }}}}}), Error);
  const Signals same_name{{{"a", 10, 20}}, {{"a", {{6, kernel}}}}};
  EXPECT_THROW(same_name.check(), Error);
  const auto bad_tail = [](double k) { return k > 1 ? NAN : 1.0; };
  EXPECT_THROW(Multislice(few_atoms(), cell_of(64, 0.12), Optics{}, {{}, {{"a", {{6, bad_tail}}}}}, options_of()),
               Error);
}

}  // namespace
}  // namespace colonnade
