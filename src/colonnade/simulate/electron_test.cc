// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/electron.h"

#include <cmath>
#include <gtest/gtest.h>

namespace colonnade {
namespace {

// Kirkland, Advanced Computing in Electron Microscopy, tables of wavelength and interaction parameter.
TEST(Electron, KnownWavelengthsAndInteractionConstants) {
  EXPECT_NEAR(electron_wavelength_A(100), 0.0370144, 1e-7);
  EXPECT_NEAR(electron_wavelength_A(200), 0.0250793, 1e-7);
  EXPECT_NEAR(electron_wavelength_A(300), 0.0196875, 1e-7);
  EXPECT_NEAR(interaction_constant(100), 0.9244e-3, 1e-7);
  EXPECT_NEAR(interaction_constant(200), 0.72884e-3, 1e-8);
}

TEST(Electron, SlowElectronsAreNonRelativistic) {
  EXPECT_NEAR(electron_wavelength_A(0.01), 12.2643 / std::sqrt(10.0), 1e-3);
  EXPECT_NEAR(electron_mass_ratio(0), 1, 1e-12);
}

}  // namespace
}  // namespace colonnade
