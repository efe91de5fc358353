// SPDX-License-Identifier: GPL-3.0-or-later
// Atoms in a box: the currency of the room. Lengths in Angstrom; the electron beam runs along +z; x is an image's
// columns (to the right) and y its rows (downwards).
#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace colonnade {

/// A point in space, Angstrom. Fractional is a different type so that the two cannot be mixed up.
struct Position {
  double x = 0, y = 0, z = 0;
};
struct Fractional {
  double a = 0, b = 0, c = 0;
};

struct Atom {
  int number = 0;  ///< atomic number
  Position position;
};

struct Structure {
  /// Rows are the cell vectors a, b, c in Angstrom; all zero: no cell.
  std::array<std::array<double, 3>, 3> cell{};
  std::array<bool, 3> periodic{false, false, false};
  std::vector<Atom> atoms;
  nlohmann::json metadata = nlohmann::json::object();  ///< where it came from: options, seed, version

  bool has_cell() const;
};

/// Fails, naming what is wrong, unless the cell's vectors are finite and span a volume.
void require_cell(const Structure& structure);

struct Bounds {
  Position low, high;
};
/// Smallest box around the atoms; fails where there are none.
Bounds bounds(const Structure& structure);
/// Symbols present, in order of atomic number descending, with their counts.
std::vector<std::pair<std::string, int>> composition(const Structure& structure);
/// "Pt12 Ni8" for people.
std::string composition_text(const Structure& structure);

/// Between Angstrom and fractions of the cell vectors; both fail where there is no proper cell.
Position to_position(const Structure& structure, const Fractional& fractional);
Fractional to_fractional(const Structure& structure, const Position& position);
/// Moves every atom (and no cell vector).
void translate(Structure& structure, const Position& by);
/// Turns atoms and cell by a rotation matrix (rows); fails on a matrix that is none (mirror, stretch).
void rotate(Structure& structure, const std::array<std::array<double, 3>, 3>& rotation);
/// The rotation by an angle (degrees, counter-clockwise seen against z, that is from +x towards +y) about z.
std::array<std::array<double, 3>, 3> rotation_about_z(double degrees);

}  // namespace colonnade
