// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/defects/oriented_cell.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

constexpr double same_place_A = 0.02;

Vector3 as_vector(const Position& p) { return {p.x, p.y, p.z}; }

/// Vectors of the lattice: whole numbers, and the centring of a cubic cell.
std::vector<Vector3> centring_of(const Structure& crystal) {
  const std::string lattice = cubic_lattice(crystal);
  if (lattice == "fcc") return {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};
  if (lattice == "bcc") return {{0, 0, 0}, {0.5, 0.5, 0.5}};
  return {{0, 0, 0}};
}

/// Every vector of the lattice with fractions up to a reach.
template <class Visit>
void for_each_vector(const std::vector<Vector3>& centring, int reach, const Visit& visit) {
  for (int a = reach; a >= -reach; --a) {
    for (int b = reach; b >= -reach; --b) {
      for (int c = reach; c >= -reach; --c) {
        for (const Vector3& shift : centring) visit(Vector3{a + shift[0], b + shift[1], c + shift[2]});
      }
    }
  }
}

/// The shortest vector that is wanted; of equal ones the first.
template <class Wanted>
Vector3 shortest(const Structure& crystal, const std::vector<Vector3>& centring, int reach, const Wanted& wanted) {
  Vector3 best{};
  double best_length = std::numeric_limits<double>::infinity();
  for_each_vector(centring, reach, [&](const Vector3& v) {
    const double size = length(combine(v, crystal.cell));
    if (size < 1e-6 || size > best_length * (1 - 1e-9) || !wanted(v)) return;
    best = v;
    best_length = size;
  });
  return best;
}

}  // namespace

double periodic_distance(const Structure& structure, const Position& a, const Position& b) {
  const Fractional f = to_fractional(structure, {a.x - b.x, a.y - b.y, a.z - b.z});
  Vector3 apart{f.a, f.b, f.c};
  for (double& part : apart) part -= std::round(part);
  double nearest = std::numeric_limits<double>::infinity();
  for_each_vector({{0, 0, 0}}, 1, [&](const Vector3& shift) {
    const Vector3 way{apart[0] + shift[0], apart[1] + shift[1], apart[2] + shift[2]};
    nearest = std::min(nearest, length(combine(way, structure.cell)));
  });
  return nearest;
}

bool is_translation(const Structure& crystal, const Vector3& fractions) {
  require_cell(crystal);
  const Vector3 shift = combine(fractions, crystal.cell);
  return std::all_of(crystal.atoms.begin(), crystal.atoms.end(), [&](const Atom& atom) {
    const Position& p = atom.position;
    const Position moved{p.x + shift[0], p.y + shift[1], p.z + shift[2]};
    return std::any_of(crystal.atoms.begin(), crystal.atoms.end(), [&](const Atom& other) {
      return other.number == atom.number && periodic_distance(crystal, moved, other.position) < same_place_A;
    });
  });
}

std::string cubic_lattice(const Structure& crystal) {
  require_cell(crystal);
  const Matrix3& m = crystal.cell;
  const double a = length(m[0]);
  for (std::size_t k = 0; k < 3; ++k) {
    const double angle = std::abs(dot(m[k], m[(k + 1) % 3]));
    if (std::abs(length(m[k]) - a) > 1e-4 * a || angle > 1e-4 * a * a) return "";
  }
  if (is_translation(crystal, {0.5, 0.5, 0.5})) return "bcc";
  return is_translation(crystal, {0, 0.5, 0.5}) && is_translation(crystal, {0.5, 0, 0.5}) ? "fcc" : "sc";
}

