// SPDX-License-Identifier: GPL-3.0-or-later
// Straight dislocations along z in a crystal of any anisotropy, by Stroh's sextic formalism: displacements that do not
// depend on z are u = 2 Re sum over a of A_a f_a(x + p_a y), with three p_a of positive imaginary part, the eigenvalues
// of the 6 x 6 matrix N = {-T^-1 R^T, T^-1; R T^-1 R^T - Q, -R T^-1}, Q_ik = C_i1k1, R_ik = C_i1k2, T_ik = C_i2k2.
// A. N. Stroh, Philos. Mag. 3, 625 (1958); P. M. Anderson, J. P. Hirth, J. Lothe, Theory of Dislocations (3rd ed.,
// Cambridge 2017), chapter 13; T. C. T. Ting, Anisotropic Elasticity (Oxford 1996), chapter 5. Lengths in Angstrom,
// stress in GPa. An isotropic medium has three equal p_a and too few eigenvectors: its shear constants are then taken a
// part in a thousand larger.
#pragma once

#include <array>
#include <complex>

#include "colonnade/structures/defects/elastic_constants.h"
#include "colonnade/structures/matrix3.h"

namespace colonnade {

class StrohSolution {
 public:
  /// The stiffness in the frame of the dislocation (z along its line); Burgers vector in that frame.
  StrohSolution(const Voigt66& stiffness, const Vector3& burgers_A);

  /// Of one dislocation at the origin of an infinite crystal. The cut, where the displacement jumps by the Burgers
  /// vector (above minus below), lies along y = 0 on the side of x < 0. Nearer to the line than core_A: as at that
  /// distance.
  Vector3 displacement(double x, double y, double core_A = 0) const;
  /// Of a row of them, at x = 0, +-period, +-2 period, ..., summed without end: sum of 1/(z - n d) = (pi/d) cot(pi
  /// z/d), so ln z becomes ln sin(pi z/d). Without the part that is linear in x (-+ b/2 per period above and below):
  /// that is the strain of the planes that each side has more or less, and belongs to the lattice. Cut along all of y =
  /// 0 but 0 < x < period, taken without its whole periods: continuous there and repeated by the period.
  Vector3 row_displacement(double x, double y, double period_A, double core_A = 0) const;
  /// The part of the row that is linear in x, per Angstrom of x, for y > 0 (for y < 0 its negative).
  Vector3 row_stretch(double period_A) const;
  /// Of one dislocation, GPa.
  Matrix3 stress(double x, double y) const;

  const std::array<std::complex<double>, 3>& eigenvalues() const { return p_; }
  /// Largest deviation from 2 Re sum A_a L_a^T = 1, to which the eigenvectors are normed.
  double closure_error() const;

 private:
  void solve(const Vector3& burgers_A);
  using Complex3 = std::array<std::complex<double>, 3>;
  Vector3 combined(const Complex3& functions) const;

  Voigt66 stiffness_;
  Complex3 p_{};
  std::array<Complex3, 3> a_{}, l_{};  ///< by eigenvalue
  Complex3 strength_{};                ///< L_a . b
};

}  // namespace colonnade
