// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/multislice_engine.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/core/random.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/reference_data.h"

namespace colonnade {
namespace {

using Complex = std::complex<float>;
const std::vector<AnnularDetector> rings = {{"HAADF", 50, 90}, {"ADF", 25, 50}};

PeriodicCell square_cell(int side, double pitch_A) { return {{0, 0, 0}, {side, side, pitch_A, pitch_A}}; }

MultisliceOptions whole_cell() {
  MultisliceOptions options;
  options.window_A = 0;
  return options;
}

// Columns along the beam, each of its element, atoms 2.5 A apart.
Structure columns(const std::vector<Position>& places, const std::vector<int>& elements, int atoms) {
  Structure structure;
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (int j = 0; j < atoms; ++j) {
      structure.atoms.push_back({elements[i], {places[i].x, places[i].y, 0.5 + 2.5 * j}});
    }
  }
  return structure;
}

std::vector<float> intensities(const Structure& structure, const PeriodicCell& cell, const Position& probe,
                               const MultisliceOptions& options = whole_cell(), const Optics& optics = {}) {
  return Multislice(structure, cell, optics, rings, options).probe_intensities(probe.x, probe.y);
}

void expect_same(const std::vector<float>& a, const std::vector<float>& b, double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i] / b[i], 1, tolerance) << i;
}

TEST(MultisliceEngine, VacuumKeepsTheBeam) {
  const Multislice multislice(Structure{}, square_cell(96, 0.08), Optics{}, {{"BF", 0, 20}, {"HAADF", 60, 90}},
                              whole_cell());
  const auto result = multislice.probe_intensities(1.234, 5.4321);
  EXPECT_NEAR(result[0], 1, 1e-5);
  EXPECT_NEAR(result[1], 0, 1e-9);
  EXPECT_NEAR(result[2], 1, 1e-5);
}

// One slice: psi = probe x exp(i sigma V), by plain transforms from the potential.
TEST(MultisliceEngine, OneSliceIsThePhaseObject) {
  const PeriodicCell cell{{0, 0, 0}, {90, 120, 0.08, 0.08}};
  const WaveGrid& grid = cell.grid;
  const Structure structure = columns({{4.1, 3.3, 0}, {5.5, 3.9, 0}}, {78, 28}, 1);
  Optics optics;
  optics.aberrations.C10 = -40;
  optics.aberrations.C12 = 20;
  optics.aberrations.phi12 = 14;
  MultisliceOptions options = whole_cell();
  options.oversampling = 1;
  const Position probe{4.4, 3.7, 0};
  const auto fast = intensities(structure, cell, probe, options, optics);

  const ScatteringFactorMaps factors(structure, grid, Parametrization::lobato);
  SlicePotential potential(cell, factors);
  const auto& volts = potential.compute(structure.atoms);
  AlignedArray<Complex> transmission(grid.size()), wave(grid.size());
  const auto forward = FftPlan::plane(grid.ny, grid.nx, FftSign::forward);
  const auto backward = FftPlan::plane(grid.ny, grid.nx, FftSign::backward);
  for (std::size_t i = 0; i < grid.size(); ++i) {
    transmission[i] = Complex(std::polar(1.0, interaction_constant(200) * volts[i]));
  }
  forward.execute(transmission.data());
  const auto spectrum = probe_spectrum(grid, optics);
  for (int row = 0; row < grid.ny; ++row) {
    for (int column = 0; column < grid.nx; ++column) {
      const std::size_t i = std::size_t(row) * grid.nx + column;
      const double kx = grid.kx(column), ky = grid.ky(row);
      transmission[i] *= float(grid.band_limit(std::hypot(kx, ky)) / double(grid.size()));
      wave[i] = spectrum[i] * Complex(std::polar(1.0, -2 * std::numbers::pi * (kx * probe.x + ky * probe.y)));
    }
  }
  backward.execute(transmission.data());
  backward.execute(wave.data());
  for (std::size_t i = 0; i < grid.size(); ++i) wave[i] *= transmission[i];
  forward.execute(wave.data());
  double expected = 0;
  for (int row = 0; row < grid.ny; ++row) {
    for (int column = 0; column < grid.nx; ++column) {
      const double angle = 1e3 * electron_wavelength_A(200) * std::hypot(grid.kx(column), grid.ky(row));
      const double intensity =
          std::norm(wave[std::size_t(row) * grid.nx + column]) / double(grid.size()) / double(grid.size());
      if (rings[0].collects(angle)) expected += intensity;
    }
  }
  EXPECT_NEAR(fast[0] / expected, 1, 1e-5);
  EXPECT_GT(expected, 1e-3);
}

