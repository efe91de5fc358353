// SPDX-License-Identifier: GPL-3.0-or-later
// The lattice on which the columns of an image stand: a first guess from the peaks of the Fourier transform, then all
// positions by robust least squares, any number of columns per cell. Columns are counted from neighbour to neighbour,
// so that slow distortion, gaps and several grains do not break the count. Pixels.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "colonnade/columns/column.h"
#include "colonnade/columns/point_grid.h"
#include "colonnade/image/image.h"

namespace colonnade {

/// Primitive and reduced: a the shorter, at most 120 and at least 60 degrees between them, b clockwise of a (y is
/// down).
struct LatticeBasis {
  Point a, b;
};

/// From the significant peaks of the power spectrum; none where there are no two directions of them. Repeats are looked
/// for between 3 pixels and a sixth of the image.
std::optional<LatticeBasis> guess_lattice(const Image& image);

/// From the columns' places: the two shortest differences between columns that most columns share. Kinds of columns are
/// not told apart. None where fewer than 9 columns have neighbours alike.
std::optional<LatticeBasis> guess_lattice(const std::vector<Column>& columns);

/// Which cell a column stands in, and on which of the cell's places; site -1: on none.
struct LatticeIndex {
  int i = 0, j = 0, site = -1;
};

struct LatticeFit {
  LatticeBasis basis;
  Point origin;                     ///< of the first site in cell 0, 0
  std::vector<Point> sites;         ///< offsets from the first site (which is 0, 0), pixels; in order of columns
  std::vector<LatticeIndex> index;  ///< one per column
  /// Of ax, ay, bx, by, px^2. From the scatter between tiles of the image: neighbours' errors may be alike.
  std::array<std::array<double, 4>, 4> covariance{};
  double rms_px = 0;  ///< of the columns from their lattice places, per axis
  std::size_t used = 0;

  Point place(const LatticeIndex& index) const;
};

/// Fails where fewer than 9 columns, or less than a third of them, stand on one lattice.
LatticeFit fit_lattice(const std::vector<Column>& columns, const LatticeBasis& guess);
/// The same with the guess from the image or, where no lattice comes of that (a small particle), from the columns.
LatticeFit fit_lattice(const Image& image, const std::vector<Column>& columns);

/// The reduced basis of the same lattice.
LatticeBasis reduced(LatticeBasis basis);

}  // namespace colonnade
