// SPDX-License-Identifier: GPL-3.0-or-later
// Stiffness of single crystals, GPa, at room temperature, in Voigt's notation: places 1..6 are xx, yy, zz, yz, xz, xy;
// shear strains there are the engineering ones (gamma_yz = 2 e_yz), shear stresses the tensor's. J. F. Nye, Physical
// Properties of Crystals (Oxford 1957), chapter VIII.
#pragma once

#include <string>
#include <vector>

#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

using Voigt = std::array<double, 6>;
/// C_ij or S_ij in Voigt's notation.
using Voigt66 = std::array<Voigt, 6>;

/// Row and column (0 to 5) of Voigt's notation that the tensor's places i, j (0 to 2) have.
int voigt_place(int i, int j);

/// Symmetric tensors to Voigt's vectors and back.
Voigt stress_vector(const Matrix3& stress);
Voigt strain_vector(const Matrix3& strain);
Matrix3 stress_tensor(const Voigt& stress);
Matrix3 strain_tensor(const Voigt& strain);

/// Axes along the cube's edges.
Voigt66 cubic_stiffness(double c11, double c12, double c44);
/// The c axis along z.
Voigt66 hexagonal_stiffness(double c11, double c12, double c13, double c33, double c44);
/// Young's modulus and Poisson's ratio.
Voigt66 isotropic_stiffness(double young_GPa, double poisson);

/// The compliance of a stiffness, and the other way round; fails where the matrix is not positive definite: such a
/// crystal would not be stable.
Voigt66 inverse_of(const Voigt66& stiffness);
/// The stiffness in a frame that is turned: v' = rotation v.
Voigt66 turned(const Voigt66& stiffness, const Matrix3& rotation);
Voigt multiply(const Voigt66& matrix, const Voigt& vector);

/// Of the table by what the structure is made of ("Al", "MgO"), in its crystal's frame; `given` (C11, C12, C44 or C11,
/// C12, C13, C33, C44 in GPa) goes before the table. Fails on a crystal that is not in the table.
Voigt66 stiffness_of(const Structure& crystal, const std::vector<double>& given = {});
/// The crystals of the table.
std::vector<std::string> crystals_with_stiffness();

}  // namespace colonnade
