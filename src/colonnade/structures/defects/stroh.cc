// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/defects/stroh.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

using Complex = std::complex<double>;
using Matrix = Eigen::Matrix3d;
constexpr double pi = std::numbers::pi;
constexpr Complex unit_i{0, 1};

/// C_(i j k l) as a matrix over i, k.
Matrix slice(const Voigt66& stiffness, int j, int l) {
  Matrix result;
  for (int i = 0; i < 3; ++i) {
    for (int k = 0; k < 3; ++k) result(i, k) = stiffness[voigt_place(i, j)][voigt_place(k, l)];
  }
  return result;
}

Eigen::Matrix<double, 6, 6> fundamental_matrix(const Voigt66& stiffness) {
  const Matrix q = slice(stiffness, 0, 0), r = slice(stiffness, 0, 1), t = slice(stiffness, 1, 1);
  const Matrix inverse = t.inverse();
  Eigen::Matrix<double, 6, 6> n;
  n << -inverse * r.transpose(), inverse, r * inverse * r.transpose() - q, -r * inverse;
  return n;
}

/// z itself, or as far from 0 as the core reaches.
Complex outside(Complex z, double core_A) {
  const double size = std::abs(z);
  if (size >= core_A) return z;
  return size > 0 ? z * (core_A / size) : Complex(core_A, 0);
}

}  // namespace

StrohSolution::StrohSolution(const Voigt66& stiffness, const Vector3& burgers_A) : stiffness_(stiffness) {
  inverse_of(stiffness);  // fails on what is no crystal
  solve(burgers_A);
  if (closure_error() < 1e-6) return;
  // An isotropic medium has too few eigenvectors; a part in a thousand gives it all of them.
  for (std::size_t k = 3; k < 6; ++k) stiffness_[k][k] *= 1.001;
  solve(burgers_A);
  if (!(closure_error() < 1e-6)) fail("the dislocation's equations have no solution for these elastic constants");
}

void StrohSolution::solve(const Vector3& burgers_A) {
  const Eigen::EigenSolver<Eigen::Matrix<double, 6, 6>> solver(fundamental_matrix(stiffness_));
  strength_ = {};
  std::size_t found = 0;
  for (int i = 0; i < 6 && found < 3; ++i) {
    if (solver.eigenvalues()(i).imag() <= 0) continue;
    const Eigen::Matrix<Complex, 6, 1> vector = solver.eigenvectors().col(i);
    const Complex scale = 1.0 / std::sqrt(2.0 * vector.head<3>().cwiseProduct(vector.tail<3>()).sum());
    p_[found] = solver.eigenvalues()(i);
    for (int k = 0; k < 3; ++k) {
      a_[found][k] = vector(k) * scale;
      l_[found][k] = vector(k + 3) * scale;
      strength_[found] += l_[found][k] * burgers_A[k];
    }
    ++found;
  }
}

double StrohSolution::closure_error() const {
  double worst = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      double sum = 0;
      for (std::size_t e = 0; e < 3; ++e) sum += 2 * (a_[e][i] * l_[e][j]).real();
      worst = std::max(worst, std::abs(sum - (i == j ? 1 : 0)));
    }
  }
  return worst;
}

/// Im (1/pi) sum of A_a (L_a . b) f_a.
Vector3 StrohSolution::combined(const Complex3& functions) const {
  Vector3 sum{};
  for (std::size_t e = 0; e < 3; ++e) {
    for (std::size_t k = 0; k < 3; ++k) sum[k] += (a_[e][k] * strength_[e] * functions[e]).imag() / pi;
  }
  return sum;
}

Vector3 StrohSolution::displacement(double x, double y, double core_A) const {
  Complex3 functions{};
  for (std::size_t e = 0; e < 3; ++e) functions[e] = std::log(outside(x + p_[e] * y, core_A));
  return combined(functions);
}

Vector3 StrohSolution::row_displacement(double x, double y, double period_A, double core_A) const {
  // ln sin w = -i w + ln(i/2) + ln(1 - exp(2 i w)) above (Im w > 0), its mirror image below; the last logarithm has an
  // argument of positive real part, so its principal value is continuous.
  const double side = y >= 0 ? 1 : -1;
  const double within = x - period_A * std::floor(x / period_A);
  Complex3 functions{};
  for (std::size_t e = 0; e < 3; ++e) {
    Complex z = within + p_[e] * y;
    if (std::abs(z) < core_A) z = outside(z, core_A);
    if (std::abs(z - period_A) < core_A) z = period_A + outside(z - period_A, core_A);
    const Complex w = pi * z / period_A;
    functions[e] = -unit_i * side * (pi * p_[e] * y / period_A) + std::log(unit_i * side / 2.0) +
                   std::log(1.0 - std::exp(2.0 * unit_i * side * w));
  }
  return combined(functions);
}

Vector3 StrohSolution::row_stretch(double period_A) const {
  const Complex slope = -unit_i * pi / period_A;
  return combined({slope, slope, slope});
}

Matrix3 StrohSolution::stress(double x, double y) const {
  // u_k,1 = Im (1/pi) sum A b / z, u_k,2 the same times p.
  Complex3 along_x{}, along_y{};
  for (std::size_t e = 0; e < 3; ++e) {
    along_x[e] = 1.0 / (x + p_[e] * y);
    along_y[e] = p_[e] * along_x[e];
  }
  const Vector3 ux = combined(along_x), uy = combined(along_y);
  const Voigt strain{ux[0], uy[1], 0, uy[2], ux[2], uy[0] + ux[1]};
  return stress_tensor(multiply(stiffness_, strain));
}

}  // namespace colonnade
