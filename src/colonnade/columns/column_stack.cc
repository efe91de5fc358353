// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/column_stack.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "colonnade/columns/neighbour_columns.h"
#include "colonnade/core/error.h"
#include "colonnade/structures/crystal.h"

namespace colonnade {
namespace {

constexpr double reach = 1.35;        // of neighbours, in nearest distances, as in neighbour_pairs()
constexpr double tolerance = 0.12;    // of a neighbour's place while the rotation is sought, in nearest distances
constexpr double bond_misfit = 0.28;  // a pair farther from every step of the lattice is no bond
constexpr std::size_t pairs_for_rotation = 2000;
constexpr double same_A = 1e-3;

double fraction_of(double value) {
  const double part = value - std::floor(value);
  return part > 1 - 1e-6 ? 0 : part;
}

/// Distance of two shifts on the circle of one period.
double shift_difference(double a, double b) { return std::abs(std::remainder(a - b, 1.0)); }

/// The crystal around one of its atoms, which stands at the origin, the zone axis along z.
std::vector<Position> atoms_around(const std::string& crystal, double lattice_A, const Miller& axis) {
  const Structure cell = cubic_crystal(crystal, "Pt", lattice_A);
  const auto turn = zone_axis_rotation(cell, axis);
  const int far = 2 + 2 * std::max({std::abs(axis[0]), std::abs(axis[1]), std::abs(axis[2])});
  std::vector<Position> atoms;
  for (const Atom& atom : cell.atoms) {
    for (int a = -far; a <= far; ++a) {
      for (int b = -far; b <= far; ++b) {
        for (int c = -far; c <= far; ++c) {
          const double x = atom.position.x + a * lattice_A, y = atom.position.y + b * lattice_A,
                       z = atom.position.z + c * lattice_A;
          atoms.push_back({turn[0][0] * x + turn[0][1] * y + turn[0][2] * z,
                           turn[1][0] * x + turn[1][1] * y + turn[1][2] * z,
                           turn[2][0] * x + turn[2][1] * y + turn[2][2] * z});
        }
      }
    }
  }
  return atoms;
}

struct Bond {
  int from = 0, to = 0;
  double misfit = 0, shift = 0;
};

ColumnStep turned(const ColumnStep& step, double angle, double scale) {
  const double c = scale * std::cos(angle), s = scale * std::sin(angle);
  return {c * step.x - s * step.y, s * step.x + c * step.y, step.shift};
}

std::vector<ColumnStep> turned(const std::vector<ColumnStep>& steps, double angle, double scale) {
  std::vector<ColumnStep> out;
  out.reserve(steps.size());
  for (const ColumnStep& step : steps) out.push_back(turned(step, angle, scale));
  return out;
}

/// Index of the step nearest to the vector, and how far it is.
std::pair<std::size_t, double> nearest_step(const std::vector<ColumnStep>& steps, const Point& vector) {
  std::pair<std::size_t, double> best{0, std::numeric_limits<double>::infinity()};
  for (std::size_t k = 0; k < steps.size(); ++k) {
    const double misfit = std::hypot(vector.x - steps[k].x, vector.y - steps[k].y);
    if (misfit < best.second) best = {k, misfit};
  }
  return best;
}

double agreement(const std::vector<Point>& vectors, const std::vector<ColumnStep>& steps, double width) {
  double sum = 0;
  for (const Point& vector : vectors) sum += std::exp(-0.5 * std::pow(nearest_step(steps, vector).second / width, 2));
  return sum;
}

/// The rotation that suits the vectors best, radians; sought over half a turn, as steps come in pairs.
double best_rotation(const std::vector<Point>& vectors, const std::vector<ColumnStep>& steps, double scale,
                     double width) {
  double best = 0, most = -1;
  const auto try_at = [&](double angle) {
    const double value = agreement(vectors, turned(steps, angle, scale), width);
    if (value > most) most = value, best = angle;
  };
  constexpr double degree = std::numbers::pi / 180;
  for (int i = 0; i < 180; ++i) try_at(i * degree);
  for (const double step : {0.25 * degree, 0.05 * degree}) {
    const double middle = best;
    for (int i = -4; i <= 4; ++i) try_at(middle + i * step);
  }
  return best;
}

/// Disjoint sets that also know each member's shift against its root.
class ShiftForest {
 public:
  explicit ShiftForest(std::size_t size) : parent_(size), shift_(size, 0) {
    std::iota(parent_.begin(), parent_.end(), 0);
  }
  std::size_t root(std::size_t i) {
    if (parent_[i] == i) return i;
    const std::size_t above = parent_[i];
    const std::size_t top = root(above);
    if (above != top) shift_[i] += shift_[above];
    parent_[i] = top;
    return top;
  }
  double shift(std::size_t i) {
    root(i);
    return parent_[i] == i ? 0 : shift_[i];
  }
  /// Says that `to` stands `by` higher than `from`; nothing happens where both are joined already.
  void join(std::size_t from, std::size_t to, double by) {
    const std::size_t a = root(from), b = root(to);
    if (a == b) return;
    const double above = shift(from) + by - shift(to);
    parent_[b] = a;
    shift_[b] = above;
  }

