// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/specimen_check.h"

#include <cmath>
#include <string>

#include "colonnade/core/error.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/neighbours.h"

namespace colonnade {

namespace {

std::string name_of(const Structure& structure, std::size_t index) {
  const Atom& atom = structure.atoms[index];
  const Element* const kind = find_element(atom.number);
  return fmt::format("atom {} ({}) at ({:.3f}, {:.3f}, {:.3f}) A", index + 1,
                     kind == nullptr ? "Z = " + std::to_string(atom.number) : std::string(kind->symbol),
                     atom.position.x, atom.position.y, atom.position.z);
}

}  // namespace

void check_specimen(const Structure& structure, Parametrization parametrization) {
  Structure free;
  free.atoms = structure.atoms;
  for (std::size_t i = 0; i < free.atoms.size(); ++i) {
    const auto& [number, position] = free.atoms[i];
    if (!std::isfinite(position.x + position.y + position.z)) {
      fail("{}: a position must be three finite numbers", name_of(free, i));
    }
    if (number < 1 || number > largest_number(parametrization)) {
      fail("{}: the '{}' scattering factors cover atomic numbers 1 to {}", name_of(free, i),
           parametrization_name(parametrization), largest_number(parametrization));
    }
  }
  if (free.atoms.size() < 2) return;
  const NeighbourList neighbours(free, least_distance_A);
  for (std::size_t i = 0; i < free.atoms.size(); ++i) {
    if (neighbours.of(i).empty()) continue;
    const auto& a = free.atoms[i].position;
    const auto other = std::size_t(neighbours.of(i).front());
    const auto& b = free.atoms[other].position;
    fail("{} and {} are {:.2f} A apart, nearer than {} A; remove one of them", name_of(free, i), name_of(free, other),
         std::hypot(a.x - b.x, a.y - b.y, a.z - b.z), least_distance_A);
  }
}

void check_inside(const Structure& structure, const PeriodicCell& cell) {
  constexpr double tolerance = 1e-6;
  for (std::size_t i = 0; i < structure.atoms.size(); ++i) {
    const auto& position = structure.atoms[i].position;
    const double x = position.x - cell.origin.x, y = position.y - cell.origin.y, z = position.z - cell.origin.z;
    const auto within = [](double value, double length) { return value >= -tolerance && value < length + tolerance; };
    if (!within(x, cell.grid.length_x_A()) || !within(y, cell.grid.length_y_A()) || !(z >= -tolerance)) {
      fail(
          "{} lies outside the cell, which spans x {:.3f} to {:.3f}, y {:.3f} to {:.3f}, z from {:.3f} A; wrap the "
          "atoms "
          "into the cell or enlarge it",
          name_of(structure, i), cell.origin.x, cell.origin.x + cell.grid.length_x_A(), cell.origin.y,
          cell.origin.y + cell.grid.length_y_A(), cell.origin.z);
    }
  }
}

}  // namespace colonnade
