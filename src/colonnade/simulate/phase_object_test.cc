// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/phase_object.h"

#include <cmath>
#include <gtest/gtest.h>
#include <numbers>

#include "colonnade/core/random.h"
#include "colonnade/simulate/electron.h"

namespace colonnade {
namespace {

constexpr double pi = std::numbers::pi;

const FactorTerms& lobato(int number) { return factor_terms(Parametrization::lobato, number); }

TEST(PhaseObject, TableGivesTheProjectedPotential) {
  for (const int number : {6, 78}) {
    const PhaseObject atom(lobato(number), 200);
    for (const double r : {0.003, 0.05, 0.4, 2.0}) {
      EXPECT_NEAR(atom.phase(r) / (phase_per_factor_A(200) * lobato(number).projected(r)), 1, 1e-4) << r;
    }
  }
}

TEST(PhaseObject, LightAtomsScatterAsBornSays) {
  const PhaseObjectAmplitude amplitude(PhaseObject(lobato(2), 300));
  for (const double q : {0.1, 1.0, 4.0}) {
    EXPECT_NEAR(std::abs(amplitude(q)) / lobato(2).factor(q), 1, 2e-3) << q;
    EXPECT_NEAR(amplitude(q).real() / lobato(2).factor(q), 1, 4e-3) << q;
  }
}

// |exp(i phi) - 1|^2 = -2 Re(exp(i phi) - 1): no electron is lost.
TEST(PhaseObject, ObeysTheOpticalTheorem) {
  const PhaseObjectAmplitude amplitude(PhaseObject(lobato(78), 200));
  double scattered = 0;
  for (double u = 0.001; u < 8; u += 0.002) {
    const double q = std::sinh(u) * 0.05;
    scattered += std::norm(amplitude(q)) * 2 * pi * q * 0.05 * std::cosh(u) * 0.002;
  }
  EXPECT_NEAR(phase_per_factor_A(200) * scattered / (2 * amplitude(0).imag()), 1, 0.01);
}

TEST(PhaseObject, HeavyAtomsAreNotWeak) {
  const PhaseObjectAmplitude amplitude(PhaseObject(lobato(78), 200));
  EXPECT_LT(std::abs(amplitude(0)), 0.95 * lobato(78).factor(0));
  EXPECT_GT(amplitude(3).imag(), 0.5 * std::abs(amplitude(3)));
  EXPECT_NEAR(std::abs(amplitude(25)) / lobato(78).factor(25), 1, 0.05);
}

// Draws displacements instead of averaging.
TEST(AbsorptiveFactor, IsTheMeanOverDisplacements) {
  constexpr double b = 0.38;
  const double u = std::sqrt(b / 8) / pi;
  const PhaseObject atom(lobato(78), 200);
  const AbsorptiveFactor mean(atom, b);
  Random random(5);
  for (const double r : {0.0, 0.06, 0.15, 0.4}) {
    std::complex<double> drawn = 0;
    constexpr int draws = 40000;
    for (int i = 0; i < draws; ++i) {
      const double x = r + u * random.normal(), y = u * random.normal();
      drawn += std::polar(1.0 / draws, atom.phase(std::hypot(x, y)));
    }
    // Back from the factors to exp(i v) at r.
    double phase = 0, absorbed = 0;
    for (double k = 0.0025; k < 25; k += 0.005) {
      const double weight = phase_per_factor_A(200) * 2 * pi * k * 0.005 * std::cyl_bessel_j(0, 2 * pi * k * r);
      phase += weight * mean.elastic(k);
      absorbed += weight * mean.absorptive(k);
    }
    EXPECT_NEAR(std::abs(std::polar(std::exp(-absorbed), phase) - drawn), 0, 0.012) << r;
  }
}

TEST(AbsorptiveFactor, OfALightAtomIsHallAndHirschsIntegral) {
  constexpr double b = 0.5;
  const double scale = phase_per_factor_A(300);
  const AbsorptiveFactor mean(PhaseObject(lobato(6), 300), b);
  for (const double k : {0.0, 0.5, 2.0}) {
    // Half of (gamma lambda)^2 times the two-dimensional integral, over gamma lambda.
    double sum = 0;
    for (double u = 0.005; u < 8; u += 0.01) {
      const double q = std::sinh(u);
      for (int j = 0; j < 64; ++j) {
        const double cosine = std::cos((j + 0.5) * pi / 64);
        const double first = std::sqrt(q * q + k * k / 4 + q * k * cosine);
        const double second = std::sqrt(std::max(0.0, q * q + k * k / 4 - q * k * cosine));
        sum += 0.01 * std::cosh(u) * 2 * pi * q / 64 * lobato(6).factor(first) * lobato(6).factor(second) *
               (std::exp(-b * k * k / 4) - std::exp(-b * (first * first + second * second) / 4));
      }
    }
    EXPECT_NEAR(mean.absorptive(k) / (scale * sum / 2), 1, 0.02) << k;
    EXPECT_NEAR(mean.elastic(k) / (lobato(6).factor(k) * std::exp(-b * k * k / 4)), 1, 0.01) << k;
  }
}

TEST(AbsorptiveFactor, StillAtomsTakeNothing) {
  const AbsorptiveFactor still(PhaseObject(lobato(79), 200), 0);
  EXPECT_EQ(still.absorptive(0.3), 0);
  EXPECT_NEAR(still.elastic(1.7), lobato(79).factor(1.7), 1e-12);
}

}  // namespace
}  // namespace colonnade
