// SPDX-License-Identifier: GPL-3.0-or-later
// Particles whose columns are known, seen by a made-up microscope that obeys the form of signal_response.h, for the
// tests of counting.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "colonnade/columns/counts.h"
#include "colonnade/columns/neighbour_columns.h"
#include "colonnade/columns/signal_response.h"
#include "colonnade/core/random.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/nanoparticle.h"

namespace colonnade {

struct MadeUpMicroscope {
  std::vector<SignalKind> kinds{{"HAADF", "", 0}};
  double scatter = 0.03;        ///< relative, of what the counts leave open
  double spill = 0.02;          ///< of each neighbour's own signal
  double per_xray_atom = 1e-5;  ///< nm^2

  double own(const SignalKind& kind, const std::vector<int>& counts, const std::vector<std::string>& elements) const {
    double total = 0, sum = 0;
    for (const int n : counts) total += n;
    for (std::size_t e = 0; e < counts.size(); ++e) {
      if (!kind.element.empty() && kind.element != elements[e]) continue;
      const double z = element(elements[e]).number;
      const double each =
          kind.element.empty() ? 2e-4 * std::pow(z / 40, kind.name == "MAADF" ? 1.4 : 1.8) : per_xray_atom;
      sum += counts[e] * each * (1 - 0.006 * total);
    }
    return sum;
  }
};

/// The columns of a particle, all of them whole.
inline KnownColumns made_up_columns(const NanoparticleOptions& options, const MadeUpMicroscope& microscope,
                                    const Conditions& conditions, Random& random) {
  KnownColumns field;
  std::vector<Point> places;
  for (const auto& column : true_columns(make_nanoparticle(options, random), options.elements)) {
    places.push_back({column.x_A / 10, column.y_A / 10});
    field.counts.push_back(column.counts);
  }
  field.signals.kinds = microscope.kinds;
  field.signals.positions_nm = places;
  field.signals.neighbours = neighbour_lists(places, neighbour_spacings * typical_spacing(places));
  field.signals.whole.assign(places.size(), true);
  field.signals.conditions = conditions;
  std::vector<std::vector<double>> own(places.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (const auto& kind : microscope.kinds) {
      own[i].push_back(microscope.own(kind, field.counts[i], options.elements) *
                       (1 + microscope.scatter * random.normal()));
    }
  }
  field.signals.sections_nm2 = own;
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (const int other : field.signals.neighbours[i]) {
      for (std::size_t s = 0; s < own[i].size(); ++s)
        field.signals.sections_nm2[i][s] += microscope.spill * own[other][s];
    }
  }
  return field;
}

/// The same with counting noise at the kinds' doses.
inline ColumnSignals with_noise(ColumnSignals signals, Random& random) {
  for (auto& row : signals.sections_nm2) {
    for (std::size_t s = 0; s < row.size(); ++s) {
      row[s] = counted_section(row[s], signals.kinds[s].dose_per_nm2, random);
    }
  }
  return signals;
}

/// Several particles of 2 to 3.4 nm.
inline std::vector<KnownColumns> made_up_fields(int particles, const std::vector<std::string>& elements,
                                                const MadeUpMicroscope& microscope, double aggregation,
                                                Random& random) {
  std::vector<KnownColumns> fields;
  for (int i = 0; i < particles; ++i) {
    NanoparticleOptions options;
    options.elements = elements;
    options.diameter_nm = random.uniform(2, 3.4);
    options.roughness = 0.1;
    options.aggregation = aggregation;
    fields.push_back(made_up_columns(options, microscope, {}, random));
  }
  return fields;
}

}  // namespace colonnade
