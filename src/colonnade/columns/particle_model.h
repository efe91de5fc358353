// SPDX-License-Identifier: GPL-3.0-or-later
// A particle in three dimensions that agrees with the counts: every column filled with its atoms around the mid-plane.
// One projection does not say how high a column stands nor in which order its atoms follow; both are choices, stated in
// the options, not results. Angstrom; the beam along +z.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "colonnade/columns/column_stack.h"
#include "colonnade/columns/count_distribution.h"
#include "colonnade/core/options.h"
#include "colonnade/core/random.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

struct ParticleModelOptions {
  std::string crystal = "fcc";
  std::string zone_axis = "110";
  double lattice_A = 0;             ///< needed
  std::string counts = "likely";    ///< whole numbers of atoms: the likely ones, or drawn as the errors allow
  std::string stacking = "random";  ///< of a column's atoms along the beam: random, or mixed (evenly)
  std::uint64_t seed = 1;
  /// Only what a user chooses here: counts and stacking.
  void describe(OptionTable& table, const std::string& section = "model");
  void check() const;
};

/// Whole numbers of atoms of one column, never below 0. Their sum is the total's mean to the nearest whole number, one
/// at least. Given the sum, each count is its mean rounded up or down: to the nearer one where the data know it, and at
/// random with the right mean where they do not, so that many columns together keep the composition.
std::vector<int> likely_counts(const CountDistribution& column, Random& random);
/// One draw from the column's means and covariances, likewise whole.
std::vector<int> drawn_counts(const CountDistribution& column, Random& random);

struct ParticleModel {
  Structure structure;                   ///< atoms by column, from low to high; metadata says how it was made
  std::vector<int> columns;              ///< of each atom, its column's index
  std::vector<std::vector<int>> counts;  ///< [column][element]
  ColumnShifts shifts;
};

/// x and y as given, z from the crystal's period, the middle at z = 0. Fails without columns.
ParticleModel build_particle_model(const std::vector<Point>& places_A, const std::vector<CountDistribution>& columns,
                                   const std::vector<std::string>& elements, const ParticleModelOptions& options);

}  // namespace colonnade
