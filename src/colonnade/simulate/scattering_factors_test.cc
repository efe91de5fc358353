// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/scattering_factors.h"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/factor_terms.h"
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

// Other wave functions lie behind Peng's table (Dirac-Fock, for some elements another configuration of the outermost
// electrons), and five Gaussians cannot follow 1/q^2: the bounds are what was measured over all elements.
TEST(ScatteringFactors, PengAgreesWithLobatoWithinItsRange) {
  const auto spread = [](double q, double allowed) {
    double squares = 0;
    for (int number = 1; number <= largest_peng_number; ++number) {
      const double ratio =
          scattering_factor(Parametrization::peng, number, q) / scattering_factor(Parametrization::lobato, number, q);
      EXPECT_NEAR(ratio, 1, allowed) << "Z " << number << " q " << q;
      squares += (ratio - 1) * (ratio - 1) / largest_peng_number;
    }
    return std::sqrt(squares);
  };
  EXPECT_LT(spread(0, 0.11), 0.02);
  for (double q = 0.05; q < 0.5; q += 0.05) EXPECT_LT(spread(q, 0.11), 0.02) << q;
  for (double q = 0.5; q <= 2; q += 0.1) EXPECT_LT(spread(q, 0.06), 0.016) << q;
  for (double q = 2; q <= largest_valid_q(Parametrization::peng); q += 0.1) EXPECT_LT(spread(q, 0.11), 0.043) << q;
}

TEST(ScatteringFactors, PengFallsSmoothly) {
  for (int number = 1; number <= largest_peng_number; ++number) {
    double before = scattering_factor(Parametrization::peng, number, 0);
    double slope = 0;
    for (double q = 0.05; q <= 12; q += 0.05) {
      const double now = scattering_factor(Parametrization::peng, number, q);
      EXPECT_LT(now, before) << "Z " << number << " q " << q;
      EXPECT_GT(now, 0) << "Z " << number << " q " << q;
      // The logarithm's slope changes gently: a wrong digit in the table would make a step.
      const double fall = std::log(now / before);
      if (q > 0.1) {
        EXPECT_LT(std::abs(fall - slope), 0.07) << "Z " << number << " q " << q;
      }
      slope = fall;
      before = now;
    }
  }
}

// An independent route to each closed form of FactorTerms: the trapezium rule on the Fourier integral.
TEST(ScatteringFactors, TermsGiveProjectionAndTails) {
  for (const auto kind : {Parametrization::lobato, Parametrization::kirkland, Parametrization::peng}) {
    for (const int number : {6, 28, 78}) {
      const FactorTerms& terms = factor_terms(kind, number);
      EXPECT_NEAR(terms.beyond(0.7, 0), terms.factor(0.7) / 2, 1e-9);
      for (const double k : {0.0, 0.3, 2.0}) {
        // The integral over k_z of f cos(2 pi k_z z), then over z from near to far, is one of f times a difference of
        // sin(2 pi k_z z) / (2 pi k_z).
        const double near = 0.21, far = 1.3, step = 0.01;
        double sum = 0;
        for (double kz = step / 2; kz < 200; kz += step) {
          const double turn = 2 * std::numbers::pi * kz;
          sum += 2 * step * terms.factor(std::hypot(k, kz)) * (std::sin(turn * far) - std::sin(turn * near)) / turn;
        }
        EXPECT_NEAR(terms.beyond(k, near) - terms.beyond(k, far), sum, 2e-4 * terms.factor(k)) << number << " " << k;
      }
      // The projected potential gives the factor back.
      for (const double k : {0.2, 1.0, 3.0}) {
        double sum = 0;
        for (double root = 0.001; root < 3; root += 0.002) {
          const double r = root * root;
          sum += 0.002 * 2 * root * 2 * std::numbers::pi * r * terms.projected(r) *
                 std::cyl_bessel_j(0, 2 * std::numbers::pi * k * r);
        }
        EXPECT_NEAR(sum / terms.factor(k), 1, 2e-4) << number << " " << k;
      }
      EXPECT_LT(terms.beyond(0, terms.reach(1e-3)), 1e-3 * terms.factor(0));
    }
  }
}

TEST(ScatteringFactors, OutsideTheTableFails) {
  EXPECT_THROW(scattering_factor(Parametrization::lobato, 0, 1), Error);
  EXPECT_THROW(scattering_factor(Parametrization::kirkland, 104, 1), Error);
  EXPECT_THROW(scattering_factor(Parametrization::peng, 99, 1), Error);
  EXPECT_EQ(parse_parametrization("kirkland"), Parametrization::kirkland);
  try {
    parse_parametrization("doyle");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("lobato, kirkland or peng"));
  }
}

}  // namespace
}  // namespace colonnade
