// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/debye_waller.h"

#include <cmath>
#include <gtest/gtest.h>
#include <numbers>

#include "colonnade/core/test_errors.h"
#include "colonnade/structures/elements.h"

namespace colonnade {
namespace {

constexpr double pi = std::numbers::pi;
constexpr double hbar2_over_uk = 48.5087;  // hbar^2 / (u k), A^2 K

TEST(DebyeWaller, PhiHasItsKnownLimitsAndValues) {
  EXPECT_DOUBLE_EQ(debye_phi(0), 1);
  // t / (e^t - 1) = 1 - t / 2 + t^2 / 12 - ...
  EXPECT_NEAR(debye_phi(0.1), 1 - 0.1 / 4 + 0.01 / 36, 1e-7);
  EXPECT_NEAR(debye_phi(1), 0.777504634, 1e-8);
  EXPECT_NEAR(100 * debye_phi(100), pi * pi / 6, 1e-9);
}

TEST(DebyeWaller, SigmaAtZeroIsZeroPointMotionAndGrowsAsTAtHighTemperature) {
  const double mass = 26.98, debye = 400;
  EXPECT_NEAR(std::pow(debye_sigma_A(mass, debye, 0), 2), 0.75 * hbar2_over_uk / (mass * debye), 1e-7);
  EXPECT_NEAR(debye_sigma_A(mass, debye, 1e-3), debye_sigma_A(mass, debye, 0), 1e-9);
  const double hot = 40000;
  EXPECT_NEAR(std::pow(debye_sigma_A(mass, debye, hot), 2), 3 * hbar2_over_uk * hot / (mass * debye * debye), 1e-4);
}

TEST(DebyeWaller, TemperatureInvertsSigma) {
  for (const double debye : {100.0, 400.0, 2000.0}) {
    EXPECT_NEAR(debye_temperature_of(50, debye_sigma_A(50, debye, 250), 250), debye, 1e-5);
  }
  EXPECT_NE(message_of([] { debye_temperature_of(50, 100, 300); }).find("no Debye temperature"), std::string::npos);
}

TEST(DebyeWaller, OfAluminiumIsThatOfMeasurements) {
  const int al = element("Al").number;
  const double debye = debye_temperature_K(al);
  // R. W. James, G. W. Brindley, D. R. Chipman: 390 to 428 K.
  EXPECT_GT(debye, 385);
  EXPECT_LT(debye, 430);
  const double mass = element(al).mass_u;
  EXPECT_NEAR(8 * pi * pi * std::pow(debye_sigma_A(mass, debye, 280), 2), 0.746, 1e-6);
  EXPECT_NEAR(debye_sigma_A(mass, debye, 300), 0.100, 0.002);
  EXPECT_NEAR(debye_sigma_A(mass, debye, 100), 0.067, 0.002);
  EXPECT_EQ(debye_temperature_K(element("Ir").number), 420);
  EXPECT_EQ(debye_temperature_K(element("O").number), 0);
}

}  // namespace
}  // namespace colonnade
