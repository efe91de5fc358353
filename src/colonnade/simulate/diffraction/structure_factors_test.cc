// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/diffraction/structure_factors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numbers>
#include <set>

#include "colonnade/core/random.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/simulate/electron.h"

namespace colonnade {

namespace {

std::set<Miller> present(const Structure& crystal, double longest_per_A) {
  StructureFactorOptions options;
  options.longest_per_A = longest_per_A;
  std::set<Miller> all;
  for (const auto& reflection : structure_factors(crystal, options)) all.insert(reflection.hkl);
  return all;
}

// The rules of the International Tables for centred lattices and the diamond glide.
bool allowed(const std::string& kind, const Miller& hkl) {
  const auto even = [](int n) { return n % 2 == 0; };
  const int sum = hkl[0] + hkl[1] + hkl[2];
  if (kind == "sc") return true;
  if (kind == "bcc") return even(sum);
  const bool unmixed = even(hkl[0]) == even(hkl[1]) && even(hkl[1]) == even(hkl[2]);
  if (kind == "fcc") return unmixed;
  return unmixed && (!even(hkl[0]) || sum % 4 == 0);
}

TEST(StructureFactors, ExtinctionsAreThoseOfTheLattice) {
  for (const std::string kind : {"sc", "bcc", "fcc", "diamond"}) {
    const Structure crystal = cubic_crystal(kind, "Si", 5.431);
    const auto found = present(crystal, 2);
    std::size_t wanted = 1;
    for (const auto& point : reciprocal_points(crystal, 2)) {
      EXPECT_EQ(found.contains(point.hkl), allowed(kind, point.hkl)) << kind;
      wanted += allowed(kind, point.hkl) ? 1 : 0;
    }
    EXPECT_EQ(found.size(), wanted);
  }
}

TEST(StructureFactors, OfRockSaltAreSumAndDifference) {
  Structure crystal = cubic_crystal("fcc", "Na", 5.64);
  for (const Atom& atom : cubic_crystal("fcc", "Cl", 5.64).atoms)
    crystal.atoms.push_back({17, {atom.position.x + 2.82, atom.position.y, atom.position.z}});
  for (const auto& reflection : structure_factors(crystal, {})) {
    const double q = length(reflection.g);
    const double sign = reflection.hkl[0] % 2 == 0 ? 1 : -1;
    const double wanted = 4 * (scattering_factor(Parametrization::lobato, 11, q) +
                               sign * scattering_factor(Parametrization::lobato, 17, q));
    EXPECT_NEAR(reflection.factor.real(), wanted, 1e-11);
    EXPECT_NEAR(reflection.factor.imag(), 0, 1e-11);
  }
}

Structure without_symmetry() {
  Structure crystal;
  crystal.cell = {{{5, 0, 0}, {1.2, 6, 0}, {-0.7, 0.9, 7}}};
  Random random(5);
  for (const int number : {14, 8, 79, 13})
    crystal.atoms.push_back({number, {random.uniform(0, 5), random.uniform(0, 5), random.uniform(0, 5)}});
  return crystal;
}

TEST(StructureFactors, ObeyFriedelsLaw) {
  const Structure crystal = without_symmetry();
  for (const auto& reflection : structure_factors(crystal, {})) {
    const auto opposite = structure_factor(crystal, scaled(reflection.g, -1), {});
    EXPECT_NEAR(std::abs(opposite - std::conj(reflection.factor)), 0, 1e-12 * std::abs(reflection.factor) + 1e-13);
  }
}

TEST(StructureFactors, ShiftOfTheOriginTurnsPhasesOnly) {
  const Structure crystal = without_symmetry();
  Structure moved = crystal;
  translate(moved, {0.3, -1.1, 2.2});
  const auto before = structure_factors(crystal, {}), after = structure_factors(moved, {});
  ASSERT_EQ(before.size(), after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    const auto turn = std::polar(1.0, 2 * std::numbers::pi * dot(before[i].g, {0.3, -1.1, 2.2}));
    EXPECT_NEAR(std::abs(before[i].factor * turn - after[i].factor), 0, 1e-11);
  }
}

TEST(StructureFactors, DebyeWallerFactorOfOneElement) {
  const Structure crystal = cubic_crystal("fcc", "Al", 4.0495);
  StructureFactorOptions options;
  options.b_factors_A2 = debye_waller_factors(crystal, "Al:0.8", 300);
  const auto still = structure_factors(crystal, {}), warm = structure_factors(crystal, options);
  ASSERT_EQ(still.size(), warm.size());
  for (std::size_t i = 0; i < still.size(); ++i) {
    const double s = length(still[i].g) / 2;
    EXPECT_NEAR(std::abs(warm[i].factor / still[i].factor), std::exp(-0.8 * s * s), 1e-12);
  }
  EXPECT_NEAR(debye_waller_factors(crystal, "0.1 A", 600).at(13), 2 * 8 * std::pow(std::numbers::pi * 0.1, 2), 1e-12);
  EXPECT_NEAR(debye_waller_factors(crystal, "", 280).at(13), 0.746, 1e-12);
  EXPECT_TRUE(debye_waller_factors(crystal, "", 0).empty());
}

TEST(StructureFactors, ScalesAreVolumeAndMass) {
  const Structure crystal = cubic_crystal("fcc", "Al", 4.0495);
  EXPECT_EQ((FactorScale{}.value(crystal)), 1);
  EXPECT_DOUBLE_EQ((FactorScale{true, 0}.value(crystal)), 1 / std::pow(4.0495, 3));
  EXPECT_DOUBLE_EQ((FactorScale{false, 200}.value(crystal)), electron_mass_ratio(200));
}

TEST(StructureFactors, BadInputIsRefused) {
  const Structure crystal = cubic_crystal("fcc", "Al", 4.0495);
  StructureFactorOptions options;
  options.longest_per_A = 0.1;
  EXPECT_THAT(message_of([&] { structure_factors(crystal, options); }), testing::HasSubstr("no reflection up to 0.1"));
  options.longest_per_A = -1;
  EXPECT_THAT(message_of([&] { structure_factors(crystal, options); }), testing::HasSubstr("positive"));
  Structure bare;
  bare.atoms = crystal.atoms;
  EXPECT_THAT(message_of([&] { structure_factors(bare, {}); }), testing::HasSubstr("cell"));
  Structure empty = crystal;
  empty.atoms.clear();
  EXPECT_THAT(message_of([&] { structure_factors(empty, {}); }), testing::HasSubstr("no atoms"));
  EXPECT_THAT(message_of([&] { debye_waller_factors(crystal, "", -5); }), testing::HasSubstr("temperature"));
  EXPECT_THAT(message_of([&] { debye_waller_factors(crystal, "Al:x", 300); }), testing::HasSubstr("b_factors"));
}

}  // namespace

}  // namespace colonnade
