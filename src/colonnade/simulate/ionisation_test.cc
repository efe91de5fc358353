// SPDX-License-Identifier: GPL-3.0-or-later
// Expected values: measured edges (Bearden and Burr 1967), distorted-wave cross-sections of Bote et al. (2009) at the
// energies named, yields recommended by Krause (1979).
#include "colonnade/simulate/ionisation.h"

#include <cmath>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

TEST(Ionisation, BindingEnergiesFollowTheMeasuredEdges) {
  EXPECT_NEAR(binding_energy_eV(6, Subshell::K) / 284, 1, 0.013);
  EXPECT_NEAR(binding_energy_eV(26, Subshell::K) / 7112, 1, 0.005);
  EXPECT_NEAR(binding_energy_eV(28, Subshell::K) / 8333, 1, 0.005);
  EXPECT_NEAR(binding_energy_eV(46, Subshell::K) / 24350, 1, 0.005);
  EXPECT_NEAR(binding_energy_eV(78, Subshell::K) / 78395, 1, 0.005);
  EXPECT_NEAR(binding_energy_eV(46, Subshell::L3) / 3173, 1, 0.01);
  EXPECT_NEAR(binding_energy_eV(78, Subshell::L1) / 13880, 1, 0.01);
  EXPECT_NEAR(binding_energy_eV(78, Subshell::L2) / 13273, 1, 0.01);
  EXPECT_NEAR(binding_energy_eV(78, Subshell::L3) / 11564, 1, 0.01);
  EXPECT_THROW(binding_energy_eV(5, Subshell::K), Error);
  EXPECT_THROW(binding_energy_eV(19, Subshell::L3), Error);
  EXPECT_THROW(binding_energy_eV(93, Subshell::K), Error);
}

TEST(Ionisation, CrossSectionsAreNearTheDistortedWaveCalculations) {
  const auto ratio = [](int number, Subshell subshell, double energy_keV, double barn) {
    return ionisation_cross_section_barn(number, subshell, energy_keV) / barn;
  };
  EXPECT_NEAR(ratio(26, Subshell::K, 200, 318.5), 1, 0.08);
  EXPECT_NEAR(ratio(27, Subshell::K, 200, 287.2), 1, 0.08);
  EXPECT_NEAR(ratio(28, Subshell::K, 200, 258.9), 1, 0.08);
  EXPECT_NEAR(ratio(28, Subshell::K, 100, 342.9), 1, 0.05);
  EXPECT_NEAR(ratio(28, Subshell::K, 300, 227.5), 1, 0.10);
  EXPECT_NEAR(ratio(46, Subshell::L3, 200, 1849.4), 1, 0.08);
  EXPECT_NEAR(ratio(78, Subshell::L2, 200, 143.4), 1, 0.05);
  EXPECT_NEAR(ratio(78, Subshell::L3, 200, 348.0), 1, 0.05);
  EXPECT_NEAR(ratio(78, Subshell::L1, 200, 107.8), 1.28, 0.05);
  EXPECT_EQ(ionisation_cross_section_barn(78, Subshell::K, 60), 0);
}

TEST(Ionisation, YieldsAreTheRecommendedOnes) {
  EXPECT_NEAR(fluorescence_yield(28, Shell::K), 0.406, 0.02);
  EXPECT_NEAR(fluorescence_yield(26, Shell::K), 0.340, 0.02);
  EXPECT_NEAR(fluorescence_yield(46, Shell::K), 0.820, 0.01);
  EXPECT_NEAR(fluorescence_yield(78, Shell::L), 0.31, 0.02);
  EXPECT_NEAR(fluorescence_yield(46, Shell::L), 0.047, 0.005);
  EXPECT_NEAR(fluorescence_yield(36, Shell::L) / fluorescence_yield(37, Shell::L), 0.95, 0.1);
}

// 200 keV: hbar v = 1372 eV A.
TEST(Ionisation, ImpactParameterShrinksWithTheLoss) {
  EXPECT_NEAR(ionisation_impact_parameter_A(8333, 200), 1372.0 / 8333 / std::sqrt(std::log(96.0)), 1e-4);
  EXPECT_GT(ionisation_impact_parameter_A(284, 200), 1.5);
  EXPECT_LT(ionisation_impact_parameter_A(8333, 200), 0.1);
  EXPECT_THROW(ionisation_impact_parameter_A(90e3, 80), Error);
}

}  // namespace
}  // namespace colonnade
