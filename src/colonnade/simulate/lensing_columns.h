// SPDX-License-Identifier: GPL-3.0-or-later
// Columns of atoms along the beam, and what an image says of them: the scattering cross-section of a column is the
// image, as a fraction of the beam, integrated over the column's Voronoi cell (E et al., Ultramicroscopy 133, 109,
// 2013). Lengths in Angstrom, cross-sections in A^2.
#pragma once

#include <vector>

#include "colonnade/image/image.h"
#include "colonnade/simulate/multislice.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

struct AtomColumn {
  double x_A = 0, y_A = 0;  ///< mean of its atoms
  std::vector<Atom> atoms;  ///< the first that the beam meets first (ascending z)
};

/// Atoms whose (x, y) lie within `tolerance_A` of the mean of those taken so far are one column. Columns in the order
/// of y, then x, of their first atom; every atom belongs to exactly one. Fails where two columns end up nearer to each
/// other than 1.5 tolerances: the structure is not made of columns along z.
std::vector<AtomColumn> columns_of(const Structure& structure, double tolerance_A = 0.6);

/// Pairs of columns by distance: for each column the others within `reach_A`, nearest first.
std::vector<std::vector<int>> column_neighbours(const std::vector<AtomColumn>& columns, double reach_A);

/// For each pixel of a field the index of the nearest column within `radius_A`, or -1.
std::vector<int> voronoi_cells(const std::vector<AtomColumn>& columns, const FieldOfView& field, double radius_A);

/// Integral of the image over each cell of voronoi_cells, A^2.
std::vector<double> cell_integrals(const Image& image, const std::vector<int>& cells, std::size_t columns);

/// Whether a column's whole cell lies inside the field.
bool cell_inside(const AtomColumn& column, const FieldOfView& field, double radius_A);

}  // namespace colonnade
