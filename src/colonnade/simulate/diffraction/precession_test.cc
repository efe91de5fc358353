// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/diffraction/precession.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <numbers>

#include "colonnade/core/test_errors.h"
#include "colonnade/simulate/electron.h"

namespace colonnade {

namespace {

const Structure& aluminium() {
  static const Structure crystal = cubic_crystal("fcc", "Al", 4.0495);
  return crystal;
}

std::map<Miller, DiffractionSpot> by_indices(const std::vector<DiffractionSpot>& spots) {
  std::map<Miller, DiffractionSpot> map;
  for (const auto& spot : spots) map[spot.hkl] = spot;
  return map;
}

TEST(Precession, WithoutAnAngleIsNone) {
  const auto reflections = structure_factors(aluminium(), {});
  const Matrix3 turn = orientation_matrix(aluminium(), {{1, 1, 2}, 0, 0, 10});
  const auto still = by_indices(spot_list(reflections, turn, {}));
  const auto moved = by_indices(precessed_spots(aluminium(), reflections, turn, {}, {}));
  ASSERT_EQ(still.size(), moved.size());
  for (const auto& [hkl, spot] : still) {
    EXPECT_NEAR(moved.at(hkl).intensity, spot.intensity, 1e-12 * spot.intensity);
    EXPECT_NEAR(moved.at(hkl).x_per_A, spot.x_per_A, 1e-12);
  }
}

TEST(Precession, SweepsTheExcitationErrorOfAPlane) {
  // A reflection g across the axis at azimuth a of the tilt t: s = -g sin t cos a - lambda g^2 / 2 to first order, so
  // the mean of a slab's shape factor is the mean over a.
  const auto reflections = structure_factors(aluminium(), {});
  const Matrix3 turn = orientation_matrix(aluminium(), {});
  SpotOptions options;
  options.shape = {ShapeModel::slab, 0.01, 150};
  options.largest_excitation_per_A = 1;
  PrecessionOptions precession{1.5, 720};
  const auto spots = by_indices(precessed_spots(aluminium(), reflections, turn, options, precession));
  const double g = 2 / 4.0495, tilt = std::sin(1.5 * std::numbers::pi / 180);
  double mean = 0;
  for (int n = 0; n < 5000; ++n)
    mean += options.shape.value(-g * tilt * std::cos(2 * std::numbers::pi * n / 5000) -
                                electron_wavelength_A(200) * g * g / 2);
  const double strength = std::norm(structure_factor(aluminium(), {g, 0, 0}, {}));
  EXPECT_NEAR(spots.at({2, 0, 0}).intensity / (strength * mean / 5000), 1, 0.01);
  EXPECT_NEAR(spots.at({2, 0, 0}).intensity, spots.at({-2, 0, 0}).intensity, 1e-9 * strength);
}

TEST(Precession, ShowsMoreReflections) {
  const auto reflections = structure_factors(aluminium(), {});
  const Matrix3 turn = orientation_matrix(aluminium(), {});
  const auto still = spot_list(reflections, turn, {});
  EXPECT_GT(double(precessed_spots(aluminium(), reflections, turn, {}, {2, 72}).size()), 1.5 * double(still.size()));
}

TEST(Precession, OfBlochWavesKeepsElectronsAndSymmetry) {
  const Matrix3 turn = orientation_matrix(aluminium(), {});
  BlochOptions options;
  options.longest_per_A = 1.2;
  const auto spots = by_indices(precessed_bloch_spots(aluminium(), turn, options, 300, {1, 24}));
  double total = 0;
  for (const auto& [hkl, spot] : spots) total += spot.intensity;
  EXPECT_NEAR(total, 1, 1e-10);
  for (const Miller& hkl : {Miller{-2, 0, 0}, Miller{0, 2, 0}, Miller{0, -2, 0}})
    EXPECT_NEAR(spots.at(hkl).intensity / spots.at({2, 0, 0}).intensity, 1, 1e-6);
}

TEST(Precession, BadInputIsRefused) {
  const auto reflections = structure_factors(aluminium(), {});
  const Matrix3 turn = orientation_matrix(aluminium(), {});
  const auto refusal = [&](const PrecessionOptions& options) {
    return message_of([&] { precessed_spots(aluminium(), reflections, turn, {}, options); });
  };
  EXPECT_THAT(refusal({-1, 72}), testing::HasSubstr("-1 degrees"));
  EXPECT_THAT(refusal({1, 0}), testing::HasSubstr("0 azimuths"));
}

}  // namespace

}  // namespace colonnade
