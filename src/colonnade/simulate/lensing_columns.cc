// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/lensing_columns.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "colonnade/core/error.h"
#include "colonnade/core/units.h"

namespace colonnade {

namespace {

constexpr double least_spacing = 1.5;  // of columns, in tolerances

using Bin = std::pair<long, long>;

Bin bin_of(double x, double y, double side) { return {long(std::floor(x / side)), long(std::floor(y / side))}; }

// Columns by square bins of the plane, so that near ones are found without looking at all.
class ColumnBins {
 public:
  explicit ColumnBins(double side) : side_(side) {}
  void add(double x, double y, int column) { bins_[bin_of(x, y, side_)].push_back(column); }
  template <class Visit>
  void near(double x, double y, const Visit& visit) const {
    const auto [column, row] = bin_of(x, y, side_);
    for (long i = column - 1; i <= column + 1; ++i) {
      for (long j = row - 1; j <= row + 1; ++j) {
        const auto found = bins_.find({i, j});
        if (found == bins_.end()) continue;
        for (const int index : found->second) visit(index);
      }
    }
  }

 private:
  double side_;
  std::map<Bin, std::vector<int>> bins_;
};

double distance(const AtomColumn& a, const AtomColumn& b) { return std::hypot(a.x_A - b.x_A, a.y_A - b.y_A); }

int nearest_column(const ColumnBins& bins, const std::vector<AtomColumn>& columns, double x, double y, double reach) {
  int nearest = -1;
  bins.near(x, y, [&](int index) {
    const double d = std::hypot(columns[index].x_A - x, columns[index].y_A - y);
    if (d > reach || (d == reach && nearest >= 0)) return;
    reach = d;
    nearest = index;
  });
  return nearest;
}

void append(AtomColumn& column, const Atom& atom) {
  column.atoms.push_back(atom);
  const auto count = double(column.atoms.size());
  column.x_A += (atom.position.x - column.x_A) / count;
  column.y_A += (atom.position.y - column.y_A) / count;
}

}  // namespace

std::vector<AtomColumn> columns_of(const Structure& structure, double tolerance_A) {
  if (!(tolerance_A > 0)) fail("the tolerance of columns is {} A; give a length above 0", tolerance_A);
  std::vector<Atom> atoms = structure.atoms;
  std::stable_sort(atoms.begin(), atoms.end(), [](const Atom& a, const Atom& b) {
    return std::tie(a.position.y, a.position.x) < std::tie(b.position.y, b.position.x);
  });
  std::vector<AtomColumn> columns;
  ColumnBins bins(2 * tolerance_A);  // a mean stays within the tolerance of its first atom, by which it is filed
  for (const Atom& atom : atoms) {
    int index = nearest_column(bins, columns, atom.position.x, atom.position.y, tolerance_A);
    if (index < 0) {
      index = int(columns.size());
      columns.emplace_back();
      bins.add(atom.position.x, atom.position.y, index);
    }
    append(columns[index], atom);
  }
  for (AtomColumn& column : columns) {
    std::stable_sort(column.atoms.begin(), column.atoms.end(),
                     [](const Atom& a, const Atom& b) { return a.position.z < b.position.z; });
  }
  const double least = least_spacing * tolerance_A;
  const auto near = column_neighbours(columns, least);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (near[i].empty()) continue;
    fail(
        "columns at ({:.2f}, {:.2f}) and ({:.2f}, {:.2f}) A are nearer than {} A; turn the structure so that a zone "
        "axis lies along z",
        columns[i].x_A, columns[i].y_A, columns[near[i][0]].x_A, columns[near[i][0]].y_A, least);
  }
  return columns;
}

std::vector<std::vector<int>> column_neighbours(const std::vector<AtomColumn>& columns, double reach_A) {
  ColumnBins bins(reach_A);
  for (std::size_t i = 0; i < columns.size(); ++i) bins.add(columns[i].x_A, columns[i].y_A, int(i));
  std::vector<std::vector<int>> neighbours(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    auto& found = neighbours[i];
    bins.near(columns[i].x_A, columns[i].y_A, [&](int other) {
      if (other != int(i) && distance(columns[i], columns[other]) <= reach_A) found.push_back(other);
    });
    std::sort(found.begin(), found.end(), [&](int a, int b) {
      return std::make_pair(distance(columns[i], columns[a]), a) < std::make_pair(distance(columns[i], columns[b]), b);
    });
  }
  return neighbours;
}

std::vector<int> voronoi_cells(const std::vector<AtomColumn>& columns, const FieldOfView& field, double radius_A) {
  ColumnBins bins(radius_A);
  for (std::size_t i = 0; i < columns.size(); ++i) bins.add(columns[i].x_A, columns[i].y_A, int(i));
  const double pixel = field.pixel_size_nm * angstrom_per_nm;
  std::vector<int> cells(std::size_t(field.height_px) * field.width_px);
  for (int row = 0; row < field.height_px; ++row) {
    for (int column = 0; column < field.width_px; ++column) {
      cells[std::size_t(row) * field.width_px + column] =
          nearest_column(bins, columns, field.low_x_A + column * pixel, field.low_y_A + row * pixel, radius_A);
    }
  }
  return cells;
}

std::vector<double> cell_integrals(const Image& image, const std::vector<int>& cells, std::size_t columns) {
  if (cells.size() != image.data.size()) {
    fail("an image of {} pixels was given with cells of {}; make both for one field", image.data.size(), cells.size());
  }
  const double area = std::pow(image.pixel_size_nm * angstrom_per_nm, 2);
  std::vector<double> sums(columns, 0.0);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i] >= 0) sums[cells[i]] += area * image.data[i];
  }
  return sums;
}

bool cell_inside(const AtomColumn& column, const FieldOfView& field, double radius_A) {
  const double pixel = field.pixel_size_nm * angstrom_per_nm;
  const double x = column.x_A - field.low_x_A, y = column.y_A - field.low_y_A;
  return x >= radius_A && y >= radius_A && x <= (field.width_px - 1) * pixel - radius_A &&
         y <= (field.height_px - 1) * pixel - radius_A;
}

}  // namespace colonnade
