// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/particle_analysis.h"

#include <cmath>
#include <fmt/ranges.h>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

std::string percent(double fraction, double deviation) {
  const int digits = 100 * deviation < 0.95 ? 1 : 0;
  return fmt::format("{:.{}f} \u00b1 {:.{}f} %", 100 * fraction, digits, 100 * deviation, digits);
}

std::string listed(const std::vector<std::size_t>& group, const std::vector<std::string>& elements) {
  std::vector<std::string> names;
  for (const std::size_t element : group) names.push_back(elements[element]);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string p_text(double p, int shuffles) {
  const double least = 1.0 / (1 + shuffles);
  return p < 1.5 * least ? fmt::format("p \u2264 {:.2g}", least) : fmt::format("p = {:.2g}", p);
}

std::string composition_statement(const ParticleAnalysis& analysis) {
  std::vector<std::string> single, sums;
  for (const auto& group : analysis.separability.groups) {
    const std::string share =
        percent(analysis.composition.group_fraction(group), analysis.composition.group_deviation(group));
    if (group.size() == 1) {
      single.push_back(analysis.elements[group[0]] + " " + share);
    } else if (group.size() == analysis.elements.size()) {
      sums.push_back(listed(group, analysis.elements) +
                     ": the image tells how many atoms stand in a column, but not of which of these elements");
    } else {
      sums.push_back(listed(group, analysis.elements) + ": only their sum, " + share);
    }
  }
  std::string text = fmt::format("{}", fmt::join(single, ", "));
  if (!sums.empty()) text += (text.empty() ? "" : "; ") + fmt::format("{}", fmt::join(sums, "; "));
  return text + ".";
}

/// Words for one pair of groups that differs from chance.
std::string order_words(const ParticleAnalysis& analysis, const PairOrder& order) {
  const std::string &a = analysis.group_names[order.a], &b = analysis.group_names[order.b];
  const bool attract = order.chance.z < 0;  // alpha below that of a random alloy: more such neighbours
  std::string words;
  if (order.a == order.b) {
    words = a + (attract ? " gathers in neighbouring columns" : " avoids neighbouring columns of its own");
  } else {
    words = fmt::format("{} and {} {} each other's neighbouring columns", a, b, attract ? "seek" : "avoid");
  }
  return fmt::format("{} (Warren-Cowley {:+.3f}, z {:+.1f})", words, order.alpha, order.chance.z);
}

std::string ordering_statement(const ParticleAnalysis& analysis) {
  const ColumnOrdering& ordering = analysis.ordering;
  if (!ordering.without.empty()) return "Order between columns: not judged, " + ordering.without + ".";
  std::vector<std::string> words;
  for (const PairOrder& order : ordering.pairs) {
    if (order.chance.p_adjusted <= 0.05) words.push_back(order_words(analysis, order));
  }
  if (words.empty()) {
    return fmt::format("Order between columns: none seen beyond a random alloy ({} pairs of neighbouring columns, {}).",
                       ordering.neighbour_pairs, p_text(ordering.smallest_p(), ordering.shuffles));
  }
  return fmt::format("Order between columns: {}; each with p at most 0.05 for all {} pairs together, smallest {}.",
                     fmt::join(words, "; "), ordering.pairs.size(), p_text(ordering.smallest_p(), ordering.shuffles));
}

std::string trend_statement(const ParticleAnalysis& analysis) {
  const RadialProfile& rim = analysis.rim;
  if (!rim.without.empty()) return "Profile from the rim: none, " + rim.without + ".";
  std::vector<std::string> words;
  for (std::size_t g = 0; g < rim.slope.size(); ++g) {
    if (rim.chance[g].p_adjusted > 0.05) continue;
    words.push_back(fmt::format("{} {} inwards by {:.1f} % per nm (z = {:.1f}, {})", analysis.group_names[g],
                                rim.slope[g] > 0 ? "rises" : "falls", 100 * std::fabs(rim.slope[g]), rim.chance[g].z,
                                p_text(rim.chance[g].p_adjusted, analysis.ordering.shuffles)));
  }
  if (words.empty()) return "From the rim inwards: no trend beyond that of a random alloy.";
  return fmt::format("From the rim inwards: {}.", fmt::join(words, "; "));
}

std::string columns_statement(const ParticleAnalysis& analysis) {
  std::string text = fmt::format("{} columns with {:.0f} \u00b1 {:.0f} atoms", analysis.columns,
                                 analysis.composition.atoms, analysis.composition.atoms_deviation);
  if (analysis.flags.empty()) return text + ".";
  std::size_t all = 0;
  std::vector<std::string> reasons;
  for (const auto& [flag, count] : analysis.flags) {
    all += count;
    reasons.push_back(fmt::format("{} {}", count, flag));
  }
  return fmt::format("{}; {} more {} left out of all sums and tests ({}).", text, all, all == 1 ? "is" : "are",
                     fmt::join(reasons, ", "));
}

void say(ParticleAnalysis& analysis) {
  if (analysis.columns == 0) {
    analysis.statements = {"No column can be used for counting."};
    return;
  }
  analysis.statements = {composition_statement(analysis), columns_statement(analysis)};
  if (analysis.separability.groups.size() < 2) {
    if (analysis.elements.size() > 1) {
      analysis.statements.emplace_back("Order and profiles need elements that are told apart, and are not given.");
    }
    return;
  }
  analysis.statements.push_back(ordering_statement(analysis));
  analysis.statements.push_back(trend_statement(analysis));
}

}  // namespace

