// SPDX-License-Identifier: GPL-3.0-or-later
// What the cross-section of a column is made of, before calibration: sums over atoms, each linear in what single atoms
// scatter, so that one set of rules serves every signal. An atom's surroundings come in as the focusing strength that
// stands above it in its own column (van den Bos et al., Phys. Rev. Lett. 116, 246101, 2016: each atom is a lens for
// those below) and as its depth; neighbours come in because the probe's tails, seen from this column, reach them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "colonnade/simulate/lensing_columns.h"

namespace colonnade {

/// What one atom alone scatters into a signal, in any one unit, by atomic number; elements left out scatter nothing.
using AtomStrengths = std::map<int, double>;

/// Focusing strength of one atom relative to zirconium's: Z / 40, as projected potentials near the nucleus go.
double focusing_strength(int atomic_number);

class LensingFeatures {
 public:
  explicit LensingFeatures(const std::vector<AtomColumn>& columns);
  /// One row of names().size() numbers per column.
  std::vector<std::vector<double>> rows(const AtomStrengths& strengths) const;
  static const std::vector<std::string>& names();

 private:
  struct Place {
    int number;
    double depth, focusing;  ///< in units of about one for the last atom of a 7 nm column
  };
  std::vector<std::vector<Place>> places_;
  std::vector<std::vector<int>> near_, far_;  ///< first and second shell of neighbours
};

}  // namespace colonnade
