// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/crystal.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <map>

#include "colonnade/core/error.h"
#include "colonnade/structures/alloy.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/matrix3.h"

namespace colonnade {
namespace {

constexpr int largest_index = 20;

[[noreturn]] void refuse_zone_axis(const std::string& text) {
  fail("zone axis '{}' is not understood: write three indices from -{} to {}, not all 0, such as 110, 1-10 or [1 -1 0]",
       text, largest_index, largest_index);
}

/// Indices apart ("1 -1 0", "1,-1,0") or, where one token is left, run together ("1-10").
std::vector<std::string> index_tokens(const std::string& text) {
  std::vector<std::string> tokens(1);
  for (const char c : text) {
    if (c == ' ' || c == ',' || c == '\t') {
      if (!tokens.back().empty()) tokens.emplace_back();
    } else {
      tokens.back() += c;
    }
  }
  if (tokens.back().empty()) tokens.pop_back();
  if (tokens.size() != 1) return tokens;
  std::vector<std::string> split;
  std::string sign;
  for (const char c : tokens.front()) {
    if ((c == '-' || c == '+') && sign.empty()) {
      sign = c;
    } else {
      split.push_back(sign + c);
      sign.clear();
    }
  }
  if (!sign.empty()) split.push_back(sign);
  return split;
}

const std::vector<Vector3>& cubic_basis(const std::string& kind) {
  static const std::map<std::string, std::vector<Vector3>> bases{
      {"fcc", {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}}},
      {"bcc", {{0, 0, 0}, {0.5, 0.5, 0.5}}},
      {"sc", {{0, 0, 0}}},
      {"diamond",
       {{0, 0, 0},
        {0, 0.5, 0.5},
        {0.5, 0, 0.5},
        {0.5, 0.5, 0},
        {0.25, 0.25, 0.25},
        {0.25, 0.75, 0.75},
        {0.75, 0.25, 0.75},
        {0.75, 0.75, 0.25}}}};
  const auto found = bases.find(kind);
  if (found == bases.end()) fail("unknown crystal '{}': there are fcc, bcc, sc and diamond", kind);
  return found->second;
}

/// Normal of the plane of widest spacing that contains the direction.
Vector3 low_index_normal(const Matrix3& planes, const Miller& axis) {
  const int reach = std::max({1, std::abs(axis[0]), std::abs(axis[1]), std::abs(axis[2])});
  Vector3 best{};
  double best_length = 0;
  for (int h = reach; h >= -reach; --h) {
    for (int k = reach; k >= -reach; --k) {
      for (int l = reach; l >= -reach; --l) {
        if (h * axis[0] + k * axis[1] + l * axis[2] != 0 || (h == 0 && k == 0 && l == 0)) continue;
        const Vector3 normal = combine({double(h), double(k), double(l)}, planes);
        if (best_length == 0 || length(normal) < best_length * (1 - 1e-9)) {
          best = normal;
          best_length = length(normal);
        }
      }
    }
  }
  return best;
}

}  // namespace

Miller parse_zone_axis(const std::string& text) {
  std::string inner = text;
  if (inner.size() >= 2 && inner.front() == '[' && inner.back() == ']') inner = inner.substr(1, inner.size() - 2);
  const std::vector<std::string> tokens = index_tokens(inner);
  if (tokens.size() != 3) refuse_zone_axis(text);
  Miller axis{};
  for (std::size_t i = 0; i < 3; ++i) {
    const char* first = tokens[i].data() + (tokens[i].front() == '+' ? 1 : 0);
    const char* last = tokens[i].data() + tokens[i].size();
    const auto [end, error] = std::from_chars(first, last, axis[i]);
    if (error != std::errc() || end != last || std::abs(axis[i]) > largest_index) refuse_zone_axis(text);
  }
  if (axis == Miller{0, 0, 0}) refuse_zone_axis(text);
  return axis;
}

Structure cubic_crystal(const std::string& kind, const std::string& symbol, double lattice_A) {
  if (!(lattice_A > 0) || !std::isfinite(lattice_A)) fail("a lattice parameter of {} A is not positive", lattice_A);
  Structure crystal;
  for (std::size_t k = 0; k < 3; ++k) {
    crystal.cell[k][k] = lattice_A;
    crystal.periodic[k] = true;
  }
  const int number = element(symbol).number;
  for (const Vector3& site : cubic_basis(kind)) {
    crystal.atoms.push_back({number, {site[0] * lattice_A, site[1] * lattice_A, site[2] * lattice_A}});
  }
  return crystal;
}

