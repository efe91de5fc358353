// SPDX-License-Identifier: GPL-3.0-or-later
// Composition by distance from the particle's rim, or from its projected centre. nm.
// The rim is the convex hull of all columns, flagged ones too; edges of the hull along the border of the image are
// where the view ends, not the particle, and do not count. The centre is that of the columns weighted by their atoms,
// and means something only where the whole particle is in view. Errors: as composition.h. `random_deviation` is what
// shells of a random alloy differ by, sqrt(c (1 - c) / atoms), the particle being finite; the trend of each element
// with the distance is judged against shuffled departures (departures.h): its statistic is the sum over columns of
// departure times distance, distances centred.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/columns/composition.h"
#include "colonnade/columns/point_grid.h"
#include "colonnade/columns/significance.h"

namespace colonnade {

/// Corners of the convex hull, counter-clockwise where y points up; fewer than three for points on a line.
std::vector<Point> convex_hull(std::vector<Point> points);

/// The part of the plane that was looked at, nm; without extent: all of it.
struct Field {
  double left = 0, top = 0, right = 0, bottom = 0;
  bool known() const { return right > left && bottom > top; }
};

struct RadialShell {
  double inner = 0, outer = 0;  ///< distance, nm
  double distance = 0;          ///< mean over the shell's columns
  Composition composition;      ///< `columns` and `atoms` with it
  std::vector<double> random_deviation;
};

struct RadialProfile {
  std::string from;     ///< "rim" or "centre"
  std::string without;  ///< why there is none, or empty
  std::vector<RadialShell> shells;
  /// Per element: fraction per nm (outwards from the centre, inwards from the rim), by least squares over columns
  /// weighted by their atoms, and how it stands to chance.
  std::vector<double> slope;
  std::vector<Significance> chance;
};

struct RadialOptions {
  std::uint64_t seed = 1;
  int shuffles = 999;
  double shell_nm = 0;  ///< 0: the distance between neighbouring columns
  std::string null = "departures";
  Field field;
  std::vector<double> common;  ///< see composition.h
};

RadialProfile rim_profile(const std::vector<Point>& positions, const std::vector<CountDistribution>& columns,
                          const RadialOptions& options = {});
RadialProfile centre_profile(const std::vector<Point>& positions, const std::vector<CountDistribution>& columns,
                             const RadialOptions& options = {});

/// Distance of each point to the rim, or infinity everywhere where no edge of the hull is the particle's.
std::vector<double> distances_to_rim(const std::vector<Point>& points, const Field& field);

nlohmann::json to_json(const RadialProfile& profile, const std::vector<std::string>& elements);

}  // namespace colonnade
