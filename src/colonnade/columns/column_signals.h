// SPDX-License-Identifier: GPL-3.0-or-later
// What the images of one field say of each column: in every signal (annular detectors, X-ray lines) its scattering
// cross-section, that is the signal as a fraction of the beam (X-rays: counts per electron) integrated over the
// column's Voronoi cell, in nm^2. Integrals do not change with defocus and source size as peaks do (E et al.,
// Ultramicroscopy 133, 109, 2013). Electrons per nm^2 times a cross-section is a number of counts, so that counting
// noise has the variance cross-section / dose in every signal.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "colonnade/columns/column.h"
#include "colonnade/columns/point_grid.h"
#include "colonnade/core/random.h"
#include "colonnade/image/image.h"

namespace colonnade {

struct SignalKind {
  std::string name;         ///< "HAADF:60-100", "Pt L"
  std::string element;      ///< whose X-rays; empty: annular detector
  double dose_per_nm2 = 0;  ///< electrons; 0: no counting noise
  bool operator==(const SignalKind&) const = default;
};

std::vector<std::string> names_of(const std::vector<SignalKind>& kinds);
/// The place of each name; fails on one that is not there.
std::vector<std::size_t> signal_places(const std::vector<SignalKind>& kinds, const std::vector<std::string>& names);

/// Microscope settings by name ("energy_keV", "semiangle_mrad", ...).
using Conditions = std::map<std::string, double>;

struct ColumnSignals {
  std::vector<SignalKind> kinds;
  std::vector<Point> positions_nm;
  std::vector<std::vector<double>> sections_nm2;  ///< [column][signal]
  std::vector<std::vector<int>> neighbours;       ///< of each column those within neighbour_spacings
  std::vector<bool> whole;                        ///< the column's cell, and its neighbours, lie inside the image
  Conditions conditions;

  std::size_t size() const { return positions_nm.size(); }
  /// Only the signals of these names, in this order; fails on one that is not there.
  ColumnSignals only(const std::vector<std::string>& names) const;
};

/// One image per kind, all of one size and pixel size. `background`: of each image, subtracted (e.g. of a support
/// film); empty: none. Fails where images or columns do not fit each other.
ColumnSignals measure_signals(const std::vector<Image>& images, const std::vector<SignalKind>& kinds,
                              const std::vector<Column>& columns, const Conditions& conditions,
                              const std::vector<double>& background = {});

/// Neighbours are those within this many typical spacings; a column this many from the border is whole.
constexpr double neighbour_spacings = 1.35, whole_spacings = 1.2;

/// Sum over the column's neighbours of their sections.
std::vector<double> neighbour_sum(const ColumnSignals& signals, std::size_t column);
/// The same of other sections, [column][signal].
std::vector<double> neighbour_sum(const std::vector<std::vector<double>>& sections_nm2,
                                  const std::vector<int>& neighbours, std::size_t signals);

/// A section as counted at this dose (Poisson); itself at dose 0.
double counted_section(double section_nm2, double dose_per_nm2, Random& random);

}  // namespace colonnade
