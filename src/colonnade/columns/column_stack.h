// SPDX-License-Identifier: GPL-3.0-or-later
// How high the atoms of neighbouring columns stand against each other: a crystal seen down a zone axis repeats along
// the beam, and its columns are shifted by known parts of that period (fcc [110]: two interpenetrating sets half a
// period apart; [111]: three sets a third apart). Which column belongs to which set follows from the image, by
// neighbours.
#pragma once

#include <string>
#include <vector>

#include "colonnade/columns/point_grid.h"

namespace colonnade {

/// From one column to another, Angstrom in the plane; `shift`: how much higher its atoms stand, in periods, [0, 1).
struct ColumnStep {
  double x = 0, y = 0, shift = 0;
};

struct ColumnLattice {
  double period_A = 0;            ///< between atoms of one column
  double nearest_A = 0;           ///< between neighbouring columns
  std::vector<ColumnStep> steps;  ///< to all columns within 1.35 of the nearest
};

/// `crystal`: "fcc", "bcc" or "sc" (one atom for each lattice point), "110" or the like along the beam.
ColumnLattice column_lattice(const std::string& crystal, double lattice_A, const std::string& zone_axis);

struct ColumnShifts {
  std::vector<double> shifts;  ///< of each column's atoms, in periods, [0, 1)
  double rotation_deg = 0;     ///< of the lattice in the image, from x towards y
  double scale = 1;            ///< distances in the image over the lattice's
  std::size_t bonds = 0;       ///< pairs of neighbours that follow the lattice
  std::size_t broken = 0;      ///< of these, pairs whose shift cannot be kept: defects
  std::size_t pieces = 0;      ///< groups of columns that no bond joins; how they stand to each other is not known
};

/// Fits the lattice's rotation and scale to the neighbours of all columns, then lets each column take its shift from
/// the neighbours that fit best (a spanning forest of the bonds, best first).
ColumnShifts column_shifts(const std::vector<Point>& places_A, const ColumnLattice& lattice);

}  // namespace colonnade
