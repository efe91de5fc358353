// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/thickness_surface.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"

namespace colonnade {
namespace {

constexpr std::size_t most_neighbours = 24;
constexpr double reach_spacings = 4.2, plane_deviation = 20;  // of the plane's height and slopes: hardly bound
constexpr std::array amplitudes{0.7, 1.5, 3.0, 6.0};
constexpr std::array lengths_nm{0.6, 1.2, 2.5};
constexpr std::array roughnesses{0.3, 0.6, 0.9};
constexpr double usual_roughness = 0.6;     // expected to within half of itself
constexpr std::size_t fitted_columns = 80;  // as many are looked at to choose parameters

double matern(double distance, const SurfaceParameters& p) {
  const double r = std::sqrt(3.0) * distance / p.length_nm;
  return p.amplitude * p.amplitude * (1 + r) * std::exp(-r);
}

// hypot guards against overflow, and costs more than all the rest of the surface.
double distance(const Point& a, const Point& b) {
  const double x = a.x - b.x, y = a.y - b.y;
  return std::sqrt(x * x + y * y);
}

/// The nearest others of each point.
std::vector<std::vector<int>> others_around(const std::vector<Point>& points) {
  const double reach = reach_spacings * std::max(typical_spacing(points), 1e-6);
  const PointGrid grid(points, reach);
  std::vector<std::vector<int>> near(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    near[i] = grid.within(points[i], reach);
    std::erase(near[i], int(i));
    std::vector<std::pair<double, int>> by_distance;
    for (const int j : near[i]) by_distance.emplace_back(distance(points[j], points[i]), j);
    const auto wanted = std::min<std::size_t>(by_distance.size(), most_neighbours);
    std::partial_sort(by_distance.begin(), by_distance.begin() + std::ptrdiff_t(wanted), by_distance.end());
    near[i].resize(wanted);
    for (std::size_t k = 0; k < wanted; ++k) near[i][k] = by_distance[k].second;
  }
  return near;
}

/// Covariance of the surface between two points, seen from a third: process and plane.
double covariance(const Point& a, const Point& b, const Point& centre, const SurfaceParameters& p) {
  const double plane = 1 + (a.x - centre.x) * (b.x - centre.x) + (a.y - centre.y) * (b.y - centre.y);
  return matern(distance(a, b), p) + plane_deviation * plane_deviation * plane;
}

Estimate krige(const std::vector<Point>& points, const std::vector<Estimate>& totals, const std::vector<int>& near,
               std::size_t own, double mean, const SurfaceParameters& p) {
  const Eigen::Index count = std::ssize(near);
  const double nugget = p.roughness * p.roughness;
  Eigen::MatrixXd matrix(count, count);
  Eigen::VectorXd to(count), values(count);
  for (Eigen::Index a = 0; a < count; ++a) {
    for (Eigen::Index b = 0; b <= a; ++b) {
      matrix(a, b) = matrix(b, a) = covariance(points[near[a]], points[near[b]], points[own], p);
    }
    matrix(a, a) += nugget + totals[near[a]].variance;
    to(a) = covariance(points[near[a]], points[own], points[own], p);
    values(a) = totals[near[a]].value - mean;
  }
  const Eigen::LDLT<Eigen::MatrixXd> factor(matrix);
  const Eigen::VectorXd weights = factor.solve(to);
  const double before = covariance(points[own], points[own], points[own], p);
  return {mean + weights.dot(values), std::max(before - weights.dot(to), 0.0) + nugget};
}

Estimate mean_of_all(const std::vector<Estimate>& totals) {
  double mean = 0, squares = 0;
  for (const Estimate& total : totals) mean += total.value / double(totals.size());
  for (const Estimate& total : totals) squares += std::pow(total.value - mean, 2) / double(totals.size());
  return {mean, squares};
}

}  // namespace

std::vector<Estimate> predict_from_others(const std::vector<Point>& positions_nm, const std::vector<Estimate>& totals,
                                          const SurfaceParameters& parameters) {
  if (positions_nm.size() != totals.size()) {
    fail("{} totals do not fit {} columns; give one each", totals.size(), positions_nm.size());
  }
  const auto near = others_around(positions_nm);
  const Estimate all = totals.empty() ? Estimate{} : mean_of_all(totals);
  std::vector<Estimate> predicted(totals.size());
  parallel_for(std::ssize(totals), [&](std::int64_t i, int) {
    predicted[i] = near[i].size() < 3 ? Estimate{all.value, all.variance + 4}
                                      : krige(positions_nm, totals, near[i], i, all.value, parameters);
  });
  return predicted;
}

SurfaceParameters fit_surface(const std::vector<Point>& positions_nm, const std::vector<Estimate>& totals) {
  SurfaceParameters best;
  if (totals.size() < 12) return best;
  const auto near = others_around(positions_nm);
  const double mean = mean_of_all(totals).value;
  const std::size_t step = std::max<std::size_t>(1, totals.size() / fitted_columns);
  std::vector<SurfaceParameters> grid;
  for (const double amplitude : amplitudes) {
    for (const double length : lengths_nm) {
      for (const double roughness : roughnesses) grid.push_back({amplitude, length, roughness});
    }
  }
  std::vector<double> density;
  for (const auto& parameters : grid) {
    density.push_back(-0.5 * std::pow(std::log(parameters.roughness / usual_roughness) / 0.5, 2));
  }
  parallel_for(std::ssize(grid), [&](std::int64_t g, int) {
    for (std::size_t i = 0; i < totals.size(); i += step) {
      if (near[i].size() < 3) continue;
      const Estimate there = krige(positions_nm, totals, near[i], i, mean, grid[g]);
      const double variance = there.variance + totals[i].variance;
      density[g] -= 0.5 * (std::pow(totals[i].value - there.value, 2) / variance + std::log(variance));
    }
  });
  return grid[std::max_element(density.begin(), density.end()) - density.begin()];
}

}  // namespace colonnade
