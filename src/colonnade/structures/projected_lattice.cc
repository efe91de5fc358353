// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/projected_lattice.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "colonnade/core/error.h"
#include "colonnade/structures/matrix3.h"

namespace colonnade {
namespace {

using Vector2 = std::array<double, 2>;

constexpr double same_place_A = 0.05;  ///< atoms so near to each other in projection stand in one column

double area(const Vector2& a, const Vector2& b) { return a[0] * b[1] - a[1] * b[0]; }
double norm(const Vector2& a) { return std::hypot(a[0], a[1]); }

Vector2 solve(const ProjectedLattice& lattice, const Vector2& at) {
  const double whole = area(lattice.a, lattice.b);
  return {area(at, lattice.b) / whole, area(lattice.a, at) / whole};
}

/// From the nearest lattice point.
double distance_to_lattice(const ProjectedLattice& lattice, const Vector2& at) {
  const Vector2 f = solve(lattice, at);
  const double u = f[0] - std::round(f[0]), v = f[1] - std::round(f[1]);
  return std::hypot(u * lattice.a[0] + v * lattice.b[0], u * lattice.a[1] + v * lattice.b[1]);
}

/// The two shortest vectors that span all integer sums of the three.
void set_basis(ProjectedLattice& lattice, const std::array<Vector2, 3>& vectors, int reach) {
  std::vector<Vector2> sums;
  for (int i = -reach; i <= reach; ++i) {
    for (int j = -reach; j <= reach; ++j) {
      for (int k = -reach; k <= reach; ++k) {
        const Vector2 sum{i * vectors[0][0] + j * vectors[1][0] + k * vectors[2][0],
                          i * vectors[0][1] + j * vectors[1][1] + k * vectors[2][1]};
        if (norm(sum) > same_place_A) sums.push_back(sum);
      }
    }
  }
  const auto shorter = [](const Vector2& one, const Vector2& other) {
    if (std::abs(norm(one) - norm(other)) > 1e-6) return norm(one) < norm(other);
    return std::abs(one[0] - other[0]) > 1e-6 ? one[0] > other[0] : one[1] > other[1];
  };
  if (sums.empty()) fail("the crystal shows no lattice along this zone axis");
  lattice.a = *std::min_element(sums.begin(), sums.end(), shorter);
  const auto flat = [&](const Vector2& sum) { return area(lattice.a, sum) < same_place_A * norm(lattice.a); };
  std::erase_if(sums, flat);
  if (sums.empty()) fail("the crystal shows no lattice along this zone axis");
  lattice.b = *std::min_element(sums.begin(), sums.end(), shorter);
}

Vector2 wrapped(Vector2 f) {
  for (double& value : f) {
    value -= std::floor(value);
    if (value > 1 - 1e-9) value = 0;
  }
  return f;
}

/// The atoms gathered in columns; a column holds its atoms per cell, divided by `length`.
std::vector<ProjectedColumn> gathered(const ProjectedLattice& lattice,
                                      const std::vector<std::pair<int, Vector2>>& atoms, double weight) {
  std::vector<ProjectedColumn> columns;
  for (const auto& [number, at] : atoms) {
    auto same = std::find_if(columns.begin(), columns.end(), [&](const ProjectedColumn& column) {
      const Vector2 place{column.place[0] * lattice.a[0] + column.place[1] * lattice.b[0],
                          column.place[0] * lattice.a[1] + column.place[1] * lattice.b[1]};
      return distance_to_lattice(lattice, {at[0] - place[0], at[1] - place[1]}) < same_place_A;
    });
    if (same == columns.end()) same = columns.insert(columns.end(), {wrapped(solve(lattice, at)), {}});
    same->atoms[number] += weight;
  }
  return columns;
}

bool alike(const ProjectedColumn& one, const ProjectedColumn& other) {
  if (one.atoms.size() != other.atoms.size()) return false;
  return std::equal(one.atoms.begin(), one.atoms.end(), other.atoms.begin(), [](const auto& p, const auto& q) {
    return p.first == q.first && std::abs(p.second - q.second) < 1e-6 * p.second;
  });
}

/// Whether moving all columns by the fractions gives the same columns.
bool repeats(const ProjectedLattice& lattice, const Vector2& shift) {
  return std::all_of(lattice.columns.begin(), lattice.columns.end(), [&](const ProjectedColumn& column) {
    return std::any_of(lattice.columns.begin(), lattice.columns.end(), [&](const ProjectedColumn& other) {
      const double u = column.place[0] + shift[0] - other.place[0], v = column.place[1] + shift[1] - other.place[1];
      const Vector2 apart{u * lattice.a[0] + v * lattice.b[0], u * lattice.a[1] + v * lattice.b[1]};
      return distance_to_lattice(lattice, apart) < same_place_A && alike(column, other);
    });
  });
}

}  // namespace

ProjectedLattice projected_lattice(const Structure& crystal, const Miller& zone_axis) {
  if (crystal.atoms.empty()) fail("a crystal without atoms shows no lattice");
  const Matrix3 turn = zone_axis_rotation(crystal, zone_axis);
  std::array<Vector2, 3> vectors{};
  for (std::size_t k = 0; k < 3; ++k) {
    const Vector3 turned = multiply(turn, crystal.cell[k]);
    vectors[k] = {turned[0], turned[1]};
  }
  std::vector<std::pair<int, Vector2>> atoms;
  for (const Atom& atom : crystal.atoms) {
    const Vector3 turned = multiply(turn, Vector3{atom.position.x, atom.position.y, atom.position.z});
    atoms.push_back({atom.number, {turned[0], turned[1]}});
  }
  ProjectedLattice lattice;
  const int largest = std::max({std::abs(zone_axis[0]), std::abs(zone_axis[1]), std::abs(zone_axis[2])});
  set_basis(lattice, vectors, std::max(2, largest + 1));
  const double volume = std::abs(determinant(crystal.cell));
  const auto weight = [&] { return area(lattice.a, lattice.b) / volume; };  // 1/(length of the beam's way per cell)
  lattice.columns = gathered(lattice, atoms, weight());
  for (bool finer = true; finer;) {
    finer = false;
    for (std::size_t i = 1; i < lattice.columns.size() && !finer; ++i) {
      const Vector2 shift{lattice.columns[i].place[0] - lattice.columns[0].place[0],
                          lattice.columns[i].place[1] - lattice.columns[0].place[1]};
      if (!repeats(lattice, shift)) continue;
      const Vector2 along{shift[0] * lattice.a[0] + shift[1] * lattice.b[0],
                          shift[0] * lattice.a[1] + shift[1] * lattice.b[1]};
      set_basis(lattice, {lattice.a, lattice.b, along}, 4);
      lattice.columns = gathered(lattice, atoms, weight());
      finer = true;
    }
  }
  return lattice;
}

}  // namespace colonnade
