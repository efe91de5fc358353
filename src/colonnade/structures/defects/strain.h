// SPDX-License-Identifier: GPL-3.0-or-later
// Homogeneous strain: every point r of a specimen goes to F r, F the deformation gradient, and reciprocal vectors with
// it to F^-T g. F is given, or follows from a stress by Hooke's law for small strains of an anisotropic crystal,
// F = 1 + e, e = S s (J. F. Nye, Physical Properties of Crystals, Oxford 1957, chapter VIII). Strains are plain
// numbers, stresses GPa, tension positive.
#pragma once

#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/structures/defects/elastic_constants.h"
#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

struct StrainOptions {
  /// "exx=0.02", "exy=0.01" (the tensor's shear, half the engineering one; without rotation: F_xy = F_yx = exy), or one
  /// place of F by itself, "Fxy=0.02" (simple shear), "Fxx=1.02".
  std::vector<std::string> strain;
  std::vector<std::string> stress;      ///< "xx=1", "xy=0.2": GPa
  std::string stress_axes = "crystal";  ///< "crystal": those of the crystal's cell; "specimen": x, y, z of the box
  std::vector<double> elastic_GPa;      ///< C11,C12,C44 or C11,C12,C13,C33,C44; none: of the table
  void describe(OptionTable& table, const std::string& section = "strain");
  void check() const;
  bool any() const { return !strain.empty() || !stress.empty(); }
};

/// F of the specimen that was made of the crystal by turning it by `rotation` (crystal to specimen).
Matrix3 deformation_of(const StrainOptions& options, const Structure& crystal, const Matrix3& rotation);

/// Strain that a stress gives, both in the frame of the stiffness.
Matrix3 strain_of_stress(const Voigt66& stiffness, const Matrix3& stress_GPa);
Matrix3 stress_of_strain(const Voigt66& stiffness, const Matrix3& strain);

/// Moves the atoms and the cell; notes F in the metadata. Fails where F would turn the specimen inside out, or
/// stretches beyond a half.
void deform(Structure& structure, const Matrix3& gradient);

}  // namespace colonnade
