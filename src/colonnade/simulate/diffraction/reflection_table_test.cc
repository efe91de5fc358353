// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/diffraction/reflection_table.h"

#include <gtest/gtest.h>
#include <map>

#include "colonnade/core/random.h"
#include "colonnade/simulate/electron.h"

namespace colonnade {

namespace {

Matrix3 random_orientation(const Structure& crystal, Random& random) {
  CrystalOrientation orientation;
  orientation.zone_axis = {int(random.below(4)), int(random.below(4)), 1 + int(random.below(3))};
  orientation.tilt_x_deg = random.uniform(-180, 180);
  orientation.tilt_y_deg = random.uniform(-90, 90);
  orientation.in_plane_deg = random.uniform(0, 360);
  return orientation_matrix(crystal, orientation);
}

struct Difference {
  double place = 0, excitation = 0, intensity = 0;
  int unmatched = 0;
};

// Spots at the very limit of the excitation error may be in one list only.
Difference difference(const std::vector<DiffractionSpot>& clear, const std::vector<DiffractionSpot>& fast,
                      const SpotOptions& options) {
  Difference result;
  std::map<Miller, DiffractionSpot> found;
  for (const auto& spot : fast) found[spot.hkl] = spot;
  EXPECT_EQ(found.size(), fast.size());
  std::size_t shared = 0;
  for (const auto& spot : clear) {
    const auto other = found.find(spot.hkl);
    if (other == found.end()) {
      result.unmatched += std::abs(spot.excitation_per_A) < options.largest_excitation_per_A - 1e-6 &&
                          spot.intensity > options.weakest * (1 + 1e-5);
      continue;
    }
    ++shared;
    result.place =
        std::max(result.place, std::hypot(spot.x_per_A - other->second.x_per_A, spot.y_per_A - other->second.y_per_A));
    result.excitation = std::max(result.excitation, std::abs(spot.excitation_per_A - other->second.excitation_per_A));
    result.intensity = std::max(result.intensity, std::abs(spot.intensity / other->second.intensity - 1));
  }
  result.unmatched += int(fast.size() - shared) > 1;
  return result;
}

class TableAndList : public testing::TestWithParam<ShapeModel> {};

TEST_P(TableAndList, AreTheSameInAnyOrientation) {
  Random random(3);
  for (const auto& crystal : {cubic_crystal("fcc", "Al", 4.0495), cubic_crystal("diamond", "Si", 5.431)}) {
    StructureFactorOptions factors;
    factors.longest_per_A = 2.5;
    const auto reflections = structure_factors(crystal, factors);
    const ReflectionTable table(reflections);
    ASSERT_EQ(table.size(), reflections.size());
    SpotOptions options;
    options.shape.model = GetParam();
    options.shape.width_per_A = 0.04;
    for (int n = 0; n < 40; ++n) {
      options.energy_keV = random.uniform(60, 300);
      options.direct_beam = n % 2 == 0;
      options.weakest = n % 3 == 0 ? 1e-2 : 0;
      const Matrix3 turn = random_orientation(crystal, random);
      const auto clear = spot_list(reflections, turn, options);
      ASSERT_GT(clear.size(), 3u);
      const Difference d = difference(clear, table.spot_list(turn, options), options);
      EXPECT_EQ(d.unmatched, 0);
      EXPECT_LT(d.place, 1e-6);
      EXPECT_LT(d.excitation, 1e-6);
      if (GetParam() != ShapeModel::slab) {
        EXPECT_LT(d.intensity, 2e-4);
      }  // exp(-s^2 / 2 sigma^2), s within 1e-6
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, TableAndList,
                         testing::Values(ShapeModel::gaussian, ShapeModel::lorentzian, ShapeModel::linear,
                                         ShapeModel::slab),
                         [](const auto& info) { return shape_model_name(info.param); });

TEST(ReflectionTable, ScaleAndDirectBeam) {
  const auto crystal = cubic_crystal("bcc", "Fe", 2.8665);
  const auto reflections = structure_factors(crystal, {});
  const ReflectionTable table(reflections, FactorScale{true, 200}.value(crystal));
  SpotArrays spots;
  table.find_spots(orientation_matrix(crystal, {}), {}, spots);
  double direct = 0;
  for (std::size_t i = 0; i < spots.count; ++i)
    if (table.hkl(spots.reflection[i]) == Miller{}) direct = spots.intensity[i];
  const double volume = std::pow(2.8665, 3), mass = electron_mass_ratio(200);
  EXPECT_NEAR(direct, std::norm(reflections[0].factor) * std::pow(mass / volume, 2), 1e-6 * direct);
}

}  // namespace

}  // namespace colonnade
