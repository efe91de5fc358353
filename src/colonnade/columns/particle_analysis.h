// SPDX-License-Identifier: GPL-3.0-or-later
// A whole particle from its columns' distributions: composition, which elements the data tell apart, histograms, order
// between columns, profiles; each with its error. Positions in nm. Order and profiles are those of the groups of
// elements that the data separate: of a group's members only the sum is known. docs/analysis.md has the formulas.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/columns/column_ordering.h"
#include "colonnade/columns/composition.h"
#include "colonnade/columns/count_histogram.h"
#include "colonnade/columns/radial_profile.h"
#include "colonnade/columns/separability.h"

namespace colonnade {

struct AnalysisOptions {
  OrderingOptions ordering;  ///< its seed, shuffles and null serve the profiles, too
  double separation = separation_threshold;
  double shell_nm = 0;         ///< 0: the distance between neighbouring columns
  Field field;                 ///< what the image shows, nm
  std::vector<double> common;  ///< relative errors that all columns share (composition.h)
  /// Without `common`: how far the particle may be from the composition that the estimator leans on, as a part of each
  /// fraction; prior_common() makes the shared error of it. 0: the columns' errors are independent.
  double composition_prior = 0.2;
  void describe(OptionTable& table, const std::string& section = "analysis");
  void check() const;
};

struct ParticleAnalysis {
  std::vector<std::string> elements, group_names;
  std::size_t columns = 0;                   ///< used
  std::map<std::string, std::size_t> flags;  ///< columns left out, by reason
  Composition composition;
  Separability separability;
  std::vector<ColumnHistogram> counts;  ///< per element, and of the total
  std::vector<ColumnHistogram> shares;  ///< per element
  ColumnOrdering ordering;              ///< between groups
  RadialProfile rim, centre;            ///< of groups
  /// For people: what the image says and what it cannot say.
  std::vector<std::string> statements;
};

/// One position, distribution per column. Without usable columns the parts are empty and the statements say so.
ParticleAnalysis analyse_particle(const std::vector<Point>& positions, const std::vector<CountDistribution>& columns,
                                  const std::vector<std::string>& elements, const AnalysisOptions& options = {});

nlohmann::json to_json(const ParticleAnalysis& analysis);

}  // namespace colonnade
