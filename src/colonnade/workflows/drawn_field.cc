// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/drawn_field.h"

#include <algorithm>

#include "colonnade/columns/count_bound.h"
#include "colonnade/columns/counts.h"
#include "colonnade/columns/neighbour_columns.h"
#include "colonnade/core/units.h"
#include "colonnade/workflows/measured_field.h"

namespace colonnade {
namespace {

/// Its distance from the nearer border, one way.
double depth(double place, double size) { return std::min(place, size - place); }

bool inside(const Point& place, double size) { return depth(place.x, size) >= 0 && depth(place.y, size) >= 0; }

/// The part of a column's cell that lies inside the field.
double part_seen(const Point& place, const StandingColumns& columns) {
  double part = 1;
  for (const double border : {depth(place.x, columns.field_nm), depth(place.y, columns.field_nm)}) {
    part *= std::clamp(0.5 + border / columns.spacing_nm, 0.0, 1.0);
  }
  return part;
}

/// Only the columns in the field, numbered anew.
KnownColumns cut(const KnownColumns& all, const StandingColumns& columns) {
  KnownColumns field;
  field.signals.kinds = all.signals.kinds;
  field.signals.conditions = all.signals.conditions;
  std::vector<int> number(all.signals.size(), -1);
  for (std::size_t i = 0, next = 0; i < number.size(); ++i) {
    if (inside(columns.positions_nm[i], columns.field_nm)) number[i] = int(next++);
  }
  for (std::size_t i = 0; i < number.size(); ++i) {
    if (number[i] < 0) continue;
    const Point& place = columns.positions_nm[i];
    field.counts.push_back(all.counts[i]);
    field.signals.positions_nm.push_back(place);
    auto& sections = field.signals.sections_nm2.emplace_back(all.signals.sections_nm2[i]);
    for (double& section : sections) section *= part_seen(place, columns);
    auto& near = field.signals.neighbours.emplace_back();
    for (const int other : all.signals.neighbours[i]) {
      if (number[other] >= 0) near.push_back(number[other]);
    }
    const double border = std::min(depth(place.x, columns.field_nm), depth(place.y, columns.field_nm));
    field.signals.whole.push_back(border >= whole_spacings * columns.spacing_nm);
  }
  return field;
}

}  // namespace

StandingColumns standing_columns(const DatasetOptions& options, int particle) {
  const DrawnView view = draw_view(options, particle);
  StandingColumns columns;
  columns.field_nm = options.size_px * options.pixel_size_nm;
  columns.conditions = conditions_of(view.experiment.optics);
  for (const auto& column : true_columns(view.structure, options.particle.elements)) {
    columns.positions_nm.push_back({column.x_A / angstrom_per_nm, column.y_A / angstrom_per_nm});
    columns.counts.push_back(column.counts);
  }
  columns.spacing_nm = typical_spacing(columns.positions_nm);
  const double reach = neighbour_spacings * std::max(columns.spacing_nm, 1e-6);
  columns.neighbours = neighbour_lists(columns.positions_nm, reach);
  return columns;
}

KnownColumns drawn_field(const StandingColumns& columns, const SignalResponse& response,
                         const std::vector<SignalKind>& kinds, Random& random) {
  KnownColumns all;
  all.counts = columns.counts;
  all.signals.kinds = kinds;
  for (SignalKind& kind : all.signals.kinds) kind.dose_per_nm2 = 0;
  all.signals.positions_nm = columns.positions_nm;
  all.signals.neighbours = columns.neighbours;
  all.signals.conditions = columns.conditions;
  all.signals.sections_nm2 = drawn_sections(all, response.only(names_of(kinds)).at(columns.conditions), random);
  return noisy_field(cut(all, columns), kinds, random);
}

KnownColumns noisy_field(const KnownColumns& field, const std::vector<SignalKind>& kinds, Random& random) {
  KnownColumns result{field.signals.only(names_of(kinds)), field.counts};
  result.signals.kinds = kinds;
  for (auto& row : result.signals.sections_nm2) {
    for (std::size_t s = 0; s < row.size(); ++s) row[s] = counted_section(row[s], kinds[s].dose_per_nm2, random);
  }
  return result;
}

}  // namespace colonnade
