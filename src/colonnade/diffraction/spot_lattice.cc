// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/diffraction/spot_lattice.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

constexpr std::size_t least_spots = 4, most_vectors = 48;
constexpr double growth = 0.01;  ///< of the tolerance with the distance
constexpr double least_explained = 1.0 / 3;
constexpr double least_sine = 0.25;  ///< of the angle between tried vectors
constexpr int rounds = 6;

double norm(const Vector2& v) { return std::hypot(v[0], v[1]); }
double area(const Vector2& a, const Vector2& b) { return a[0] * b[1] - a[1] * b[0]; }
Vector2 plus(const Vector2& a, const Vector2& b, double times) { return {a[0] + times * b[0], a[1] + times * b[1]}; }

struct Vote {
  Vector2 vector{};
  double votes = 0;
};

/// Places and differences, one of each with its opposite, near ones gathered; those of most votes.
std::vector<Vote> frequent_vectors(const std::vector<LatticeSpot>& spots, double tolerance) {
  std::vector<Vote> found;
  const auto add = [&](Vector2 v, double votes) {
    if (norm(v) < 3 * tolerance) return;
    if (v[1] < 0 || (v[1] == 0 && v[0] < 0)) v = {-v[0], -v[1]};
    for (Vote& vote : found) {
      if (norm(plus(vote.vector, v, -1)) > tolerance && norm(plus(vote.vector, v, 1)) > tolerance) continue;
      const double share = votes / (vote.votes + votes);
      vote.vector = plus(vote.vector, plus(v, vote.vector, -1), norm(plus(vote.vector, v, -1)) > tolerance ? 0 : share);
      vote.votes += votes;
      return;
    }
    found.push_back({v, votes});
  };
  for (std::size_t i = 0; i < spots.size(); ++i) {
    add(spots[i].place, std::sqrt(spots[i].weight));
    for (std::size_t k = i + 1; k < spots.size(); ++k) {
      add(plus(spots[i].place, spots[k].place, -1), std::min(spots[i].weight, spots[k].weight));
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Vote& one, const Vote& other) { return one.votes > other.votes; });
  if (found.size() > most_vectors) found.resize(most_vectors);
  return found;
}

double tolerance_at(const LatticeSpot& spot, double tolerance) { return tolerance + growth * norm(spot.place); }

SpotLattice::Index index_of(const LatticeSpot& spot, const Vector2& a, const Vector2& b, double tolerance) {
  const double whole = area(a, b);
  const double m = std::round(area(spot.place, b) / whole), n = std::round(area(a, spot.place) / whole);
  const Vector2 off = plus(plus(spot.place, a, -m), b, -n);
  return {norm(off) <= tolerance_at(spot, tolerance) && (m != 0 || n != 0), int(m), int(n)};
}

/// Lattice points within a radius, but the origin.
double points_within(const Vector2& a, const Vector2& b, double radius) {
  return std::max(1.0, std::numbers::pi * radius * radius / std::abs(area(a, b)) - 1);
}

/// The radius within which four fifths of the spots lie.
double usual_reach(const std::vector<LatticeSpot>& spots) {
  std::vector<double> lengths;
  for (const LatticeSpot& spot : spots) lengths.push_back(norm(spot.place));
  std::sort(lengths.begin(), lengths.end());
  return lengths[(lengths.size() - 1) * 4 / 5] * 1.02;
}

struct Judged {
  double explained = 0, occupied = 0, value = 0;
};

Judged judged(const std::vector<LatticeSpot>& spots, const Vector2& a, const Vector2& b, double tolerance,
              double reach) {
  double sum = 0, on = 0, chance = 0;
  std::set<std::pair<int, int>> taken;
  for (const LatticeSpot& spot : spots) {
    const SpotLattice::Index index = index_of(spot, a, b, tolerance);
    sum += spot.weight;
    chance += spot.weight *
              std::min(1.0, std::numbers::pi * std::pow(tolerance_at(spot, tolerance), 2) / std::abs(area(a, b)));
    if (!index.on) continue;
    on += spot.weight;
    if (norm(spot.place) <= reach) taken.insert({index.m, index.n});
  }
  Judged out{on / sum, std::min(1.0, double(taken.size()) / points_within(a, b, reach)), 0};
  chance /= sum;
  if (chance < 0.9) out.value = std::max(0.0, (out.explained - chance) / (1 - chance)) * std::sqrt(out.occupied);
  return out;
}

