// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/diffraction/bloch_waves.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <numbers>
#include <numeric>

#include "colonnade/core/test_errors.h"
#include "colonnade/simulate/diffraction/diffraction_reference.h"
#include "colonnade/simulate/diffraction/two_beam.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/plain_multislice.h"

namespace colonnade {

namespace {

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

const Structure& silicon() {
  static const Structure crystal = cubic_crystal("diamond", "Si", 5.431);
  return crystal;
}

Matrix3 turn_to(const Structure& crystal, const Miller& zone, double tilt_deg = 0) {
  CrystalOrientation orientation;
  orientation.zone_axis = zone;
  orientation.tilt_y_deg = tilt_deg;
  return orientation_matrix(crystal, orientation);
}

TEST(BlochWaves, AgreeWithPy4dstem) {
  if (!std::filesystem::exists(diffraction_reference() / "bloch_parameters.json")) GTEST_SKIP() << "no reference data";
  const auto crystals = reference_json("py4dstem_parameters.json");
  const auto parameters = reference_json("bloch_parameters.json");
  double largest = 0;
  std::size_t compared = 0;
  for (const auto& file : parameters.at("files")) {
    const std::string name = file.at("file");  // bloch_Al_001_200kV_t50.0A.csv
    SCOPED_TRACE(name);
    const auto crystal = reference_crystal(crystals, name.substr(6, 2));
    const BlochWaves waves(crystal, turn_to(crystal, parse_zone_axis(name.substr(9, 3))), {});
    std::map<Miller, double> ours;
    for (const auto& spot : waves.spots(file.at("thickness_A"), 0)) ours[spot.hkl] = spot.intensity;
    for (const auto& spot : reference_spots(diffraction_reference() / name, false)) {
      if (spot.intensity < 1e-5) continue;
      // There the beam runs against the zone axis.
      const Miller hkl{-spot.hkl[0], -spot.hkl[1], -spot.hkl[2]};
      ASSERT_TRUE(ours.contains(hkl));
      EXPECT_NEAR(ours[hkl] / spot.intensity, 1, 0.01) << spot.hkl[0] << ' ' << spot.hkl[1] << ' ' << spot.hkl[2];
      ++compared;
      largest = std::max(largest, std::abs(ours[hkl] / spot.intensity - 1));
    }
  }
  EXPECT_GT(compared, 200u);
  RecordProperty("largest", fmt::format("{:.3g}", largest));
}

TEST(BlochWaves, KeepEveryElectron) {
  for (const double tilt : {0.0, 1.3}) {
    const BlochWaves waves(silicon(), turn_to(silicon(), {1, 1, 0}, tilt), {});
    for (const double thickness : {0.0, 37.0, 200.0, 2000.0}) EXPECT_NEAR(sum(waves.intensities(thickness)), 1, 1e-11);
    EXPECT_NEAR(waves.intensities(0)[0], 1, 1e-12);
  }
}

TEST(BlochWaves, OfTwoBeamsAreTheClosedForm) {
  const Miller hkl{2, 2, 0};
  const double volume = std::pow(5.431, 3), g = std::sqrt(8.0) / 5.431;
  for (const double excitation : {0.0, 0.002, -0.004}) {
    // About the axis along which 220 is tilted onto the sphere and past it.
    const double wavelength = electron_wavelength_A(200);
    const double bragg = std::asin(g * wavelength / 2) * 180 / std::numbers::pi;
    const Matrix3 zone = turn_to(silicon(), {0, 0, 1});
    const Vector3 direction = multiply(zone, scaled(Vector3{2, 2, 0}, 1 / 5.431));
    CrystalOrientation orientation;
    orientation.in_plane_deg = -std::atan2(direction[1], direction[0]) * 180 / std::numbers::pi;
    const double angle = (bragg + excitation / g * 180 / std::numbers::pi) * std::numbers::pi / 180;
    const Matrix3 tilt{{{std::cos(angle), 0, std::sin(angle)}, {0, 1, 0}, {-std::sin(angle), 0, std::cos(angle)}}};
    const Matrix3 turn = multiply(tilt, orientation_matrix(silicon(), orientation));
    const BlochWaves waves(silicon(), turn, {{0, 0, 0}, hkl}, {});
    const auto factor = structure_factor(silicon(), scaled(Vector3{2, 2, 0}, 1 / 5.431), {});
    const double extinction = extinction_distance_A(std::abs(factor), volume, 200);
    const double s = waves.beams()[1].excitation_per_A;
    EXPECT_NEAR(s, excitation, 2e-5);
    for (const double thickness : {80.0, 300.0, 700.0})
      EXPECT_NEAR(waves.intensities(thickness)[1], two_beam_intensity(extinction, s, thickness), 2e-3) << excitation;
  }
}

TEST(BlochWaves, OfAThinCrystalAreKinematical) {
  const double thickness = 3;
  const auto reflections = structure_factors(silicon(), {});
  const Matrix3 turn = turn_to(silicon(), {1, 1, 0});
  SpotOptions options;
  options.shape = {ShapeModel::slab, 0.01, thickness};
  const double amplitude = electron_mass_ratio(200) * electron_wavelength_A(200) * thickness / std::pow(5.431, 3);
  std::map<Miller, double> dynamical;
  const BlochWaves waves(silicon(), turn, {});
  for (const auto& spot : waves.spots(thickness, 0)) dynamical[spot.hkl] = spot.intensity;
  int compared = 0;
  for (const auto& spot : spot_list(reflections, turn, options)) {
    const double kinematical = spot.intensity * amplitude * amplitude;
    if (spot.hkl == Miller{} || kinematical < 1e-5) continue;
    EXPECT_NEAR(dynamical[spot.hkl] / kinematical, 1, 0.12);
    ++compared;
  }
  EXPECT_GT(compared, 8);
}

// The same crystal cut into slices, a plane wave going through: an algorithm that shares the scattering factors only.
// Its slices, whole atoms projected, are 2 % from the limit of thin ones.
TEST(BlochWaves, AgreeWithMultislice) {
  constexpr double a = 5.431, slice_A = a / 4;
  constexpr int cells = 1, points = 128, layers = 20;
  Structure block = repeat(silicon(), {cells, cells, layers});
  translate(block, {0, 0, slice_A / 2});  // atoms in the middle of their slices
  const PeriodicCell cell{{0, 0, 0}, {points, points, cells * a / points, cells * a / points}};
  TransmissionOptions transmission;
  transmission.slice_A = slice_A;
  transmission.oversampling = 2;
  const PlainMultislice multislice(TransmissionStack(block, cell, transmission), cell, slice_A, 200);
  PlainMultislice::Wave wave(cell.grid.size());
  for (std::size_t i = 0; i < wave.size(); ++i) wave[i] = 1.0F / points;
  multislice.pass(wave);
  const auto far = multislice.far_field(std::move(wave));
  const BlochWaves waves(silicon(), turn_to(silicon(), {0, 0, 1}), {});
  int compared = 0;
  for (const auto& spot : waves.spots(layers * a, 0)) {
    if (spot.intensity < 1e-3 || spot.hkl[2] != 0) continue;
    const int row = (spot.hkl[1] * cells + points) % points, column = (spot.hkl[0] * cells + points) % points;
    EXPECT_NEAR(far[std::size_t(row * points + column)] / spot.intensity, 1, 0.03) << spot.hkl[0] << spot.hkl[1];
    ++compared;
  }
  EXPECT_GE(compared, 9);
}

TEST(BlochWaves, WeakBeamsMayOnlyPerturb) {
  const Matrix3 turn = turn_to(silicon(), {1, 1, 0});
  BlochOptions options;
  const BlochWaves whole(silicon(), turn, options);
  options.largest_excitation_per_A = 0.025;
  const BlochWaves fewer(silicon(), turn, options);
  options.largest_perturbing_per_A = 0.06;
  const BlochWaves perturbed(silicon(), turn, options);
  ASSERT_EQ(fewer.beams().size(), perturbed.beams().size());
  ASSERT_LT(fewer.beams().size(), 0.6 * double(whole.beams().size()));
  double without = 0, with = 0;
  for (const double thickness : {300.0, 500.0, 700.0, 900.0}) {
    std::map<Miller, double> wanted;
    for (const auto& spot : whole.spots(thickness, 0)) wanted[spot.hkl] = spot.intensity;
    for (const auto& spot : fewer.spots(thickness, 0)) without += std::abs(spot.intensity - wanted[spot.hkl]);
    for (const auto& spot : perturbed.spots(thickness, 0)) with += std::abs(spot.intensity - wanted[spot.hkl]);
    EXPECT_NEAR(sum(perturbed.intensities(thickness)), 1, 1e-11);
  }
  EXPECT_LT(with, 0.2 * without);
}

TEST(BlochWaves, DoubleDiffractionFillsForbiddenReflections) {
  const BlochWaves waves(silicon(), turn_to(silicon(), {1, 1, 0}), {});
  for (const auto& spot : waves.spots(300, 0)) {
    if (spot.hkl != Miller{0, 0, 2}) continue;
    EXPECT_EQ(structure_factor(silicon(), scaled(Vector3{0, 0, 2}, 1 / 5.431), {}), 0.0);
    EXPECT_GT(spot.intensity, 1e-4);
    return;
  }
  FAIL() << "002 is no beam";
}

TEST(TwoBeam, ExtinctionDistancesAreThoseOfTheTables) {
  // D. B. Williams, C. B. Carter, Transmission Electron Microscopy, table 13.2, nm at 100 keV; their factors differ.
  const auto distance_nm = [](const std::string& kind, const std::string& symbol, double a, const Vector3& hkl) {
    const auto crystal = cubic_crystal(kind, symbol, a);
    const auto factor = structure_factor(crystal, scaled(hkl, 1 / a), {});
    return extinction_distance_A(std::abs(factor), a * a * a, 100) / 10;
  };
  EXPECT_NEAR(distance_nm("fcc", "Al", 4.0495, {2, 0, 0}) / 67.3, 1, 0.05);
  EXPECT_NEAR(distance_nm("fcc", "Au", 4.078, {2, 2, 0}) / 24.8, 1, 0.1);
  EXPECT_NEAR(distance_nm("diamond", "Si", 5.431, {2, 2, 0}) / 75.7, 1, 0.05);
}

TEST(TwoBeam, SpotsFollowTheThickness) {
  const auto crystal = cubic_crystal("fcc", "Al", 4.0495);
  const auto reflections = structure_factors(crystal, {});
  SpotOptions options;
  options.shape.thickness_A = 120;
  const auto spots = two_beam_spots(crystal, reflections, turn_to(crystal, {0, 0, 1}), options);
  double total = 0;
  for (const auto& spot : spots) {
    total += spot.intensity;
    if (spot.hkl != Miller{2, 0, 0}) continue;
    const auto factor = structure_factor(crystal, scaled(Vector3{2, 0, 0}, 1 / 4.0495), {});
    const double extinction = extinction_distance_A(std::abs(factor), std::pow(4.0495, 3), 200);
    EXPECT_NEAR(spot.intensity, two_beam_intensity(extinction, spot.excitation_per_A, 120), 1e-14);
  }
  EXPECT_NEAR(total, 1, 1e-12);
  EXPECT_DOUBLE_EQ(two_beam_intensity(200, 0, 100), 1);
  EXPECT_NEAR(two_beam_intensity(200, 0, 200), 0, 1e-20);
}

TEST(BlochWaves, BadInputIsRefused) {
  const Matrix3 turn = turn_to(silicon(), {0, 0, 1});
  const auto refusal = [&](auto change) {
    BlochOptions options;
    change(options);
    return message_of([&] { BlochWaves(silicon(), turn, options); });
  };
  EXPECT_THAT(refusal([](auto& o) { o.energy_keV = 0; }), testing::HasSubstr("energy"));
  EXPECT_THAT(refusal([](auto& o) { o.longest_per_A = -1; }), testing::HasSubstr("longest"));
  EXPECT_THAT(refusal([](auto& o) { o.largest_excitation_per_A = 0; }), testing::HasSubstr("excitation"));
  EXPECT_THAT(refusal([](auto& o) { o.most_beams = 20; }), testing::HasSubstr("more than 20"));
  EXPECT_THAT(refusal([](auto& o) { o.largest_excitation_per_A = 1e-9; }), testing::HasSubstr("no reflection"));
  EXPECT_THAT(message_of([&] { BlochWaves(silicon(), turn, {{2, 2, 0}}, {}); }), testing::HasSubstr("000"));
  EXPECT_THAT(message_of([&] { BlochWaves(silicon(), turn, {}).intensities(-1); }), testing::HasSubstr("thick"));
}

}  // namespace

}  // namespace colonnade
