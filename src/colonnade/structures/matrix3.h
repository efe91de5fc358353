// SPDX-License-Identifier: GPL-3.0-or-later
// Vectors and 3 x 3 matrices (row by row) of plain arrays, as far as cells and rotations need them.
#pragma once

#include <array>
#include <cmath>

namespace colonnade {

using Vector3 = std::array<double, 3>;
using Matrix3 = std::array<std::array<double, 3>, 3>;

inline double dot(const Vector3& a, const Vector3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

inline double length(const Vector3& a) { return std::sqrt(dot(a, a)); }

inline Vector3 cross(const Vector3& a, const Vector3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

inline Vector3 scaled(const Vector3& a, double factor) { return {a[0] * factor, a[1] * factor, a[2] * factor}; }

/// Matrix times column vector.
inline Vector3 multiply(const Matrix3& m, const Vector3& v) { return {dot(m[0], v), dot(m[1], v), dot(m[2], v)}; }

/// Row vector times matrix: coordinates along the rows of m become a point.
inline Vector3 combine(const Vector3& v, const Matrix3& m) {
  Vector3 sum{};
  for (std::size_t k = 0; k < 3; ++k) sum[k] = v[0] * m[0][k] + v[1] * m[1][k] + v[2] * m[2][k];
  return sum;
}

inline Matrix3 multiply(const Matrix3& a, const Matrix3& b) {
  return {combine(a[0], b), combine(a[1], b), combine(a[2], b)};
}

inline Matrix3 transposed(const Matrix3& m) {
  return {{{m[0][0], m[1][0], m[2][0]}, {m[0][1], m[1][1], m[2][1]}, {m[0][2], m[1][2], m[2][2]}}};
}

inline double determinant(const Matrix3& m) { return dot(m[0], cross(m[1], m[2])); }

/// Rows g_i with g_i . m_j = delta_ij, the reciprocal vectors (without 2 pi) of the rows of m; m must not be singular.
inline Matrix3 reciprocal(const Matrix3& m) {
  const double inverse_volume = 1 / determinant(m);
  return {scaled(cross(m[1], m[2]), inverse_volume), scaled(cross(m[2], m[0]), inverse_volume),
          scaled(cross(m[0], m[1]), inverse_volume)};
}

}  // namespace colonnade
