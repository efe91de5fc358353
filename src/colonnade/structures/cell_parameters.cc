// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/cell_parameters.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/structures/elements.h"

namespace colonnade {
namespace {

constexpr double u_per_A3_in_g_cm3 = 1.66053906660;  // CODATA 2018

/// Exact for the angles of the crystal systems, so that cells keep their zeros.
double cosine(double degrees) {
  if (degrees == 90) return 0;
  if (degrees == 60) return 0.5;
  if (degrees == 120) return -0.5;
  return std::cos(degrees * std::numbers::pi / 180);
}

double angle_deg(const Vector3& a, const Vector3& b) {
  return std::atan2(length(cross(a, b)), dot(a, b)) * 180 / std::numbers::pi;
}

void check(const CellParameters& cell) {
  for (const double edge : {cell.a_A, cell.b_A, cell.c_A}) {
    if (!(edge > 0 && std::isfinite(edge))) fail("a cell edge of {} A is not positive; give Angstrom", edge);
  }
  const double alpha = cell.alpha_deg, beta = cell.beta_deg, gamma = cell.gamma_deg;
  const double largest = std::max({alpha, beta, gamma}), sum = alpha + beta + gamma;
  const bool in_range = std::min({alpha, beta, gamma}) > 0 && largest < 180;
  if (!(in_range && sum < 360 && 2 * largest < sum)) {
    fail(
        "no cell has the angles {}, {}, {}: give degrees, each between 0 and 180, their sum below 360 and none as "
        "large "
        "as the other two together",
        alpha, beta, gamma);
  }
}

}  // namespace

Matrix3 cell_vectors(const CellParameters& cell) {
  check(cell);
  const double cos_alpha = cosine(cell.alpha_deg), cos_beta = cosine(cell.beta_deg), cos_gamma = cosine(cell.gamma_deg);
  const double sin_gamma = std::sqrt(1 - cos_gamma * cos_gamma);
  // The direction of c: its parts along x and y follow from beta and alpha.
  const double x = cos_beta, y = (cos_alpha - cos_beta * cos_gamma) / sin_gamma;
  const double z2 = 1 - x * x - y * y;
  if (!(z2 > 1e-12)) fail("the cell of angles {}, {}, {} is flat", cell.alpha_deg, cell.beta_deg, cell.gamma_deg);
  return {{{cell.a_A, 0, 0},
           {cell.b_A * cos_gamma, cell.b_A * sin_gamma, 0},
           {cell.c_A * x, cell.c_A * y, cell.c_A * std::sqrt(z2)}}};
}

CellParameters cell_parameters(const Structure& structure) {
  require_cell(structure);
  const auto& [a, b, c] = structure.cell;
  return {length(a), length(b), length(c), angle_deg(b, c), angle_deg(a, c), angle_deg(a, b)};
}

double cell_volume_A3(const Structure& structure) {
  require_cell(structure);
  return std::abs(determinant(structure.cell));
}

double density_g_cm3(const Structure& structure) {
  double mass_u = 0;
  for (const Atom& atom : structure.atoms) mass_u += element(atom.number).mass_u;
  return mass_u / cell_volume_A3(structure) * u_per_A3_in_g_cm3;
}

}  // namespace colonnade
