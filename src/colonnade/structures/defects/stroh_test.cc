// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/defects/stroh.h"

#include <cmath>
#include <gtest/gtest.h>
#include <numbers>

#include "colonnade/core/test_errors.h"
#include "colonnade/structures/defects/dislocations.h"
#include "colonnade/structures/known_crystals.h"

namespace colonnade {
namespace {

constexpr double pi = std::numbers::pi;
constexpr double young = 70, poisson = 0.34, burgers = 2.86;

StrohSolution nearly_isotropic() { return {isotropic_stiffness(young, poisson), {burgers, 0, 0}}; }

/// Anderson, Hirth, Lothe, Theory of Dislocations, section 3.4.
Vector3 isotropic_edge(double x, double y) {
  const double r2 = x * x + y * y, nu = poisson;
  const double ux = burgers / (2 * pi) * (std::atan2(y, x) + x * y / (2 * (1 - nu) * r2));
  const double uy =
      -burgers / (2 * pi) * ((1 - 2 * nu) / (4 * (1 - nu)) * std::log(r2) + (x * x - y * y) / (4 * (1 - nu) * r2));
  return {ux, uy, 0};
}

StrohSolution of_crystal(const char* name) {
  const Structure crystal = crystal_from(name);
  const Matrix3 rotation = slip_system(crystal).rotation;
  return {turned(stiffness_of(crystal), rotation), {burgers, 0, 0}};
}

TEST(Stroh, EigenvectorsAreComplete) {
  for (const char* name : {"Al", "Cu", "Fe", "W", "Si", "Nb"}) {
    const StrohSolution solution = of_crystal(name);
    EXPECT_LT(solution.closure_error(), 1e-9) << name;
    for (const auto& p : solution.eigenvalues()) EXPECT_GT(p.imag(), 0) << name;
  }
}

TEST(Stroh, IsotropicLimitIsTheClosedForm) {
  const StrohSolution solution = nearly_isotropic();
  for (const auto& p : solution.eigenvalues()) EXPECT_NEAR(std::abs(p - std::complex<double>(0, 1)), 0, 0.05);
  const Vector3 at_start = solution.displacement(5, 3), expected_start = isotropic_edge(5, 3);
  for (int step = -12; step <= 12; ++step) {
    const double angle = 0.25 * step;
    const double x = 12 * std::cos(angle), y = 12 * std::sin(angle);
    const Vector3 u = solution.displacement(x, y), expected = isotropic_edge(x, y);
    // Up to a constant.
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(u[k] - at_start[k], expected[k] - expected_start[k], 3e-3) << angle;
  }
}

TEST(Stroh, IsotropicStressIsTheClosedForm) {
  const StrohSolution solution = nearly_isotropic();
  const double factor = young / (2 * (1 + poisson)) * burgers / (2 * pi * (1 - poisson));
  for (const auto& [x, y] : {std::pair{4.0, 3.0}, {-7.0, 2.0}, {1.0, -9.0}}) {
    const double r4 = std::pow(x * x + y * y, 2);
    const Matrix3 stress = solution.stress(x, y);
    EXPECT_NEAR(stress[0][0], -factor * y * (3 * x * x + y * y) / r4, 5e-3);
    EXPECT_NEAR(stress[1][1], factor * y * (x * x - y * y) / r4, 5e-3);
    EXPECT_NEAR(stress[0][1], factor * x * (x * x - y * y) / r4, 5e-3);
  }
}

TEST(Stroh, StressIsBalanced) {
  const StrohSolution solution = of_crystal("Cu");
  const double h = 1e-4;
  for (const auto& [x, y] : {std::pair{5.0, 2.0}, {-3.0, 4.0}, {2.0, -6.0}}) {
    const Matrix3 right = solution.stress(x + h, y), left = solution.stress(x - h, y), up = solution.stress(x, y + h),
                  down = solution.stress(x, y - h);
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_NEAR((right[k][0] - left[k][0] + up[k][1] - down[k][1]) / (2 * h), 0, 1e-6);
    }
  }
}

TEST(Stroh, BurgersCircuitCloses) {
  for (const char* name : {"Al", "Fe"}) {
    const StrohSolution solution = of_crystal(name);
    Vector3 sum{};
    const int steps = 3600;
    const auto at = [&](int i) {
      const double angle = -pi + 1e-9 + (2 * pi - 2e-9) * i / steps;
      return solution.displacement(10 * std::cos(angle), 7 * std::sin(angle));
    };
    for (int i = 0; i < steps; ++i) {
      const Vector3 from = at(i), to = at(i + 1);
      EXPECT_LT(std::abs(to[0] - from[0]), 0.01);  // no jump on the way
      for (std::size_t k = 0; k < 3; ++k) sum[k] += to[k] - from[k];
    }
    EXPECT_NEAR(sum[0], burgers, 1e-6);
    EXPECT_NEAR(sum[1], 0, 1e-6);
    EXPECT_NEAR(sum[2], 0, 1e-6);
  }
}

TEST(Stroh, RowIsTheSumOfItsDislocations) {
  const StrohSolution solution = of_crystal("Cu");
  const double period = 40;
  const auto summed = [&](double x, double y) {
    Vector3 sum{};
    for (int n = -4000; n <= 4000; ++n) {
      const Vector3 u = solution.displacement(x - n * period, y);
      for (std::size_t k = 0; k < 3; ++k) sum[k] += u[k];
    }
    return sum;
  };
  const auto row = [&](double x, double y) {
    Vector3 u = solution.row_displacement(x, y, period);
    const Vector3 stretch = solution.row_stretch(period);
    for (std::size_t k = 0; k < 3; ++k) u[k] += (y >= 0 ? 1 : -1) * stretch[k] * x;
    return u;
  };
  const Vector3 sum_start = summed(11, 6), row_start = row(11, 6);
  // Where the cut of no image lies between: half a turn of the images beyond leaves a shear that grows with y.
  for (const auto& [x, y] : {std::pair{25.0, 6.0}, {5.0, 6.0}, {33.0, 6.0}}) {
    const Vector3 a = summed(x, y), b = row(x, y);
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(a[k] - sum_start[k], b[k] - row_start[k], 2e-3) << x;
  }
  const Vector3 low = summed(20, 4), high = summed(20, 14), row_low = row(20, 4), row_high = row(20, 14);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(high[k] - low[k], row_high[k] - row_low[k], 2e-3);
}

TEST(Stroh, RowIsContinuousBetweenItsLinesAndPeriodic) {
  const StrohSolution solution = of_crystal("Al");
  const double period = 50;
  EXPECT_NEAR(solution.row_stretch(period)[0], -burgers / 2 / period, 1e-12);
  EXPECT_NEAR(solution.row_stretch(period)[1], 0, 1e-12);
  for (const double x : {5.0, 25.0, 45.0}) {
    const Vector3 above = solution.row_displacement(x, 1e-9, period),
                  below = solution.row_displacement(x, -1e-9, period);
    EXPECT_NEAR(above[0] - burgers / 2 / period * x, below[0] + burgers / 2 / period * x, 1e-6);
    EXPECT_NEAR(above[1], below[1], 1e-6);
    const Vector3 next = solution.row_displacement(x + period, 1e-9, period);
    EXPECT_NEAR(next[0], above[0], 1e-12);
  }
  const Vector3 core = solution.row_displacement(0, 0, period, 1);
  EXPECT_TRUE(std::isfinite(core[0] + core[1] + core[2]));
}

}  // namespace
}  // namespace colonnade