// By any part of a pixel, too: exp(i sigma V) does not alias (transmission_factors.h).
TEST(MultisliceEngine, MovingAtomsAndProbeTogetherChangesNothing) {
  const PeriodicCell cell = square_cell(128, 0.07);
  const auto moved = [&](const std::vector<int>& elements, const Position& by) {
    Structure structure = columns({{4.1, 3.3, 0}, {5.5, 4.2, 0}}, elements, 4);
    translate(structure, by);
    return intensities(structure, cell, {4.3 + by.x, 3.5 + by.y, 0});
  };
  expect_same(moved({6, 8}, {1.2345, -0.777, 0}), moved({6, 8}, {}), 1e-4);
  expect_same(moved({78, 28}, {1.2345, -0.777, 0}), moved({78, 28}, {}), 1e-3);
  expect_same(moved({78, 28}, {40 * 0.07, 60 * 0.07, 0}), moved({78, 28}, {}), 1e-4);
}

TEST(MultisliceEngine, QuarterTurnOfEverythingChangesNothing) {
  const PeriodicCell cell{{-3.6, -4.2, 0}, {120, 120, 0.07, 0.07}};
  Structure structure = columns({{0.1, 0.3, 0}, {1.5, 1.2, 0}, {-1, 0.4, 0}}, {78, 28, 46}, 3);
  Optics optics;
  optics.aberrations.C12 = 60;
  optics.aberrations.phi12 = 20;
  const auto before = intensities(structure, cell, {0.3, 0.6, 0}, whole_cell(), optics);
  rotate(structure, rotation_about_z(90));
  optics.aberrations.phi12 = 110;
  // (x, y) goes to (-y, x), and with it the cell's origin.
  const PeriodicCell turned{{4.2 - 120 * 0.07, -3.6, 0}, cell.grid};
  expect_same(intensities(structure, turned, {-0.6, 0.3, 0}, whole_cell(), optics), before, 2e-3);
}

TEST(MultisliceEngine, TwofoldAstigmatismKeepsTheHalfTurn) {
  const PeriodicCell cell = square_cell(120, 0.07);
  const Structure structure = columns({{4.2, 4.2, 0}}, {78}, 2);
  Optics optics;
  optics.aberrations.C12 = 80;
  optics.aberrations.phi12 = 30;
  const auto at = [&](double dx, double dy) {
    return intensities(structure, cell, {4.2 + dx, 4.2 + dy, 0}, whole_cell(), optics)[0];
  };
  EXPECT_NEAR(at(0.5, 0.3) / at(-0.5, -0.3), 1, 1e-3);
  EXPECT_GT(std::abs(at(0.5, 0.3) / at(-0.3, 0.5) - 1), 0.05);
}

TEST(MultisliceEngine, OneHeavyAtomIsRoundAndBrightestInTheMiddle) {
  const PeriodicCell cell = square_cell(128, 0.07);
  const Multislice multislice(columns({{4.5, 4.5, 0}}, {79}, 1), cell, Optics{}, rings, whole_cell());
  double before = 1;
  for (const double radius : {0.0, 0.2, 0.4, 0.6}) {
    const double right = multislice.probe_intensities(4.5 + radius, 4.5)[0];
    const double diagonal = multislice.probe_intensities(4.5 - radius * 0.6, 4.5 + radius * 0.8)[0];
    EXPECT_GT(right, 0);
    EXPECT_LT(right, before);
    EXPECT_NEAR(diagonal / right, 1, 0.02) << radius;
    if (radius > 0) before = right;
  }
}