void AnalysisOptions::describe(OptionTable& table, const std::string& section) {
  table.add(section + ".separation", &separation, "",
            "Elements count as told apart where less than this part of the variance of their contrast is left");
  table.add(section + ".shell", &shell_nm, "nm", "Width of the shells of profiles; 0: that between columns");
  table.add(section + ".composition_prior", &composition_prior, "",
            "How far the composition may be from what the estimator was taught, as a part of each fraction");
  ordering.describe(table, section);
}

void AnalysisOptions::check() const {
  ordering.check();
  if (!(separation > 0 && separation < 1)) fail("--separation is {}; use 0 to 1, e.g. 0.5", separation);
  if (!(composition_prior >= 0 && std::isfinite(composition_prior))) {
    fail("--composition-prior is {}; use 0 or more, e.g. 0.2", composition_prior);
  }
  if (!(shell_nm >= 0 && std::isfinite(shell_nm))) fail("--shell is {} nm; it must be 0 or more", shell_nm);
}

ParticleAnalysis analyse_particle(const std::vector<Point>& positions, const std::vector<CountDistribution>& columns,
                                  const std::vector<std::string>& elements, const AnalysisOptions& options) {
  options.check();
  if (positions.size() != columns.size()) {
    fail("{} positions for {} columns; give one for each", positions.size(), columns.size());
  }
  ParticleAnalysis analysis;
  analysis.elements = elements;
  const auto which = usable_columns(columns);
  analysis.columns = which.size();
  for (const auto& column : columns) {
    if (!column.flag.empty()) ++analysis.flags[column.flag];
  }
  const CountSum independent = sum_counts(columns, which, elements.size());
  const auto common = options.common.empty() ? prior_common(independent, options.composition_prior) : options.common;
  const CountSum sum = sum_counts(columns, which, elements.size(), common);
  analysis.composition = composition_of(sum);
  analysis.separability = separability(columns, elements.size(), options.separation);
  const auto& groups = analysis.separability.groups;
  for (const auto& group : groups) analysis.group_names.push_back(group_name(group, elements));
  analysis.counts = count_histograms(columns, which, elements);
  analysis.shares = share_histograms(columns, which, elements);
  const auto by_group = grouped(columns, groups);
  const RadialOptions radial{options.ordering.seed, options.ordering.shuffles,
                             options.shell_nm,      options.ordering.null,
                             options.field,         grouped_common(common, sum.mean, groups)};
  analysis.ordering = column_ordering(positions, by_group, options.ordering);
  analysis.rim = rim_profile(positions, by_group, radial);
  analysis.centre = centre_profile(positions, by_group, radial);
  say(analysis);
  return analysis;
}

nlohmann::json to_json(const ParticleAnalysis& analysis) {
  nlohmann::json json{{"statements", analysis.statements},
                      {"elements", analysis.elements},
                      {"groups", analysis.group_names},
                      {"columns", analysis.columns},
                      {"left_out", analysis.flags},
                      {"composition", to_json(analysis.composition, analysis.elements)},
                      {"separability", to_json(analysis.separability, analysis.elements)},
                      {"ordering", to_json(analysis.ordering, analysis.group_names)},
                      {"from_rim", to_json(analysis.rim, analysis.group_names)},
                      {"from_centre", to_json(analysis.centre, analysis.group_names)}};
  for (std::size_t g = 0; g < analysis.group_names.size(); ++g) {
    const auto& group = analysis.separability.groups[g];
    json["group_composition"][analysis.group_names[g]] = {{"fraction", analysis.composition.group_fraction(group)},
                                                          {"sd", analysis.composition.group_deviation(group)}};
  }
  for (const auto& histogram : analysis.counts) json["histograms"].push_back(to_json(histogram));
  for (const auto& histogram : analysis.shares) json["shares"].push_back(to_json(histogram));
  return json;
}

}  // namespace colonnade
