// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/defects/strain.h"

#include <cmath>
#include <gtest/gtest.h>

#include "colonnade/core/random.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/known_crystals.h"
#include "colonnade/structures/reciprocal_lattice.h"

namespace colonnade {
namespace {

const Matrix3 identity{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};

double largest_difference(const Matrix3& a, const Matrix3& b) {
  double most = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) most = std::max(most, std::abs(a[i][j] - b[i][j]));
  }
  return most;
}

Matrix3 outer(const Vector3& n) { return {scaled(n, n[0]), scaled(n, n[1]), scaled(n, n[2])}; }

Vector3 unit(const Vector3& v) { return scaled(v, 1 / length(v)); }

/// Strain along n that a pull of 1 GPa along n gives, turned into Young's modulus.
double young_along(const Voigt66& stiffness, const Vector3& n) {
  return 1 / dot(n, multiply(strain_of_stress(stiffness, outer(n)), n));
}

Matrix3 some_rotation() {
  return multiply(zone_axis_rotation(cubic_crystal("fcc", "Al", 4), {1, 2, 3}), rotation_about_z(17));
}

TEST(ElasticConstants, ComplianceInvertsStiffnessOfEveryCrystal) {
  for (const std::string& name : crystals_with_stiffness()) {
    if (name == "KCl" || name == "Be" || name == "Cd" || name == "Hf" || name == "Re" || name == "Ru" || name == "Zr" ||
        name == "Cr") {
      continue;  // no crystal of that name
    }
    const Voigt66 c = stiffness_of(crystal_from(name)), s = inverse_of(c);
    for (std::size_t j = 0; j < 6; ++j) {
      Voigt unit_vector{};
      unit_vector[j] = 1;
      const Voigt back = multiply(c, multiply(s, unit_vector));
      for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(back[i], unit_vector[i], 1e-12) << name;
    }
  }
}

TEST(ElasticConstants, HookeThereAndBack) {
  Random random(3);
  Matrix3 strain{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = i; j < 3; ++j) strain[i][j] = strain[j][i] = 0.01 * random.normal();
  }
  const Voigt66 stiffness = turned(stiffness_of(crystal_from("Ti")), some_rotation());
  EXPECT_LT(largest_difference(strain_of_stress(stiffness, stress_of_strain(stiffness, strain)), strain), 1e-15);
}

// Nye, chapter VIII: 1/E = s11 - 2 (s11 - s12 - s44/2) (l^2 m^2 + m^2 n^2 + n^2 l^2).
TEST(ElasticConstants, PullsAlongAxesGiveYoungsModuli) {
  for (const char* name : {"Al", "Fe", "Cu", "Si", "W"}) {
    const Voigt66 c = stiffness_of(crystal_from(name));
    const double c11 = c[0][0], c12 = c[0][1], c44 = c[3][3];
    const double s11 = (c11 + c12) / ((c11 - c12) * (c11 + 2 * c12)), s12 = -c12 / ((c11 - c12) * (c11 + 2 * c12));
    for (const auto& [n, sum] :
         {std::pair{Vector3{1, 0, 0}, 0.0}, {unit({1, 1, 0}), 0.25}, {unit({1, 1, 1}), 1.0 / 3}}) {
      EXPECT_NEAR(1 / young_along(c, n), s11 - 2 * (s11 - s12 - 0.5 / c44) * sum, 1e-14) << name;
    }
  }
  // Along <111> also 3 / E = 1 / (C11 + 2 C12) + 1 / C44.
  const Voigt66 iron = stiffness_of(crystal_from("Fe"), {231, 135, 116});
  EXPECT_NEAR(young_along(iron, {1, 0, 0}), 96 * 501.0 / 366, 1e-9);
  EXPECT_NEAR(young_along(iron, unit({1, 1, 1})), 3 / (1 / 501.0 + 1 / 116.0), 1e-9);
}

TEST(ElasticConstants, TurnedStiffnessPullsAsTheCrystalDoes) {
  const Voigt66 c = stiffness_of(crystal_from("Cu"));
  const Matrix3 rotation = some_rotation();
  const Vector3 n = unit({1, 1, 1});
  EXPECT_NEAR(young_along(turned(c, rotation), multiply(rotation, n)), young_along(c, n), 1e-10);
  const Voigt66 isotropic = isotropic_stiffness(70, 0.3), same = turned(isotropic, rotation);
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t j = 0; j < 6; ++j) EXPECT_NEAR(same[i][j], isotropic[i][j], 1e-12);
  }
}

