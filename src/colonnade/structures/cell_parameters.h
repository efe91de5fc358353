// SPDX-License-Identifier: GPL-3.0-or-later
// A unit cell as crystallographers give it: three lengths in Angstrom and three angles in degrees (alpha between b and
// c, beta between a and c, gamma between a and b). Volume and mass density follow from it.
#pragma once

#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

struct CellParameters {
  double a_A = 0, b_A = 0, c_A = 0;
  double alpha_deg = 90, beta_deg = 90, gamma_deg = 90;
};

/// Rows a, b, c in Angstrom: a along x, b in the plane of x and y with y > 0, c with z > 0. Fails on lengths that are
/// not positive and on three angles that no cell has (each must lie between 0 and 180 degrees, their sum below 360, and
/// each below the sum of the other two).
Matrix3 cell_vectors(const CellParameters& cell);
/// Of any cell, however it is turned; fails where the structure has none.
CellParameters cell_parameters(const Structure& structure);

double cell_volume_A3(const Structure& structure);
/// Mass of the atoms (standard atomic weights) over the volume of the cell.
double density_g_cm3(const Structure& structure);

}  // namespace colonnade
