// SPDX-License-Identifier: GPL-3.0-or-later
// What the engine measures besides rings: depths, first moments, segments, patterns of a camera.
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numbers>
#include <numeric>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/multislice_engine.h"

namespace colonnade {
namespace {

constexpr double pi = std::numbers::pi;

PeriodicCell cell_of(int side, double pitch_A) { return {{0, 0, 0}, {side, side, pitch_A, pitch_A}}; }

MultisliceOptions options_of(double window_A = 0) {
  MultisliceOptions options;
  options.window_A = window_A;
  return options;
}

// Two columns whose atoms lie in slices 1, 3, 5, 7 of 2 A.
Structure two_columns(double deepest_A = 100) {
  Structure structure;
  for (double z = 3; z < std::min(deepest_A, 16.0); z += 4) {
    structure.atoms.push_back({78, {3.1, 3.3, z}});
    structure.atoms.push_back({28, {4.9, 4.4, z}});
  }
  return structure;
}

Signals all_signals() {
  return {parse_detectors({"HAADF:50-90", "CoM:0-90", "DPC:10-25/4"}),
          {{"X", {{28, [](double k) { return 0.01 * std::exp(-2 * k * k); }}}}}};
}

TEST(MultisliceSignals, EachDepthIsASpecimenCutThere) {
  const PeriodicCell cell = cell_of(128, 0.07);
  for (const double window : {0.0, 7.5}) {
    Signals signals = all_signals();
    signals.depths_A = {0, 2, 4, 8, 9.1, 16, 500};
    const std::size_t block = signals.values_per_depth();
    const auto deep =
        Multislice(two_columns(), cell, Optics{}, signals, options_of(window)).probe_intensities(3.3, 3.6);
    ASSERT_EQ(deep.size(), block * 8);
    const auto part = [&](std::size_t i) {
      return std::vector<float>(deep.begin() + std::ptrdiff_t(i * block),
                                deep.begin() + std::ptrdiff_t((i + 1) * block));
    };
    for (std::size_t i = 2; i < signals.depths_A.size(); ++i) {
      const double deepest = 2 * std::round(signals.depths_A[i] / 2);
      const Multislice cut(two_columns(deepest), cell, Optics{}, all_signals(), options_of(window));
      EXPECT_EQ(part(i + 1), cut.probe_intensities(3.3, 3.6)) << signals.depths_A[i];
    }
    EXPECT_EQ(part(0), part(6));
    EXPECT_EQ(part(0), part(7));
    // Above the first atom there is the probe alone.
    EXPECT_EQ(part(1), part(2));
    EXPECT_LT(part(1)[0], 1e-5);
    EXPECT_EQ(part(1)[block - 2], 0);
    EXPECT_NEAR(part(1)[block - 1], window == 0 ? 1 : 0.99, 0.01);
  }
}

TEST(MultisliceSignals, RefusesDepthsThatAreNone) {
  for (const double depth : {-1.0, double(NAN), double(INFINITY)}) {
    Signals signals = all_signals();
    signals.depths_A = {depth};
    EXPECT_THROW(Multislice(two_columns(), cell_of(128, 0.07), Optics{}, signals, options_of()), Error);
  }
}

// Behind a phase object exp(i phi) the mean of k is <grad phi> / (2 pi), weighted with the probe's intensity: here by a
// sum over pairs of the probe's plane waves, from the potential's Fourier coefficients.
TEST(MultisliceSignals, CentreOfMassIsTheMeanPhaseGradient) {
  const PeriodicCell cell = cell_of(96, 0.08);
  const WaveGrid& grid = cell.grid;
  const Position atom{3.6, 4.1, 0.5};
  const ProbePosition probe{3.3, 4.5};
  const Optics optics;
  const double wavelength = electron_wavelength_A(optics.energy_keV), area = grid.length_x_A() * grid.length_y_A();
  const auto spectrum = probe_spectrum(grid, optics);
  struct Wave {
    double kx, ky;
    std::complex<double> value;
  };
  std::vector<Wave> waves;
  for (int row = 0; row < grid.ny; ++row) {
    for (int column = 0; column < grid.nx; ++column) {
      const std::complex<double> value = spectrum[std::size_t(row) * grid.nx + column];
      if (std::norm(value) > 0) waves.push_back({grid.kx(column), grid.ky(row), value});
    }
  }
  std::complex<double> mean_x = 0, mean_y = 0;
  for (const Wave& a : waves) {
    for (const Wave& b : waves) {
      const double kx = a.kx - b.kx, ky = a.ky - b.ky;
      const double phase = interaction_constant(optics.energy_keV) * potential_per_scattering_factor / area *
                           scattering_factor(Parametrization::lobato, 6, std::hypot(kx, ky));
      // The potential's component at -k meets the intensity's at k.
      const auto both = std::complex<double>(0, -1) * phase * a.value * std::conj(b.value) *
                        std::polar(1.0, 2 * pi * (kx * (atom.x - probe.x_A) + ky * (atom.y - probe.y_A)));
      mean_x += kx * both;
      mean_y += ky * both;
    }
  }
  const auto moments = parse_detectors({"CoM:0-100"});
  const Multislice multislice({{}, {}, {{6, atom}}}, cell, optics, moments, options_of());
  const auto result = multislice.probe_intensities(probe.x_A, probe.y_A);
  EXPECT_NEAR(result[0] / (1e3 * wavelength * mean_x.real()), 1, 2e-3);
  EXPECT_NEAR(result[1] / (1e3 * wavelength * mean_y.real()), 1, 2e-3);
  EXPECT_GT(result[0], 0.01);   // towards the atom, which lies to the right
  EXPECT_LT(result[1], -0.01);  // and above
}

TEST(MultisliceSignals, SegmentsAddUpToTheRing) {
  const auto detectors = parse_detectors({"DPC:10-25/4@30", "ring:10-25"});
  for (const double window : {0.0, 7.5}) {
    const Multislice multislice(two_columns(), cell_of(128, 0.07), Optics{}, detectors, options_of(window));
    const auto result = multislice.probe_intensities(3.3, 3.6);
    EXPECT_NEAR((result[0] + result[1] + result[2] + result[3]) / result[4], 1, 1e-5);
    EXPECT_GT(std::abs(result[0] / result[2] - 1), 0.01);
  }
}

std::vector<std::vector<float>> patterns_of(const Multislice& multislice, const std::vector<ProbePosition>& positions,
                                            const PatternGrid& grid) {
  std::vector<std::vector<float>> patterns;
  multislice.scan_patterns(positions, grid, [&](std::size_t i, const std::vector<float>& pattern) {
    EXPECT_EQ(i, patterns.size());
    patterns.push_back(pattern);
  });
  EXPECT_EQ(patterns.size(), positions.size());
  return patterns;
}

// Camera pixels that are the Fourier grid's points: every ring agrees with the detector exactly.
TEST(MultisliceSignals, PatternsAgreeWithDetectors) {
  const PeriodicCell cell = cell_of(128, 0.07);
  const double step = 1e3 * electron_wavelength_A(200) / cell.grid.length_x_A();
  const PatternGrid camera{73, 36.5 * step};
  const auto detectors = parse_detectors({fmt::format("ADF:{}-{}", 10.01 * step, 30.01 * step), "CoM:0-98"});
  const Multislice multislice(two_columns(), cell, Optics{}, detectors, options_of());
  const std::vector<ProbePosition> positions = {{3.3, 3.6}, {5, 4.4}, {0, 8.5}};
  const auto patterns = patterns_of(multislice, positions, camera);
  const auto expected = multislice.scan(positions);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    double ring = 0, moment_y = 0, sum = 0;
    for (int row = 0; row < 73; ++row) {
      for (int column = 0; column < 73; ++column) {
        const double value = patterns[i][std::size_t(row) * 73 + column];
        const double angle = std::hypot(camera.mrad(row), camera.mrad(column));
        if (detectors[0].collects(angle)) ring += value;
        if (angle < 98) moment_y += value * camera.mrad(row);
        sum += value;
      }
    }
    EXPECT_NEAR(ring / expected[i][0], 1, 1e-5);
    EXPECT_NEAR(moment_y, expected[i][2], 1e-4);
    EXPECT_LE(sum, expected[i][3] * (1 + 1e-5));
    EXPECT_GT(sum, 0.98 * expected[i][3]);
  }
}

TEST(MultisliceSignals, PatternsKeepTheIntensityOnAnyGrid) {
  const PeriodicCell cell = cell_of(128, 0.07);
  const double largest = largest_angle_mrad(0.07, 200);
  const std::vector<ProbePosition> positions = {{3.3, 3.6}, {5, 4.4}};
  for (const double window : {0.0, 7.5}) {
    const Multislice multislice(two_columns(), cell, Optics{}, Signals{}, options_of(window));
    const auto left = multislice.scan(positions);
    for (const int pixels : {7, 64, 301}) {
      const auto patterns = patterns_of(multislice, positions, {pixels, largest});
      for (std::size_t i = 0; i < positions.size(); ++i) {
        const double sum = std::accumulate(patterns[i].begin(), patterns[i].end(), 0.0);
        EXPECT_NEAR(sum / left[i][0], 1, 1e-5) << pixels;
      }
    }
  }
}

TEST(MultisliceSignals, PatternsAreThereForOneAlgorithmOnlyAndWithinTheBand) {
  const Multislice multislice(two_columns(), cell_of(128, 0.07), Optics{}, Signals{}, options_of());
  const auto sink = [](std::size_t, const std::vector<float>&) {};
  EXPECT_THROW(multislice.scan_patterns({{1, 1}}, {64, 150}, sink), Error);
  EXPECT_THROW(multislice.scan_patterns({{1, 1}}, {0, 50}, sink), Error);
  struct Other : StemAlgorithm {
    std::vector<std::vector<float>> scan(const std::vector<ProbePosition>&, const std::string&) const override {
      return {};
    }
    nlohmann::json record() const override { return {}; }
  };
  EXPECT_THROW(Other().scan_patterns({{1, 1}}, {64, 50}, sink, ""), Error);
}

}  // namespace
}  // namespace colonnade