double vegard_fcc_lattice(const std::vector<std::string>& symbols, const std::vector<double>& fractions) {
  const std::vector<std::string> checked = checked_elements(symbols);
  const std::vector<double> shares = checked_fractions(checked, fractions);
  double radius = 0;
  for (std::size_t i = 0; i < checked.size(); ++i) radius += shares[i] * element(checked[i]).radius_A;
  return 2 * std::sqrt(2.0) * radius;
}

Structure repeat(const Structure& crystal, const std::array<int, 3>& times) {
  require_cell(crystal);
  double total = static_cast<double>(crystal.atoms.size());
  for (const int n : times) {
    if (n < 1) fail("a cell cannot be repeated {} times: give 1 or more along each vector", n);
    total *= n;
  }
  if (total > 1e8) fail("{} x {} x {} cells hold over 100 million atoms: repeat fewer", times[0], times[1], times[2]);
  Structure result = crystal;
  result.atoms.clear();
  result.atoms.reserve(static_cast<std::size_t>(total));
  for (int a = 0; a < times[0]; ++a) {
    for (int b = 0; b < times[1]; ++b) {
      for (int c = 0; c < times[2]; ++c) {
        const Vector3 shift = combine({double(a), double(b), double(c)}, crystal.cell);
        for (Atom atom : crystal.atoms) {
          atom.position.x += shift[0];
          atom.position.y += shift[1];
          atom.position.z += shift[2];
          result.atoms.push_back(atom);
        }
      }
    }
  }
  for (std::size_t k = 0; k < 3; ++k) result.cell[k] = scaled(crystal.cell[k], times[k]);
  return result;
}

Matrix3 zone_axis_rotation(const Structure& crystal, const Miller& zone_axis) {
  require_cell(crystal);
  if (zone_axis == Miller{0, 0, 0}) fail("zone axis [0 0 0] is no direction");
  const Vector3 beam = combine({double(zone_axis[0]), double(zone_axis[1]), double(zone_axis[2])}, crystal.cell);
  const Vector3 z = scaled(beam, 1 / length(beam));
  const Vector3 normal = low_index_normal(reciprocal(crystal.cell), zone_axis);
  const Vector3 x = scaled(normal, 1 / length(normal));
  return {x, cross(z, x), z};
}

namespace {

/// Along each vector of the cell, how many cells cover the box: from (inclusive), to (inclusive).
std::array<std::pair<int, int>, 3> cells_covering(const Structure& crystal, const Position& size) {
  std::array<std::pair<int, int>, 3> range{};
  for (int corner = 0; corner < 8; ++corner) {
    const Position at{corner & 1 ? size.x : 0, corner & 2 ? size.y : 0, corner & 4 ? size.z : 0};
    const Fractional f = to_fractional(crystal, at);
    const std::array<double, 3> along{f.a, f.b, f.c};
    for (std::size_t k = 0; k < 3; ++k) {
      range[k].first = std::min(range[k].first, int(std::floor(along[k])) - 2);
      range[k].second = std::max(range[k].second, int(std::ceil(along[k])) + 1);
    }
  }
  return range;
}

}  // namespace

Structure cut_block(const Structure& crystal, const Position& size) {
  require_cell(crystal);
  if (!(size.x > 0 && size.y > 0 && size.z > 0) || !std::isfinite(size.x + size.y + size.z)) {
    fail("a block of {} x {} x {} A cannot be cut; each side must be above 0", size.x, size.y, size.z);
  }
  const double volume = std::abs(determinant(crystal.cell));
  const double expected = double(crystal.atoms.size()) * size.x * size.y * size.z / volume;
  if (expected > 2e7) fail("a block of {} x {} x {} A holds over 20 million atoms", size.x, size.y, size.z);
  // Atoms on a face, moved by rounding, belong to the face at 0.
  constexpr double tolerance = 1e-6;
  const auto within = [](double value, double side) { return value >= -tolerance && value < side - tolerance; };
  Structure block;
  block.metadata = crystal.metadata;
  block.cell = {{{size.x, 0, 0}, {0, size.y, 0}, {0, 0, size.z}}};
  const auto range = cells_covering(crystal, size);
  for (int a = range[0].first; a <= range[0].second; ++a) {
    for (int b = range[1].first; b <= range[1].second; ++b) {
      for (int c = range[2].first; c <= range[2].second; ++c) {
        const Vector3 shift = combine({double(a), double(b), double(c)}, crystal.cell);
        for (Atom atom : crystal.atoms) {
          Position& at = atom.position;
          at = {at.x + shift[0], at.y + shift[1], at.z + shift[2]};
          if (within(at.x, size.x) && within(at.y, size.y) && within(at.z, size.z)) block.atoms.push_back(atom);
        }
      }
    }
  }
  if (block.atoms.empty()) fail("a block of {} x {} x {} A of this crystal holds no atom", size.x, size.y, size.z);
  return block;
}

}  // namespace colonnade
