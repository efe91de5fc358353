// SPDX-License-Identifier: GPL-3.0-or-later
// Levenberg and Marquardt's least squares for a few parameters (D. W. Marquardt, J. SIAM 11, 431 (1963)).
#pragma once

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <vector>

namespace colonnade {

template <int N>
struct LeastSquares {
  Eigen::Matrix<double, N, 1> values;
  Eigen::Matrix<double, N, N> covariance;  ///< from the scatter about the fit
  double residual = 0;                     ///< standard deviation of the points about the fit
};

/// Minimises the sum of (point.value - model(values, point, nullptr))^2; model() writes its derivatives where it is
/// given a place for them; a step to values that are not sound() is not taken. Needs more points than parameters.
template <int N, class Point, class Model, class Sound>
LeastSquares<N> least_squares(Eigen::Matrix<double, N, 1> p, const std::vector<Point>& points, const Model& model,
                              const Sound& sound) {
  using Vector = Eigen::Matrix<double, N, 1>;
  using Matrix = Eigen::Matrix<double, N, N>;
  constexpr int rounds = 30;
  const auto squares_of = [&](const Vector& values) {
    double sum = 0;
    for (const Point& point : points) sum += std::pow(point.value - model(values, point, nullptr), 2);
    return sum;
  };
  double squares = squares_of(p), damping = 1e-3;
  Matrix normal = Matrix::Zero();
  for (int round = 0; round < rounds; ++round) {
    normal.setZero();
    Vector right = Vector::Zero(), slope;
    for (const Point& point : points) {
      const double off = point.value - model(p, point, &slope);
      normal += slope * slope.transpose();
      right += off * slope;
    }
    Matrix damped = normal;
    damped.diagonal() *= 1 + damping;
    const Vector next = p + damped.ldlt().solve(right);
    const double then = next.allFinite() && sound(next) ? squares_of(next) : INFINITY;
    if (then < squares) {
      const bool done = squares - then < 1e-8 * squares;
      p = next, squares = then, damping = std::max(1e-9, damping / 5);
      if (done) break;
    } else {
      damping *= 8;
      if (damping > 1e8) break;
    }
  }
  const double residual = std::sqrt(squares / std::max(1.0, double(points.size()) - N));
  return {p, normal.ldlt().solve(Matrix::Identity()) * residual * residual, residual};
}

}  // namespace colonnade
