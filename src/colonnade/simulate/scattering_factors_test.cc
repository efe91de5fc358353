// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/scattering_factors.h"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/scattering_tables.h"

namespace colonnade {
namespace {

constexpr double mott_bethe = 2 * std::numbers::pi * std::numbers::pi * bohr_radius_A;

// Mott and Bethe: f_e = (Z - f_x) / (2 pi^2 a0 q^2).
double xray_factor(Parametrization parametrization, int number, double q) {
  return number - mott_bethe * q * q * scattering_factor(parametrization, number, q);
}

TEST(ScatteringFactors, TwoParametrisationsAgreeForAllElements) {
  for (int number = 1; number <= largest_parametrized_number; ++number) {
    for (double q = 0.3; q <= 6; q += 0.1) {
      const double lobato = scattering_factor(Parametrization::lobato, number, q);
      const double kirkland = scattering_factor(Parametrization::kirkland, number, q);
      EXPECT_NEAR(kirkland / lobato, 1, 0.047) << "Z " << number << " q " << q;
    }
  }
}

TEST(ScatteringFactors, LargeAnglesSeeTheBareNucleus) {
  for (int number = 1; number <= largest_parametrized_number; ++number) {
    const double q = 3e4;
    EXPECT_NEAR(mott_bethe * q * q * scattering_factor(Parametrization::lobato, number, q) / number, 1, 1e-5);
    EXPECT_NEAR(mott_bethe * q * q * scattering_factor(Parametrization::kirkland, number, q) / number, 1, 0.1);
  }
}

TEST(ScatteringFactors, LobatoTableObeysTheNuclearLimitToItsLastDigits) {
  for (int number = 1; number <= largest_parametrized_number; ++number) {
    const auto& row = lobato_table[number - 1];
    double sum = 0;
    for (int i = 0; i < 5; ++i) sum += row[i] / row[i + 5];
    EXPECT_NEAR(mott_bethe * sum / number, 1, 1e-9) << "Z " << number;
  }
}

TEST(ScatteringFactors, XrayLimit) {
  // Hartree-Fock values of carbon, International Tables C, at sin(theta)/lambda = 0.1, 0.2, 0.3, 0.5 1/A.
  const double s[] = {0.1, 0.2, 0.3, 0.5}, carbon[] = {5.126, 3.581, 2.502, 1.685};
  for (int i = 0; i < 4; ++i) {
    EXPECT_NEAR(xray_factor(Parametrization::lobato, 6, 2 * s[i]), carbon[i], 0.05);
    EXPECT_NEAR(xray_factor(Parametrization::kirkland, 6, 2 * s[i]), carbon[i], 0.05);
  }
  for (int number = 1; number <= largest_parametrized_number; ++number) {
    EXPECT_NEAR(xray_factor(Parametrization::lobato, number, 0.001) / number, 1, 1e-3);
    double before = number;
    for (double q = 0.1; q < 8; q += 0.1) {
      const double now = xray_factor(Parametrization::lobato, number, q);
      EXPECT_LT(now, before + 1e-2) << "Z " << number << " q " << q;
      before = now;
    }
  }
}

TEST(ScatteringFactors, OutsideTheTableFails) {
  EXPECT_THROW(scattering_factor(Parametrization::lobato, 0, 1), Error);
  EXPECT_THROW(scattering_factor(Parametrization::kirkland, 104, 1), Error);
  EXPECT_EQ(parse_parametrization("kirkland"), Parametrization::kirkland);
  try {
    parse_parametrization("peng");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("lobato or kirkland"));
  }
}

}  // namespace
}  // namespace colonnade
