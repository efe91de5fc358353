// SPDX-License-Identifier: GPL-3.0-or-later
// What must hold whatever the algorithm: properties of the specimen and the optics seen in images.
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <numbers>

#include "colonnade/core/random.h"
#include "colonnade/simulate/multislice_engine.h"
#include "colonnade/simulate/phase_object.h"
#include "colonnade/simulate/plain_multislice.h"
#include "colonnade/simulate/reference_data.h"

namespace colonnade {
namespace {

constexpr double pi = std::numbers::pi;

MultisliceOptions whole_cell(double slice_A = 2) {
  MultisliceOptions options;
  options.window_A = 0;
  options.slice_A = slice_A;
  return options;
}

Structure column(int number, int atoms, const Position& top, double spacing_A = 2.5) {
  Structure structure;
  for (int i = 0; i < atoms; ++i) structure.atoms.push_back({number, {top.x, top.y, top.z + spacing_A * i}});
  return structure;
}

// One atom under an unaberrated probe, by radial integrals only: the probe from the aperture with its edge of one step
// of the grid, times exp(i phi) - 1, Hankel-transformed to each angle of the ring.
double direct_integral(int number, const AnnularDetector& ring, double edge_per_A) {
  const Optics optics;
  const double wavelength = electron_wavelength_A(optics.energy_keV), k0 = optics.semiangle_mrad * 1e-3 / wavelength;
  const PhaseObject atom(factor_terms(Parametrization::lobato, number), optics.energy_keV);
  const auto aperture_at = [&](double k) { return std::clamp((k0 - k) / edge_per_A + 0.5, 0.0, 1.0); };
  double norm = 0;
  const double step_k = 0.004;
  for (double k = step_k / 2; k < k0 + edge_per_A; k += step_k)
    norm += step_k * 2 * pi * k * std::pow(aperture_at(k), 2);
  std::vector<double> radii, weights;
  for (double root = 0.001; root < 2.2; root += 0.002) {
    const double r = root * root;
    double probe = 0;
    for (double k = step_k / 2; k < k0 + edge_per_A; k += step_k) {
      probe += step_k * 2 * pi * k * aperture_at(k) * ::j0(2 * pi * k * r);
    }
    radii.push_back(r);
    weights.push_back(0.002 * 2 * root * 2 * pi * r * probe);
  }
  const double low = ring.inner_mrad * 1e-3 / wavelength, high = ring.outer_mrad * 1e-3 / wavelength;
  constexpr int angles = 40;
  double intensity = 0;
  for (int i = 0; i < angles; ++i) {
    const double k = low + (high - low) * (i + 0.5) / angles;
    std::complex<double> amplitude = 0;
    for (std::size_t j = 0; j < radii.size(); ++j) {
      amplitude += weights[j] * ::j0(2 * pi * k * radii[j]) * (std::polar(1.0, atom.phase(radii[j])) - 1.0);
    }
    intensity += (high - low) / angles * 2 * pi * k * std::norm(amplitude);
  }
  return intensity / norm;
}

TEST(SpecimenProperty, OneAtomAgreesWithTheDirectIntegral) {
  const AnnularDetector ring{"ADF", 60, 100};
  const PeriodicCell cell{{0, 0, 0}, {300, 300, 0.05, 0.05}};
  for (const int number : {6, 78}) {
    const Multislice multislice(column(number, 1, {7.513, 7.487, 1}), cell, Optics{}, {ring}, whole_cell());
    const double found = multislice.probe_intensities(7.513, 7.487)[0];
    const double direct = direct_integral(number, ring, 1 / cell.grid.length_x_A());
    EXPECT_NEAR(found / direct, 1, 0.005) << number;
  }
}

TEST(SpecimenProperty, ColumnsDoNotDependOnTheirPlaceBetweenPixels) {
  const double pitch = 0.0576;
  const PeriodicCell cell{{0, 0, 0}, {160, 160, pitch, pitch}};
  Random random(3);
  std::vector<double> values;
  for (int i = 0; i < 5; ++i) {
    const double x = 4.6 + pitch * random.uniform(), y = 4.6 + pitch * random.uniform();
    const Multislice multislice(column(78, 4, {x, y, 1}), cell, Optics{}, {{"ADF", 60, 100}}, whole_cell(2.5));
    values.push_back(multislice.probe_intensities(x, y)[0]);
  }
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  EXPECT_LT(*high / *low - 1, 2e-4);
}

// Averaged over all places of the probe, the plane waves of the aperture add incoherently, whatever their phases.
TEST(SpecimenProperty, MeanSignalKeepsItsScaleUnderAberrations) {
  const PeriodicCell cell{{0, 0, 0}, {80, 80, 0.05, 0.05}};
  Structure structure = column(78, 4, {1.1, 0.9, 1});
  for (const auto& atom : column(28, 4, {3.0, 2.7, 1}).atoms) structure.atoms.push_back(atom);
  Optics optics;
  std::vector<ProbePosition> scan;
  for (int i = 0; i < 8; ++i) {
    for (int j = 0; j < 8; ++j) scan.push_back({0.5 * i, 0.5 * j});
  }
  const auto means = [&] {
    double ring = 0, whole = 0;
    for (const auto& probe : Multislice(structure, cell, optics, {{"ADF", 50, 100}}, whole_cell()).scan(scan)) {
      ring += probe[0] / double(scan.size());
      whole += probe[1] / double(scan.size());
    }
    return std::pair(ring, whole);
  };
  const auto [ring, whole] = means();
  optics.aberrations.C10 = -60;
  optics.aberrations.C12 = 40;
  optics.aberrations.C23 = 800;
  optics.aberrations.C30 = 2e4;
  optics.aberrations.C45 = 1e5;
  const auto [aberrated_ring, aberrated_whole] = means();
  EXPECT_NEAR(aberrated_ring / ring, 1, 1e-4);
  EXPECT_NEAR(aberrated_whole / whole, 1, 1e-4);
  EXPECT_GT(whole, 0.95);
}

// A point detector on the axis in STEM and a plane wave along the axis through the specimen upside down, imaged by the
// same lens, see the same.
TEST(SpecimenProperty, Reciprocity) {
  const double slice_A = 2;
  const PeriodicCell cell{{0, 0, 0}, {96, 120, 0.07, 0.06}};
  Structure structure = column(78, 2, {3.1, 2.9, 0.7}, 2);
  structure.atoms.push_back({28, {4.4, 3.6, 2.9}});
  structure.atoms.push_back({8, {2.0, 4.1, 5.2}});
  Structure reversed = structure;
  for (auto& atom : reversed.atoms) atom.position.z = 6 - atom.position.z;
  Optics optics;
  optics.aberrations.C10 = -50;
  optics.aberrations.C21 = 900;
  optics.aberrations.phi21 = 33;
  const PlainMultislice stem(TransmissionStack(structure, cell, {200, slice_A, 2}), cell, slice_A, 200);
  const PlainMultislice ctem(TransmissionStack(reversed, cell, {200, slice_A, 2}), cell, slice_A, 200);
  PlainMultislice::Wave plane(cell.grid.size());
  for (std::size_t i = 0; i < plane.size(); ++i) plane[i] = float(1 / std::sqrt(double(plane.size())));
  ctem.pass(plane);
  for (const ProbePosition& place : {ProbePosition{3.0, 3.0}, ProbePosition{4.2, 3.3}}) {
    auto probe = stem.probe(optics, place);
    auto lens = stem.probe(optics, place);
    stem.pass(probe);
    std::complex<double> detected = 0, imaged = 0;
    for (std::size_t i = 0; i < probe.size(); ++i) {
      detected += std::complex<double>(probe[i]) / std::sqrt(double(probe.size()));
      imaged += std::complex<double>(plane[i]) * std::complex<double>(lens[i]);
    }
    EXPECT_NEAR(std::norm(imaged) / std::norm(detected), 1, 1e-4);
    // The engine's own point detector.
    const Multislice engine(structure, cell, optics, {{"point", 0, 0.5}}, whole_cell(slice_A));
    EXPECT_NEAR(engine.probe_intensities(place.x_A, place.y_A)[0] / std::norm(imaged), 1, 1e-3);
  }
}

TEST(SpecimenProperty, OblongPixelsAndCells) {
  Structure structure = column(78, 3, {3.1, 2.9, 0.7}, 2);
  structure.atoms.push_back({28, {4.4, 3.6, 2.9}});
  const auto value = [&](const WaveGrid& grid) {
    return Multislice(structure, {{0, 0, 0}, grid}, Optics{}, {{"ADF", 50, 90}}, whole_cell())
        .probe_intensities(3.3, 3.0)[0];
  };
  const double square = value({144, 200, 0.05, 0.05});
  // The band limit is that of the wider pitch, here the same.
  EXPECT_NEAR(value({180, 200, 0.04, 0.05}) / square, 1, 1e-3);
  EXPECT_NEAR(value({144, 250, 0.05, 0.04}) / square, 1, 1e-3);
}

std::vector<float> signals_of_column(int number, int atoms, double slice_A) {
  const PeriodicCell cell{{0, 0, -slice_A / 2}, {72, 72, 0.055, 0.055}};
  const TransmissionOptions options{200, slice_A, 2, Parametrization::lobato, Projection::finite, {}};
  const PlainMultislice plain(TransmissionStack(column(number, atoms, {2.0, 1.9, 0}, 2.4), cell, options), cell,
                              slice_A, 200);
  std::vector<float> values;
  for (const ProbePosition& place : {ProbePosition{2.0, 1.9}, ProbePosition{2.4, 1.9}}) {
    auto wave = plain.probe(Optics{}, place);
    plain.pass(wave);
    values.push_back(float(plain.detected(wave, {"ADF", 50, 90})));
  }
  return values;
}

// Slices ever thinner than an atom: the images of finite projections tend to a limit. (Heavy atoms need a finer grid
// then: see docs/design/specimen.md.)
TEST(SpecimenProperty, FiniteProjectionsConvergeAsSlicesAreHalved) {
  const auto whole = signals_of_column(6, 1, 2.4);
  const auto first = signals_of_column(6, 1, 0.16), second = signals_of_column(6, 1, 0.08);
  const auto third = signals_of_column(6, 1, 0.04);
  EXPECT_LT(rms_over_mean(second, first), 2e-3);
  EXPECT_LT(rms_over_mean(third, second), 0.8 * rms_over_mean(second, first));
  EXPECT_LT(rms_over_mean(third, whole), 6e-3);
  EXPECT_LT(rms_over_mean(signals_of_column(28, 3, 1.2), signals_of_column(28, 3, 2.4)), 2e-3);
}

}  // namespace
}  // namespace colonnade