Structure with_vectors(const Structure& crystal, const Matrix3& rows) {
  require_cell(crystal);
  const double ratio = determinant(rows);
  if (!(ratio > 1e-6)) fail("the vectors of the new cell are not right-handed and independent; exchange two");
  for (const Vector3& row : rows) {
    if (!is_translation(crystal, row)) fail("({}, {}, {}) is no translation of the crystal", row[0], row[1], row[2]);
  }
  std::array<long, 3> low{}, high{};
  for (int corner = 0; corner < 8; ++corner) {
    const Vector3 at = combine({double(corner & 1), double(corner >> 1 & 1), double(corner >> 2)}, rows);
    for (std::size_t k = 0; k < 3; ++k) {
      low[k] = std::min(low[k], std::lround(std::floor(at[k])) - 1);
      high[k] = std::max(high[k], std::lround(std::ceil(at[k])) + 1);
    }
  }
  Structure result;
  result.metadata = crystal.metadata;
  result.periodic = {true, true, true};
  for (std::size_t k = 0; k < 3; ++k) result.cell[k] = combine(rows[k], crystal.cell);
  const Matrix3 planes = reciprocal(result.cell);
  constexpr double slack = 1e-5;
  for (long a = low[0]; a <= high[0]; ++a) {
    for (long b = low[1]; b <= high[1]; ++b) {
      for (long c = low[2]; c <= high[2]; ++c) {
        const Vector3 shift = combine({double(a), double(b), double(c)}, crystal.cell);
        for (const Atom& atom : crystal.atoms) {
          Vector3 at = as_vector(atom.position);
          for (std::size_t k = 0; k < 3; ++k) at[k] += shift[k];
          const Vector3 f = multiply(planes, at);
          const auto inside = [](double v) { return v >= -slack && v < 1 - slack; };
          if (!inside(f[0]) || !inside(f[1]) || !inside(f[2])) continue;
          result.atoms.push_back({atom.number, {at[0], at[1], at[2]}});
        }
      }
    }
  }
  const auto expected = std::size_t(std::llround(ratio * double(crystal.atoms.size())));
  if (result.atoms.size() != expected) {
    fail("a cell along other vectors holds {} atoms instead of {}: the crystal's atoms do not fit its lattice",
         result.atoms.size(), expected);
  }
  return result;
}

PlaneCell plane_cell(const Structure& crystal, const Miller& plane) {
  require_cell(crystal);
  const int divisor = std::gcd(std::gcd(plane[0], plane[1]), plane[2]);
  if (divisor == 0) fail("(000) is no lattice plane");
  const Vector3 hkl{double(plane[0]) / divisor, double(plane[1]) / divisor, double(plane[2]) / divisor};
  const auto centring = centring_of(crystal);
  const int reach = std::max({2, std::abs(plane[0]), std::abs(plane[1]), std::abs(plane[2])}) + 1;
  if (reach > 21) fail("a plane with indices beyond 20 needs a larger cell than any specimen; give smaller indices");
  // Of a centred lattice planes lie closer than the indices say: the smallest step of h u + k v + l w that occurs.
  double step = 1;
  for (const Vector3& shift : centring) {
    const double part = std::abs(dot(hkl, shift) - std::floor(dot(hkl, shift)));
    if (part > 1e-6) step = std::min({step, part, 1 - part});
  }
  PlaneCell cell;
  const auto in_plane = [&](const Vector3& v) { return std::abs(dot(hkl, v)) < 1e-6; };
  cell.first = shortest(crystal, centring, reach, in_plane);
  const Vector3 along = combine(cell.first, crystal.cell);
  const auto upright = [&](const Vector3& v) {
    const Vector3 way = combine(v, crystal.cell);
    return in_plane(v) && std::abs(dot(way, along)) < 1e-5 * length(way) * length(along);
  };
  const auto independent = [&](const Vector3& v) {
    return in_plane(v) && length(cross(combine(v, crystal.cell), along)) > 1e-6;
  };
  cell.second = shortest(crystal, centring, 2 * reach, upright);
  if (length(cell.second) == 0) cell.second = shortest(crystal, centring, reach, independent);
  cell.stacking =
      shortest(crystal, centring, reach, [&](const Vector3& v) { return std::abs(dot(hkl, v) - step) < 1e-6; });
  if (length(cell.second) == 0 || length(cell.stacking) == 0) fail("no cell along this plane was found");
  const Vector3 normal = combine(hkl, reciprocal(crystal.cell));
  cell.spacing_A = step / length(normal);
  const Vector3 x = scaled(normal, 1 / length(normal)), z = scaled(along, 1 / length(along));
  cell.rotation = {x, cross(z, x), z};
  if (dot(cell.rotation[1], combine(cell.second, crystal.cell)) < 0) cell.second = scaled(cell.second, -1);
  return cell;
}

}  // namespace colonnade