void reduce(Vector2& a, Vector2& b) {
  for (int pass = 0; pass < 100; ++pass) {
    if (norm(a) > norm(b)) std::swap(a, b);
    const double times = std::round((a[0] * b[0] + a[1] * b[1]) / (a[0] * a[0] + a[1] * a[1]));
    if (times == 0) break;
    b = plus(b, a, -times);
  }
  if (area(a, b) < 0) b = {-b[0], -b[1]};
}

/// a and b by weighted least squares over the spots on the lattice; their errors where there are spots to spare.
void solve(const std::vector<LatticeSpot>& spots, SpotLattice& lattice) {
  Eigen::Matrix2d normal = Eigen::Matrix2d::Zero(), right = normal;
  double weights = 0, squares = 0, count = 0;
  for (std::size_t i = 0; i < spots.size(); ++i) {
    if (!lattice.index[i].on) continue;
    const Eigen::Vector2d row(lattice.index[i].m, lattice.index[i].n);
    normal += spots[i].weight * row * row.transpose();
    right += spots[i].weight * row * Eigen::RowVector2d(spots[i].place[0], spots[i].place[1]);
    weights += spots[i].weight, ++count;
  }
  if (std::abs(normal.determinant()) < 1e-9 * std::pow(normal.trace(), 2)) return;
  const Eigen::Matrix2d basis = normal.inverse() * right;
  lattice.a = {basis(0, 0), basis(0, 1)}, lattice.b = {basis(1, 0), basis(1, 1)};
  Eigen::Matrix2d scatter = Eigen::Matrix2d::Zero();
  for (std::size_t i = 0; i < spots.size(); ++i) {
    if (!lattice.index[i].on) continue;
    const Vector2 off = plus(plus(spots[i].place, lattice.a, -lattice.index[i].m), lattice.b, -lattice.index[i].n);
    const Eigen::Vector2d row(lattice.index[i].m, lattice.index[i].n);
    squares += off[0] * off[0] + off[1] * off[1];
    scatter += std::pow(spots[i].weight, 2) * 0.5 * (off[0] * off[0] + off[1] * off[1]) * row * row.transpose();
  }
  lattice.rms = std::sqrt(squares / count);
  // The sandwich: weights need not be the inverse variances. Four parameters are taken off.
  const Eigen::Matrix2d covariance = normal.inverse() * scatter * normal.inverse() * count / std::max(1.0, count - 2);
  lattice.a_error = {std::sqrt(covariance(0, 0)), std::sqrt(covariance(0, 0))};
  lattice.b_error = {std::sqrt(covariance(1, 1)), std::sqrt(covariance(1, 1))};
}

void set_index(const std::vector<LatticeSpot>& spots, double tolerance, SpotLattice& lattice) {
  lattice.index.clear();
  for (const LatticeSpot& spot : spots) lattice.index.push_back(index_of(spot, lattice.a, lattice.b, tolerance));
}

}  // namespace

SpotLattice fit_spot_lattice(const std::vector<LatticeSpot>& spots, double tolerance) {
  if (spots.size() < least_spots) fail("{} spots are too few for a lattice; {} are needed", spots.size(), least_spots);
  const double reach = usual_reach(spots);
  const std::vector<Vote> vectors = frequent_vectors(spots, tolerance);
  SpotLattice lattice;
  double best = 0;
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    for (std::size_t k = i + 1; k < vectors.size(); ++k) {
      Vector2 a = vectors[i].vector, b = vectors[k].vector;
      if (std::abs(area(a, b)) < least_sine * norm(a) * norm(b)) continue;
      reduce(a, b);
      const double value = judged(spots, a, b, tolerance, reach).value;
      if (value > best) best = value, lattice.a = a, lattice.b = b;
    }
  }
  for (int round = 0; round < rounds && best > 0; ++round) {
    set_index(spots, tolerance, lattice);
    solve(spots, lattice);
  }
  if (best > 0) {
    reduce(lattice.a, lattice.b);
    set_index(spots, tolerance, lattice);
    solve(spots, lattice);
    const Judged end = judged(spots, lattice.a, lattice.b, tolerance, reach);
    lattice.explained = end.explained, lattice.occupied = end.occupied;
  }
  if (lattice.explained < least_explained) {
    fail("no lattice explains more than {:.0f} % of the {} spots; are these several crystals?", 100 * lattice.explained,
         spots.size());
  }
  return lattice;
}

double lattice_angle_deg(const SpotLattice& lattice) {
  const double cosine = (lattice.a[0] * lattice.b[0] + lattice.a[1] * lattice.b[1]) / norm(lattice.a) / norm(lattice.b);
  return std::acos(std::clamp(cosine, -1.0, 1.0)) * 180 / std::numbers::pi;
}

}  // namespace colonnade
