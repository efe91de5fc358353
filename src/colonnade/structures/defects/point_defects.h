// SPDX-License-Identifier: GPL-3.0-or-later
// Vacancies, substitutional and interstitial atoms at random places of a specimen, at least a given distance (Angstrom,
// across periodic boundaries too) from each other. Atoms around them stay where they are: relaxation.h moves them.
// Octahedral and tetrahedral sites of fcc and bcc: C. Kittel, Introduction to Solid State Physics, chapter 20; in bcc
// the octahedral ones are the middles of faces and edges and the tetrahedral ones (1/2, 1/4, 0) and the like.
#pragma once

#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/core/random.h"
#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

struct PointDefectOptions {
  double vacancies = 0;                 ///< below 1: the fraction of all atoms; else how many
  std::vector<std::string> substitute;  ///< "Al:Si:0.01": of the Al atoms this fraction (or number) becomes Si
  /// "C:0.01:octahedral", "C:5:tetrahedral", "C:1:0.5/0/0" (fractions of the crystal's cell): a number, or a fraction
  /// of the specimen's atoms.
  std::vector<std::string> interstitial;
  double min_distance_A = 0;  ///< between any two of the defects
  void describe(OptionTable& table, const std::string& section = "point");
  void check() const;
  bool any() const { return vacancies > 0 || !substitute.empty() || !interstitial.empty(); }
};

/// Sites in fractions of the cell of a crystal whose lattice is fcc or bcc; kind is "octahedral", "tetrahedral" or
/// "0.5/0/0". Fails on another lattice and on a site within 0.6 A of an atom.
std::vector<Vector3> interstitial_sites(const Structure& crystal, const std::string& kind);

/// Substitutes, then takes atoms out, then puts atoms in: numbers and fractions are of the specimen as it comes. The
/// sites of interstitials are those of `crystal` repeated `cells` times, as the specimen is; cells of 0 (a specimen
/// that was not made so) fail where interstitials are wanted. Fails where defects do not fit.
void add_point_defects(Structure& specimen, const Structure& crystal, const std::array<int, 3>& cells,
                       const PointDefectOptions& options, Random& random);

}  // namespace colonnade