 private:
  std::vector<std::size_t> parent_;
  std::vector<double> shift_;
};

std::vector<Point> vectors_of(const std::vector<std::pair<int, int>>& pairs, const std::vector<Point>& places) {
  std::vector<Point> vectors;
  const std::size_t stride = pairs.size() / pairs_for_rotation + 1;
  for (std::size_t p = 0; p < pairs.size(); p += stride) {
    const Point &a = places[std::size_t(pairs[p].first)], &b = places[std::size_t(pairs[p].second)];
    vectors.push_back({b.x - a.x, b.y - a.y});
  }
  return vectors;
}

/// Least squares of the scale, given which step each vector is.
double fitted_scale(const std::vector<Point>& vectors, const std::vector<ColumnStep>& steps, double angle, double scale,
                    double width) {
  const auto now = turned(steps, angle, scale);
  double product = 0, square = 0;
  for (const Point& vector : vectors) {
    const auto [k, misfit] = nearest_step(now, vector);
    if (misfit > 2 * width) continue;
    const ColumnStep step = turned(steps[k], angle, 1);
    product += vector.x * step.x + vector.y * step.y;
    square += step.x * step.x + step.y * step.y;
  }
  return square > 0 ? product / square : scale;
}

}  // namespace

ColumnLattice column_lattice(const std::string& crystal, double lattice_A, const std::string& zone_axis) {
  if (crystal != "fcc" && crystal != "bcc" && crystal != "sc") {
    fail("the crystal is '{}'; columns can be stacked as fcc, bcc or sc", crystal);
  }
  if (!(lattice_A > 0.5 && lattice_A < 50)) fail("the lattice parameter is {} A; give one of a crystal", lattice_A);
  const auto atoms = atoms_around(crystal, lattice_A, parse_zone_axis(zone_axis));
  ColumnLattice lattice{std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity(), {}};
  for (const Position& atom : atoms) {
    const double away = std::hypot(atom.x, atom.y);
    if (away < same_A && atom.z > same_A) lattice.period_A = std::min(lattice.period_A, atom.z);
    if (away >= same_A) lattice.nearest_A = std::min(lattice.nearest_A, away);
  }
  for (const Position& atom : atoms) {
    const double away = std::hypot(atom.x, atom.y);
    if (away < same_A || away > reach * lattice.nearest_A) continue;
    const bool known = std::any_of(lattice.steps.begin(), lattice.steps.end(), [&](const ColumnStep& step) {
      return std::hypot(step.x - atom.x, step.y - atom.y) < same_A;
    });
    if (!known) lattice.steps.push_back({atom.x, atom.y, fraction_of(atom.z / lattice.period_A)});
  }
  return lattice;
}

ColumnShifts column_shifts(const std::vector<Point>& places_A, const ColumnLattice& lattice) {
  ColumnShifts result;
  result.shifts.assign(places_A.size(), 0);
  const auto pairs = neighbour_pairs(places_A, reach);
  result.pieces = places_A.size();
  if (pairs.empty()) return result;
  const double spacing = typical_spacing(places_A), width = tolerance * spacing;
  const auto vectors = vectors_of(pairs, places_A);
  double angle = 0;
  result.scale = spacing / lattice.nearest_A;
  for (int turn = 0; turn < 2; ++turn) {
    angle = best_rotation(vectors, lattice.steps, result.scale, width);
    result.scale = fitted_scale(vectors, lattice.steps, angle, result.scale, width);
  }
  result.rotation_deg = angle * 180 / std::numbers::pi;
  const auto steps = turned(lattice.steps, angle, result.scale);
  std::vector<Bond> bonds;
  for (const auto& [i, j] : pairs) {
    const Point &a = places_A[std::size_t(i)], &b = places_A[std::size_t(j)];
    const auto [k, misfit] = nearest_step(steps, {b.x - a.x, b.y - a.y});
    if (misfit <= bond_misfit * spacing) bonds.push_back({i, j, misfit, steps[k].shift});
  }
  std::stable_sort(bonds.begin(), bonds.end(), [](const Bond& a, const Bond& b) { return a.misfit < b.misfit; });
  ShiftForest forest(places_A.size());
  for (const Bond& bond : bonds) forest.join(std::size_t(bond.from), std::size_t(bond.to), bond.shift);
  result.pieces = 0;
  for (std::size_t i = 0; i < places_A.size(); ++i) {
    result.pieces += forest.root(i) == i ? 1 : 0;
    result.shifts[i] = fraction_of(forest.shift(i));
  }
  result.bonds = bonds.size();
  for (const Bond& bond : bonds) {
    const double gap = forest.shift(std::size_t(bond.to)) - forest.shift(std::size_t(bond.from));
    result.broken += shift_difference(gap, bond.shift) > 0.1 ? 1 : 0;
  }
  return result;
}

}  // namespace colonnade
