// SPDX-License-Identifier: GPL-3.0-or-later
// Two sources that know nothing of each other: an X-ray of K alpha 1 is the step from the L3 to the K shell, whose
// energies are fits within 1.3 and 1.6 %.
#include "colonnade/structures/xray_lines.h"

#include <gtest/gtest.h>

#include "colonnade/simulate/ionisation.h"

namespace colonnade {
namespace {

TEST(XrayLines, AreDifferencesOfBindingEnergies) {
  for (int z = 20; z <= 50; ++z) {
    const double step_eV = binding_energy_eV(z, Subshell::K) - binding_energy_eV(z, Subshell::L3);
    EXPECT_NEAR(1000 * xray_line_keV(z, "K"), step_eV, 0.02 * step_eV) << z;
  }
}

}  // namespace
}  // namespace colonnade
