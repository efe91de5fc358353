// SPDX-License-Identifier: GPL-3.0-or-later
// Atoms of a crystal caught trembling: each moved by normal deviates of standard deviation sigma (Angstrom, along one
// direction), on its own (A. Einstein's model: no correlation of neighbours). sigma from Debye's model at a temperature
// (debye_waller.h), or given. Presets for Al: "paper_100K" and "paper_300K" are the widths that the displacements of
// Jeong, Ra, Jeong, Lee, RSC Adv. 14, 18489 (2024) have, 0.032 and 0.060 A; "physical_100K" and "physical_300K", 0.067
// and 0.100 A, are those of measured Debye-Waller factors.
#pragma once

#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/core/random.h"
#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

struct ThermalDisplacementOptions {
  double temperature_K = -1;  ///< 0 leaves the zero-point motion; below 0: not given
  /// A preset's name, or one number for all ("0.06"), or by element, where one direction differs along x/y/z:
  /// "Al:0.1,Si:0.08/0.08/0.09".
  std::vector<std::string> sigma;
  void describe(OptionTable& table, const std::string& section = "thermal");
  void check() const;
  bool any() const { return temperature_K >= 0 || !sigma.empty(); }
};

/// Along x, y, z in A, of an element; fails where neither the options nor the tables have it.
Vector3 displacement_widths(const ThermalDisplacementOptions& options, int atomic_number);

/// Moves the atoms; notes sigma and the root mean square that was drawn in the metadata.
void displace(Structure& structure, const ThermalDisplacementOptions& options, Random& random);

}  // namespace colonnade