TEST(ElasticConstants, SaysWhatIsMissingOrImpossible) {
  EXPECT_NE(message_of([] { stiffness_of(crystal_from("BaTiO3")); }).find("no elastic constants"), std::string::npos);
  EXPECT_NE(message_of([] { inverse_of(cubic_stiffness(100, 200, 30)); }).find("no stable crystal"), std::string::npos);
  EXPECT_NE(message_of([] {
              stiffness_of(crystal_from("Al"), {1, 2});
            }).find("2 elastic constants"),
            std::string::npos);
  EXPECT_NE(message_of([] { stiffness_of(cubic_crystal("fcc", "Co", 3.5)); }).find("hexagonal form"),
            std::string::npos);
}

TEST(Strain, MovesReciprocalVectorsByTheInverseTranspose) {
  Structure crystal = crystal_from("Ti");
  const Matrix3 before = reciprocal_cell(crystal);
  const Matrix3 gradient{{{1.02, 0.013, -0.004}, {0.001, 0.97, 0.02}, {0.005, -0.011, 1.01}}};
  const Fractional place = to_fractional(crystal, crystal.atoms[1].position);
  deform(crystal, gradient);
  const Matrix3 after = reciprocal_cell(crystal);
  // reciprocal(F) is F^-T.
  for (std::size_t k = 0; k < 3; ++k) {
    const Vector3 expected = multiply(reciprocal(gradient), before[k]);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(after[k][i], expected[i], 1e-12);
  }
  const Fractional same = to_fractional(crystal, crystal.atoms[1].position);
  EXPECT_NEAR(same.a, place.a, 1e-12);
  EXPECT_NEAR(same.b, place.b, 1e-12);
  EXPECT_NEAR(same.c, place.c, 1e-12);
  EXPECT_EQ(crystal.metadata["defects"][0]["kind"], "strain");
}

TEST(Strain, ReadsStrainAndStress) {
  const Structure al = crystal_from("Al");
  StrainOptions options;
  options.strain = {"exx=0.02", "exy=0.01", "Fzy=0.003"};
  const Matrix3 gradient = deformation_of(options, al, identity);
  EXPECT_LT(largest_difference(gradient, {{{1.02, 0.01, 0}, {0.01, 1, 0}, {0, 0.003, 1}}}), 1e-15);
  options = {};
  options.stress = {"yy=0.5"};
  const Matrix3 pulled = deformation_of(options, al, identity);
  EXPECT_NEAR(pulled[1][1] - 1, 0.5 / young_along(stiffness_of(al), {0, 1, 0}), 1e-12);
  EXPECT_LT(pulled[0][0], 1);
}

TEST(Strain, StressAxesAreTheCrystalsOrTheSpecimens) {
  const Structure cu = crystal_from("Cu");
  const Matrix3 rotation = zone_axis_rotation(cu, {1, 1, 1});
  StrainOptions options;
  options.stress = {"zz=1"};
  options.stress_axes = "specimen";
  EXPECT_NEAR(deformation_of(options, cu, rotation)[2][2] - 1, 1 / young_along(stiffness_of(cu), unit({1, 1, 1})),
              1e-12);
  options.stress_axes = "crystal";
  const Vector3 seen = multiply(rotation, Vector3{0, 0, 1});
  EXPECT_NEAR(dot(seen, multiply(deformation_of(options, cu, rotation), seen)) - 1,
              1 / young_along(stiffness_of(cu), {0, 0, 1}), 1e-12);
}

TEST(Strain, RefusesWhatIsNoStrain) {
  const auto refusal = [](const std::vector<std::string>& strain, const std::vector<std::string>& stress) {
    return message_of([&] {
      StrainOptions options;
      options.strain = strain;
      options.stress = stress;
      options.check();
    });
  };
  EXPECT_NE(refusal({"exw=1"}, {}).find("not understood"), std::string::npos);
  EXPECT_NE(refusal({}, {"exx=1"}).find("not understood"), std::string::npos);
  EXPECT_NE(refusal({"exx=0.1"}, {"xx=1"}).find("both"), std::string::npos);
  Structure al = crystal_from("Al");
  EXPECT_NE(message_of([&] { deform(al, {{{2, 0, 0}, {0, 1, 0}, {0, 0, 1}}}); }).find("beyond"), std::string::npos);
}

}  // namespace
}  // namespace colonnade
