// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/potential.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "colonnade/core/error.h"
#include "colonnade/simulate/electron.h"

namespace colonnade {

namespace {

using Complex = std::complex<float>;
using RowMajor = Eigen::Matrix<Complex, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

std::set<int> atomic_numbers(const std::vector<Atom>& atoms) {
  std::set<int> numbers;
  for (const auto& atom : atoms) numbers.insert(atom.number);
  return numbers;
}

// exp(-2 pi i k r) with the phase k r reduced in double precision.
Complex phase_factor(double turns) {
  const double angle = -2 * std::numbers::pi * (turns - std::round(turns));
  return {float(std::cos(angle)), float(std::sin(angle))};
}

}  // namespace

std::vector<std::vector<Atom>> slice_atoms(const Structure& structure, const PeriodicCell& cell, double slice_A) {
  std::vector<std::vector<Atom>> slices;
  for (const auto& atom : structure.atoms) {
    const double depth = atom.position.z - cell.origin.z;
    if (!std::isfinite(depth + atom.position.x + atom.position.y)) fail("an atom's position is not a finite number");
    const std::size_t index = std::size_t(std::max(0.0, std::floor(depth / slice_A)));
    if (index >= 1000000) fail("the structure is {} A thick: over a million slices of {} A", depth, slice_A);
    if (index >= slices.size()) slices.resize(index + 1);
    slices[index].push_back(atom);
  }
  return slices;
}

ScatteringFactorMaps::ScatteringFactorMaps(const Structure& structure, const WaveGrid& grid,
                                           Parametrization parametrization) {
  const double scale = potential_per_scattering_factor / (grid.length_x_A() * grid.length_y_A());
  const int columns = grid.nx / 2 + 1;
  for (const int number : atomic_numbers(structure.atoms)) {
    std::vector<float> map(std::size_t(grid.ny) * columns);
    for (int row = 0; row < grid.ny; ++row) {
      for (int column = 0; column < columns; ++column) {
        const double q = std::hypot(column / grid.length_x_A(), grid.ky(row));
        map[std::size_t(row) * columns + column] = float(scale * scattering_factor(parametrization, number, q));
      }
    }
    maps_.emplace(number, std::move(map));
  }
}

SlicePotential::SlicePotential(const PeriodicCell& cell, const ScatteringFactorMaps& factors)
    : cell_(cell),
      factors_(factors),
      to_real_(FftPlan::plane_to_real(cell.grid.ny, cell.grid.nx)),
      spectrum_(std::size_t(cell.grid.ny) * (cell.grid.nx / 2 + 1)),
      structure_factor_(spectrum_.size()),
      potential_(cell.grid.size()) {}

void SlicePotential::add_element(const std::vector<Atom>& atoms, int atomic_number) {
  const WaveGrid& grid = cell_.grid;
  const int columns = grid.nx / 2 + 1;
  std::vector<Position> positions;
  for (const auto& atom : atoms) {
    if (atom.number == atomic_number) positions.push_back(atom.position);
  }
  const auto count = Eigen::Index(positions.size());
  RowMajor phase_y(grid.ny, count), phase_x(count, columns);
  for (Eigen::Index i = 0; i < count; ++i) {
    const double x = positions[i].x - cell_.origin.x, y = positions[i].y - cell_.origin.y;
    for (int row = 0; row < grid.ny; ++row) phase_y(row, i) = phase_factor(grid.ky(row) * y);
    for (int column = 0; column < columns; ++column) phase_x(i, column) = phase_factor(column / grid.length_x_A() * x);
  }
  Eigen::Map<RowMajor> sum(structure_factor_.data(), grid.ny, columns);
  sum.noalias() = phase_y * phase_x;
  const std::vector<float>& factor = factors_.of(atomic_number);
  for (std::size_t i = 0; i < factor.size(); ++i) spectrum_[i] += factor[i] * structure_factor_[i];
}

const AlignedArray<float>& SlicePotential::compute(const std::vector<Atom>& atoms) {
  std::fill_n(spectrum_.data(), spectrum_.size(), Complex(0));
  for (const int number : atomic_numbers(atoms)) add_element(atoms, number);
  to_real_.execute(spectrum_.data(), potential_.data());
  return potential_;
}

}  // namespace colonnade
