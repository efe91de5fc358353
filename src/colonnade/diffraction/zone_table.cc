// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/diffraction/zone_table.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <set>

namespace colonnade {
namespace {

using Operation = std::array<Miller, 3>;

int determinant_sign(const Operation& w) {
  Matrix3 m{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) m[i][j] = w[i][j];
  }
  return determinant(m) > 0 ? 1 : -1;
}

bool nicer(const Miller& one, const Miller& other) {
  const auto negative = [](const Miller& m) { return std::count_if(m.begin(), m.end(), [](int i) { return i < 0; }); };
  if (negative(one) != negative(other)) return negative(one) < negative(other);
  return one > other;
}

/// Whole-number vectors in echelon form that span the same lattice as all those put in.
class IntegerLattice {
 public:
  void insert(Miller v) {
    for (std::size_t column = 0; column < 3; ++column) {
      if (v[column] == 0) continue;
      if (!rows_[column]) {
        rows_[column] = v;
        return;
      }
      Miller& row = *rows_[column];
      while (v[column] != 0) {  // Euclid's algorithm on this column
        const int times = row[column] / v[column];
        for (std::size_t k = 0; k < 3; ++k) row[k] -= times * v[k];
        std::swap(row, v);
      }
    }
  }
  std::vector<Miller> rows() const {
    std::vector<Miller> rows;
    for (const auto& row : rows_) {
      if (row) rows.push_back(*row);
    }
    return rows;
  }

 private:
  std::array<std::optional<Miller>, 3> rows_;
};

struct PlaneVector {
  Miller hkl{};
  Vector2 at{};
};

double dot2(const Vector2& a, const Vector2& b) { return a[0] * b[0] + a[1] * b[1]; }
double area(const Vector2& a, const Vector2& b) { return a[0] * b[1] - a[1] * b[0]; }

/// Gauss's reduction: the two shortest vectors of the same lattice.
void reduce(PlaneVector& a, PlaneVector& b) {
  for (int pass = 0; pass < 100; ++pass) {
    if (dot2(a.at, a.at) > dot2(b.at, b.at)) std::swap(a, b);
    const int times = int(std::lround(dot2(a.at, b.at) / dot2(a.at, a.at)));
    if (times == 0) break;
    for (std::size_t k = 0; k < 3; ++k) b.hkl[k] -= times * a.hkl[k];
    for (std::size_t k = 0; k < 2; ++k) b.at[k] -= times * a.at[k];
  }
}

void fill_table(Zone& zone) {
  for (const ZoneReflection& reflection : zone.reflections) {
    zone.reach_m = std::max(zone.reach_m, std::abs(reflection.m));
    zone.reach_n = std::max(zone.reach_n, std::abs(reflection.n));
  }
  zone.table.assign(std::size_t(2 * zone.reach_m + 1) * (2 * zone.reach_n + 1), 0);
  for (const ZoneReflection& reflection : zone.reflections) {
    zone.table[std::size_t(reflection.m + zone.reach_m) * (2 * zone.reach_n + 1) +
               std::size_t(reflection.n + zone.reach_n)] = reflection.strength;
  }
}

/// None where the layer's reflections lie on a line. `present`: the phase's reflections that are not absent.
std::optional<Zone> make_zone(const Phase& phase, const std::vector<const PhaseReflection*>& present,
                              const Miller& axis) {
  std::vector<const PhaseReflection*> layer;
  IntegerLattice lattice;
  double most = 0;
  for (const PhaseReflection* reflection : present) {
    const Miller& h = reflection->hkl;
    if (h[0] * axis[0] + h[1] * axis[1] + h[2] * axis[2] != 0) continue;
    layer.push_back(reflection);
    lattice.insert(h);
    most = std::max(most, reflection->intensity);
  }
  const std::vector<Miller> rows = lattice.rows();
  if (rows.size() != 2) return {};
  const Matrix3 turn = zone_axis_rotation(phase.crystal, axis), star = reciprocal_cell(phase.crystal);
  const auto projected = [&](const Miller& h) {
    const Vector3 g = multiply(turn, combine({double(h[0]), double(h[1]), double(h[2])}, star));
    return PlaneVector{h, {g[0], g[1]}};
  };
  PlaneVector a = projected(rows[0]), b = projected(rows[1]);
  reduce(a, b);
  Zone zone;
  zone.axis = axis;
  zone.basis = {a.at, b.at};
  zone.basis_hkl = {a.hkl, b.hkl};
  const double whole = area(a.at, b.at);
  zone.cell_area = std::abs(whole);
  for (const PhaseReflection* reflection : layer) {
    const Vector2 at = projected(reflection->hkl).at;
    zone.reflections.push_back({int(std::lround(area(at, b.at) / whole)), int(std::lround(area(a.at, at) / whole)),
                                float(at[0]), float(at[1]), float(std::hypot(at[0], at[1])),
                                float(reflection->intensity / most)});
  }
  std::stable_sort(zone.reflections.begin(), zone.reflections.end(),
                   [](const auto& one, const auto& other) { return one.length < other.length; });
  fill_table(zone);
  return zone;
}

}  // namespace

std::vector<Miller> zone_families(const std::vector<Operation>& laue, int highest_index) {
  std::vector<Operation> proper;
  for (const Operation& w : laue) {
    if (determinant_sign(w) > 0) proper.push_back(w);
  }
  std::vector<Miller> families;
  std::set<Miller> done;
  for (int u = highest_index; u >= -highest_index; --u) {
    for (int v = highest_index; v >= -highest_index; --v) {
      for (int w = highest_index; w >= -highest_index; --w) {
        const Miller zone{u, v, w};
        if (std::gcd(std::gcd(u, v), w) != 1 || done.count(zone)) continue;
        Miller best = zone;
        for (const Operation& operation : proper) {
          const Miller turned = turned_zone(operation, zone);
          done.insert(turned);
          if (nicer(turned, best)) best = turned;
        }
        families.push_back(best);
      }
    }
  }
  return families;
}

bool same_family(const std::vector<Operation>& laue, const Miller& one, const Miller& other) {
  const Miller opposite{-other[0], -other[1], -other[2]};
  return std::any_of(laue.begin(), laue.end(), [&](const Operation& w) {
    const Miller turned = turned_zone(w, one);
    return turned == other || turned == opposite;
  });
}

std::vector<Zone> make_zones(const std::vector<Phase>& phases, int highest_index) {
  std::vector<Zone> zones;
  for (std::size_t p = 0; p < phases.size(); ++p) {
    require_phase(phases[p]);
    double most = 0;
    for (const PhaseReflection& reflection : phases[p].reflections) most = std::max(most, reflection.intensity);
    std::vector<const PhaseReflection*> present;
    for (const PhaseReflection& reflection : phases[p].reflections) {
      if (reflection.intensity > absent_share * most) present.push_back(&reflection);
    }
    for (const Miller& axis : zone_families(laue_operations(phases[p]), highest_index)) {
      auto zone = make_zone(phases[p], present, axis);
      if (!zone) continue;
      zone->phase = p;
      zones.push_back(std::move(*zone));
    }
  }
  return zones;
}

}  // namespace colonnade
