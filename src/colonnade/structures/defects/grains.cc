// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/defects/grains.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <vector>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/structures/defects/record.h"
#include "colonnade/structures/defects/shortest_distance.h"
#include "colonnade/structures/neighbours.h"

namespace colonnade {
namespace {

constexpr double fewest_closest = 0.5, closest_step = 0.05, density_slack = 0.005;

struct Plane {
  Vector3 normal{};
  double distance_A = 0;  ///< from the seed
};

struct Seeds {
  Vector3 size_A{};
  std::vector<Vector3> places;
  std::vector<Matrix3> rotations;

  /// From a seed's nearest image to a point.
  Vector3 from(std::size_t seed, const Vector3& point) const {
    Vector3 way{};
    for (std::size_t k = 0; k < 3; ++k) {
      way[k] = point[k] - places[seed][k];
      way[k] -= size_A[k] * std::round(way[k] / size_A[k]);
    }
    return way;
  }
  /// The planes half way to the images of all seeds that a point less than `reach` from this one can be beyond.
  std::vector<Plane> planes_around(std::size_t seed, double reach) const {
    std::vector<Plane> planes;
    for (std::size_t other = 0; other < places.size(); ++other) {
      const Vector3 nearest = from(seed, places[other]);
      for (int image = 0; image < 27; ++image) {
        const std::array<int, 3> steps{image / 9 - 1, image / 3 % 3 - 1, image % 3 - 1};
        Vector3 apart{};
        for (std::size_t k = 0; k < 3; ++k) apart[k] = nearest[k] + steps[k] * size_A[k];
        const double distance = length(apart);
        if (distance > 1e-6 && distance / 2 < reach) planes.push_back({scaled(apart, 1 / distance), distance / 2});
      }
    }
    return planes;
  }
};

/// How far beyond the boundary of its cell a place is; negative: inside.
double beyond(const std::vector<Plane>& planes, const Vector3& way) {
  double most = -std::numeric_limits<double>::infinity();
  for (const Plane& plane : planes) most = std::max(most, dot(plane.normal, way) - plane.distance_A);
  return most;
}

Seeds draw_seeds(const Vector3& size_A, int grains, Random& random) {
  Seeds seeds{size_A, {}, {}};
  for (int i = 0; i < grains; ++i) {
    seeds.places.push_back({random.uniform(0, size_A[0]), random.uniform(0, size_A[1]), random.uniform(0, size_A[2])});
    seeds.rotations.push_back(random_rotation(random));
  }
  return seeds;
}

/// Radius around each seed that holds its cell: the farthest of a grid's points, and a grid step.
std::vector<double> reaches_of(const Seeds& seeds) {
  const double step = std::cbrt(seeds.size_A[0] * seeds.size_A[1] * seeds.size_A[2] / double(seeds.places.size())) / 8;
  std::array<int, 3> count{};
  for (std::size_t k = 0; k < 3; ++k) count[k] = std::max(1, int(std::ceil(seeds.size_A[k] / step)));
  std::vector<double> reaches(seeds.places.size());
  for (int i = 0; i < count[0] * count[1] * count[2]; ++i) {
    const std::array<int, 3> at{i % count[0], i / count[0] % count[1], i / count[0] / count[1]};
    Vector3 point{};
    for (std::size_t k = 0; k < 3; ++k) point[k] = (at[k] + 0.5) * seeds.size_A[k] / count[k];
    std::size_t nearest = 0;
    double distance = std::numeric_limits<double>::infinity();
    for (std::size_t s = 0; s < seeds.places.size(); ++s) {
      const double own = length(seeds.from(s, point));
      if (own >= distance) continue;
      distance = own;
      nearest = s;
    }
    reaches[nearest] = std::max(reaches[nearest], distance);
  }
  for (double& reach : reaches) reach += 2 * step;
  return reaches;
}

struct Candidate {
  Atom atom;
  double beyond_A = 0;  ///< its grain's boundary; negative: inside
  std::uint64_t rank = 0;
};

/// The crystal's atoms that lie in a seed's cell or less than `margin` beyond it, around the seed.
std::vector<Candidate> fill_grain(const Structure& crystal, const Seeds& seeds, std::size_t seed, double reach,
                                  double margin, Random random) {
  const Matrix3& rotation = seeds.rotations[seed];
  const Vector3 offset = combine({random.uniform(), random.uniform(), random.uniform()}, crystal.cell);
  const Matrix3 planes = reciprocal(crystal.cell);
  std::array<int, 3> most{};
  for (std::size_t k = 0; k < 3; ++k) most[k] = int(std::ceil((reach + margin) * length(planes[k]))) + 2;
  const double widest = (reach + margin) * (reach + margin);
  // An atom counts as deep inside by its distance to the planes: those a little farther off count, too.
  const auto bounds = seeds.planes_around(seed, reach + 3 * margin);
  std::vector<Candidate> atoms;
  for (int a = -most[0]; a <= most[0]; ++a) {
    for (int b = -most[1]; b <= most[1]; ++b) {
      for (int c = -most[2]; c <= most[2]; ++c) {
        const Vector3 cell = combine({double(a), double(b), double(c)}, crystal.cell);
        for (const Atom& atom : crystal.atoms) {
          const Vector3 at{cell[0] + atom.position.x - offset[0], cell[1] + atom.position.y - offset[1],
                           cell[2] + atom.position.z - offset[2]};
          if (dot(at, at) > widest) continue;
          const Vector3 way = multiply(rotation, at);
          const double outside = beyond(bounds, way);
          if (outside >= margin) continue;
          Candidate candidate{atom, outside, random.bits()};
          double* const place[] = {&candidate.atom.position.x, &candidate.atom.position.y, &candidate.atom.position.z};
          for (std::size_t k = 0; k < 3; ++k) {
            const double x = seeds.places[seed][k] + way[k];
            *place[k] = x - seeds.size_A[k] * std::floor(x / seeds.size_A[k]);
          }
          atoms.push_back(candidate);
        }
      }
    }
  }
  return atoms;
}

/// Which atoms stay where grains reach `over` beyond their boundaries: in this order, those near no atom that stays.
std::vector<std::uint8_t> kept(const std::vector<Candidate>& atoms, const std::vector<std::size_t>& order,
                               const NeighbourList& close, double over) {
  std::vector<std::uint8_t> stays(atoms.size());
  for (const std::size_t i : order) {
    if (atoms[i].beyond_A > over) continue;
    const auto near = close.of(i);
    stays[i] =
        std::none_of(near.begin(), near.end(), [&](std::int32_t j) { return stays[std::size_t(j)] != 0; }) ? 1 : 0;
  }
  return stays;
}

/// What was settled on: who stays, how far grains reach over their boundaries, and the distance across them.
struct Choice {
  std::vector<std::uint8_t> stays;
  double over_A = 0, closest_A = 0, atoms = 0;
};

/// The reach over the boundary that gives nearest to the number of atoms, at this distance between atoms.
Choice chosen_reach(const std::vector<Candidate>& atoms, const std::vector<std::size_t>& order, const Structure& all,
                    double closest_A, double margin, double number) {
  const NeighbourList close(all, closest_A);
  Choice best{{}, 0, closest_A, 0};
  double low = 0, high = margin;
  for (int step = 0; step < 10; ++step) {
    const double over = (low + high) / 2;
    auto stays = kept(atoms, order, close, over);
    const auto count = double(std::count(stays.begin(), stays.end(), 1));
    (count < number ? low : high) = over;
    if (std::abs(count - number) < std::abs(best.atoms - number)) best = {std::move(stays), over, closest_A, count};
  }
  return best;
}

/// Where atoms as far apart as asked leave the boundaries too empty, they may come nearer.
Choice chosen_atoms(const std::vector<Candidate>& atoms, const Structure& all, double closest_A, double shortest,
                    double number, double settled) {
  std::vector<std::size_t> order(atoms.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const double first = std::max(0.0, atoms[a].beyond_A), second = std::max(0.0, atoms[b].beyond_A);
    if (first != second) return first < second;
    return atoms[a].rank != atoms[b].rank ? atoms[a].rank < atoms[b].rank : a < b;
  });
  Choice choice;
  const int steps = int(std::floor((closest_A / shortest - fewest_closest) / closest_step + 1e-6));
  for (int step = 0; step <= std::max(0, steps); ++step) {
    choice = chosen_reach(atoms, order, all, closest_A - step * closest_step * shortest, shortest, number - settled);
    if (std::abs(choice.atoms + settled - number) < density_slack * number) break;
  }
  return choice;
}

void require_room(const Structure& crystal, const Vector3& size_A, int grains) {
  const double room = size_A[0] * size_A[1] * size_A[2] / grains, cell = std::abs(determinant(crystal.cell));
  if (room < 8 * cell || std::min({size_A[0], size_A[1], size_A[2]}) < 2 * std::cbrt(cell)) {
    fail(
        "{} grains in {:.0f} x {:.0f} x {:.0f} A have no room for 8 cells each; give fewer --grains or a larger --size",
        grains, size_A[0], size_A[1], size_A[2]);
  }
}

}  // namespace

void GrainOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(prefix + "grains", &grains, "", "Grains of random orientation (Voronoi cells); 0: one crystal");
  table.add(prefix + "closest", &closest, "", "Fraction of the shortest distance that atoms of two grains keep");
}

void GrainOptions::check() const {
  if (grains < 0 || grains > 100000) fail("{} grains are not possible; give 1 to 100000", grains);
  if (!(closest >= 0.3 && closest <= 0.95)) fail("--closest {} is outside 0.3 to 0.95", closest);
}

Matrix3 random_rotation(Random& random) {
  const double u = random.uniform(), v = 2 * std::numbers::pi * random.uniform(),
               w = 2 * std::numbers::pi * random.uniform();
  const double x = std::sqrt(1 - u) * std::sin(v), y = std::sqrt(1 - u) * std::cos(v), z = std::sqrt(u) * std::sin(w),
               s = std::sqrt(u) * std::cos(w);
  return {{{1 - 2 * (y * y + z * z), 2 * (x * y - z * s), 2 * (x * z + y * s)},
           {2 * (x * y + z * s), 1 - 2 * (x * x + z * z), 2 * (y * z - x * s)},
           {2 * (x * z - y * s), 2 * (y * z + x * s), 1 - 2 * (x * x + y * y)}}};
}

Structure make_grains(const Structure& crystal, const Vector3& size_A, const GrainOptions& options, Random& random) {
  options.check();
  require_cell(crystal);
  if (options.grains < 1) fail("no grain is asked for; give --grains 1 or more");
  require_room(crystal, size_A, options.grains);
  const Seeds seeds = draw_seeds(size_A, options.grains, random);
  const std::vector<double> reaches = reaches_of(seeds);
  const double shortest = shortest_distance(crystal), margin = shortest;
  const Random fill(random.bits());
  std::vector<std::vector<Candidate>> grains(seeds.places.size());
  parallel_for(std::int64_t(grains.size()), [&](std::int64_t g, int) {
    grains[g] = fill_grain(crystal, seeds, std::size_t(g), reaches[g], margin, fill.stream(std::uint64_t(g)));
  });
  // Atoms so deep inside that no other grain's come near are settled.
  const double deep = -margin - options.closest * shortest;
  std::vector<Candidate> atoms;
  std::vector<Atom> inner;
  for (const auto& grain : grains) {
    for (const Candidate& candidate : grain) {
      if (candidate.beyond_A < deep) {
        inner.push_back(candidate.atom);
      } else {
        atoms.push_back(candidate);
      }
    }
  }
  Structure all;
  all.cell = {{{size_A[0], 0, 0}, {0, size_A[1], 0}, {0, 0, size_A[2]}}};
  all.periodic = {true, true, true};
  all.metadata = crystal.metadata;
  for (const Candidate& candidate : atoms) all.atoms.push_back(candidate.atom);
  const double number = double(crystal.atoms.size()) / std::abs(determinant(crystal.cell)) * determinant(all.cell);
  const Choice choice = chosen_atoms(atoms, all, options.closest * shortest, shortest, number, double(inner.size()));
  std::size_t next = 0;
  std::erase_if(all.atoms, [&](const Atom&) { return choice.stays[next++] == 0; });
  all.atoms.insert(all.atoms.end(), inner.begin(), inner.end());
  record_defect(all, {{"kind", "grains"},
                      {"count", options.grains},
                      {"seeds_A", seeds.places},
                      {"rotations", seeds.rotations},
                      {"reach_over_boundary_A", choice.over_A},
                      {"closest_A", choice.closest_A},
                      {"atoms_over_perfect", double(all.atoms.size()) / number}});
  return all;
}

}  // namespace colonnade