TEST(MultisliceEngine, MoreAtomsAndHeavierAtomsAreBrighter) {
  const PeriodicCell cell = square_cell(128, 0.07);
  const Position middle{4.5, 4.5, 0};
  const auto haadf = [&](int element, int atoms) {
    return intensities(columns({middle}, {element}, atoms), cell, middle)[0];
  };
  EXPECT_GT(haadf(28, 2), haadf(28, 1));
  EXPECT_GT(haadf(28, 6), haadf(28, 3));
  EXPECT_GT(haadf(78, 4), 2 * haadf(28, 4));
  EXPECT_GT(haadf(46, 4), haadf(28, 4));
  EXPECT_GT(haadf(28, 4), haadf(27, 4));
}

TEST(MultisliceEngine, ResultsDoNotDependOnThreads) {
  const PeriodicCell cell = square_cell(128, 0.08);
  MultisliceOptions options;
  options.window_A = 6;
  const Structure structure = columns({{4.1, 3.3, 0}, {5.5, 3.9, 0}}, {78, 28}, 3);
  std::vector<ProbePosition> positions;
  for (int i = 0; i < 12; ++i) positions.push_back({3 + 0.2 * i, 3.5});
  const int threads = thread_count();
  set_thread_count(1);
  const auto one = Multislice(structure, cell, Optics{}, rings, options).scan(positions);
  set_thread_count(3);
  const auto three = Multislice(structure, cell, Optics{}, rings, options).scan(positions);
  set_thread_count(threads);
  EXPECT_EQ(one, three);
}

// A 3 x 3 x 1.5 nm block of columns, scanned in its middle.
TEST(MultisliceEngine, WindowAgreesWithTheWholeCell) {
  std::vector<Position> places;
  std::vector<int> elements;
  Random random(2);
  const int kinds[] = {78, 46, 28, 27, 26};
  for (int i = 0; i < 14; ++i) {
    for (int j = 0; j < 10; ++j) {
      places.push_back({1 + 2.1 * i, 1 + 2.9 * j, 0});
      elements.push_back(kinds[random.below(5)]);
    }
  }
  const Structure structure = columns(places, elements, 6);
  const PeriodicCell cell = square_cell(500, 0.06);
  std::vector<ProbePosition> positions;
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) positions.push_back({14.2 + 0.53 * i, 14.3 + 0.61 * j});
  }
  const auto haadf = [&](double window_A) {
    MultisliceOptions options;
    options.window_A = window_A;
    std::vector<float> values;
    for (const auto& probe : Multislice(structure, cell, Optics{}, rings, options).scan(positions)) {
      values.push_back(probe[0]);
    }
    return values;
  };
  const auto whole = haadf(0);
  EXPECT_LT(rms_over_mean(whole, haadf(7.5)), 0.03);
  EXPECT_LT(rms_over_mean(whole, haadf(10)), 0.02);
  EXPECT_LT(rms_over_mean(whole, haadf(15)), 0.01);
}

TEST(MultisliceEngine, RefusesWhatItCannotCarry) {
  const auto complaint = [](const PeriodicCell& cell, const MultisliceOptions& options, const Optics& optics,
                            const AnnularDetector& detector) -> std::string {
    try {
      const Multislice multislice(Structure{}, cell, optics, {detector}, options);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  const AnnularDetector haadf{"HAADF", 60, 100};
  EXPECT_THAT(complaint(square_cell(96, 0.1), whole_cell(), {}, haadf),
              testing::AllOf(testing::HasSubstr("83.6 mrad"), testing::HasSubstr("sampling of 0.0836 A")));
  EXPECT_THAT(complaint(square_cell(95, 0.05), whole_cell(), {}, haadf), testing::HasSubstr("even"));
  MultisliceOptions window;
  window.window_A = 5;
  EXPECT_THAT(complaint({{0, 0, 0}, {96, 96, 0.05, 0.06}}, window, {}, haadf), testing::HasSubstr("same pitch"));
  Optics blurred;
  blurred.aberrations.C10 = -800;
  EXPECT_THAT(complaint(square_cell(512, 0.05), window, blurred, haadf), testing::HasSubstr("wider window"));
}

}  // namespace
}  // namespace colonnade
