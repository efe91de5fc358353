// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/structure.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/matrix3.h"

namespace colonnade {
namespace {

Vector3 as_vector(const Position& p) { return {p.x, p.y, p.z}; }

bool is_rotation(const Matrix3& m) {
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      if (!(std::abs(dot(m[i], m[j]) - (i == j ? 1 : 0)) < 1e-6)) return false;
    }
  }
  return determinant(m) > 0;
}

}  // namespace

bool Structure::has_cell() const {
  return std::any_of(cell.begin(), cell.end(), [](const auto& row) {
    return std::any_of(row.begin(), row.end(), [](double value) { return value != 0; });
  });
}

void require_cell(const Structure& structure) {
  if (!structure.has_cell()) fail("the structure has no unit cell: give three cell vectors");
  const auto& cell = structure.cell;
  const double scale = length(cell[0]) * length(cell[1]) * length(cell[2]);
  if (!std::isfinite(scale)) fail("a vector of the unit cell is not finite");
  if (!(std::abs(determinant(cell)) > 1e-9 * scale)) {
    fail("the vectors of the unit cell lie in one plane: give three independent ones");
  }
}

Bounds bounds(const Structure& structure) {
  if (structure.atoms.empty()) fail("the structure has no atoms");
  Bounds box{structure.atoms.front().position, structure.atoms.front().position};
  for (const Atom& atom : structure.atoms) {
    const Position& p = atom.position;
    box.low = {std::min(box.low.x, p.x), std::min(box.low.y, p.y), std::min(box.low.z, p.z)};
    box.high = {std::max(box.high.x, p.x), std::max(box.high.y, p.y), std::max(box.high.z, p.z)};
  }
  return box;
}

std::vector<std::pair<std::string, int>> composition(const Structure& structure) {
  std::map<int, int, std::greater<>> counts;
  for (const Atom& atom : structure.atoms) ++counts[atom.number];
  std::vector<std::pair<std::string, int>> result;
  for (const auto& [number, count] : counts) result.emplace_back(element(number).symbol, count);
  return result;
}

std::string composition_text(const Structure& structure) {
  std::string text;
  for (const auto& [symbol, count] : composition(structure)) {
    text += fmt::format("{}{}{}", text.empty() ? "" : " ", symbol, count);
  }
  return text;
}

Position to_position(const Structure& structure, const Fractional& fractional) {
  require_cell(structure);
  const Vector3 p = combine({fractional.a, fractional.b, fractional.c}, structure.cell);
  return {p[0], p[1], p[2]};
}

Fractional to_fractional(const Structure& structure, const Position& position) {
  require_cell(structure);
  const Vector3 f = multiply(reciprocal(structure.cell), as_vector(position));
  return {f[0], f[1], f[2]};
}

void translate(Structure& structure, const Position& by) {
  for (Atom& atom : structure.atoms) {
    atom.position.x += by.x;
    atom.position.y += by.y;
    atom.position.z += by.z;
  }
}

void rotate(Structure& structure, const Matrix3& rotation) {
  if (!is_rotation(rotation)) fail("the matrix is no proper rotation: its rows must be orthonormal and right-handed");
  for (Atom& atom : structure.atoms) {
    const Vector3 turned = multiply(rotation, as_vector(atom.position));
    atom.position = {turned[0], turned[1], turned[2]};
  }
  for (auto& row : structure.cell) row = multiply(rotation, row);
}

Matrix3 rotation_about_z(double degrees) {
  const double angle = degrees * std::numbers::pi / 180;
  return {{{std::cos(angle), -std::sin(angle), 0}, {std::sin(angle), std::cos(angle), 0}, {0, 0, 1}}};
}

}  // namespace colonnade
