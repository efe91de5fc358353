// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/analysis_figures.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "colonnade/report/figure.h"

namespace colonnade {
namespace {

constexpr double half_row = 480;  // px
using Part = NamedFigure::Part;

/// A chart in the proportions of a half row, whatever its width.
template <class Figure>
std::function<std::string(double)> drawn(Figure figure) {
  return [figure = std::move(figure)](double width) { return to_svg(figure, width, 0.625 * width); };
}

/// "21.0 % (one standard deviation 1.2 %; 95 %: 18.6 to 23.4 %)"
std::string percent_text(double fraction, double deviation) {
  return fmt::format("{:.1f} \u00b1 {:.1f} % (68 %: {:.1f} to {:.1f}, 95 %: {:.1f} to {:.1f})", 100 * fraction,
                     100 * deviation, 100 * (fraction - deviation), 100 * (fraction + deviation),
                     100 * (fraction - 1.96 * deviation), 100 * (fraction + 1.96 * deviation));
}

/// The groups that the data tell apart; a bar per element where they tell none.
BarFigure composition_bars(const ParticleAnalysis& analysis) {
  auto groups = analysis.separability.groups;
  BarFigure figure;
  figure.title = "Composition";
  figure.y_label = "atomic %";
  figure.value_labels = true;
  figure.not_negative = true;
  if (groups.size() == 1 && groups[0].size() > 1) {
    groups.clear();
    for (std::size_t e = 0; e < analysis.elements.size(); ++e) groups.push_back({e});
    figure.footnote = "The image does not tell these elements apart: their shares are what the estimator was taught.";
  }
  Series series;
  for (const auto& group : groups) {
    const std::string name = group_name(group, analysis.elements);
    const double fraction = analysis.composition.group_fraction(group);
    const double deviation = analysis.composition.group_deviation(group);
    figure.categories.push_back(name);
    figure.category_colours.push_back(element_colour(name));
    series.values.push_back(100 * fraction);
    series.errors.push_back(100 * deviation);
    series.hovers.push_back(name + ": " + percent_text(fraction, deviation));
  }
  figure.series.push_back(series);
  return figure;
}

Series series_of(const ColumnHistogram& histogram, const std::vector<std::string>& bins) {
  Series series{histogram.name, histogram.name == "total" ? "#5b6570" : element_colour(histogram.name),
                histogram.expected, histogram.deviation};
  for (std::size_t bin = 0; bin < bins.size(); ++bin) {
    const double mean = histogram.expected[bin], deviation = histogram.deviation[bin];
    series.hovers.push_back(fmt::format("{}, {}: {:.1f} \u00b1 {:.1f} columns (95 %: {:.1f} to {:.1f})", histogram.name,
                                        bins[bin], mean, deviation, std::max(0.0, mean - 1.96 * deviation),
                                        mean + 1.96 * deviation));
  }
  return series;
}

BarFigure histogram_figure(const std::string& title, const std::string& x_label, std::vector<std::string> bins,
                           const std::vector<ColumnHistogram>& histograms) {
  BarFigure figure;
  figure.title = title;
  figure.x_label = x_label;
  figure.y_label = "columns";
  figure.not_negative = true;
  for (const ColumnHistogram& histogram : histograms) figure.series.push_back(series_of(histogram, bins));
  figure.categories = std::move(bins);
  return figure;
}

std::vector<std::string> whole_numbers(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t n = 0; n < count; ++n) names.push_back(std::to_string(n));
  return names;
}

std::vector<std::string> tenths(std::size_t bins) {
  std::vector<std::string> names;
  for (std::size_t b = 0; b < bins; ++b)
    names.push_back(fmt::format("{}\u2013{}", 100 * b / bins, 100 * (b + 1) / bins));
  return names;
}

std::string pair_text(const ParticleAnalysis& analysis, const PairOrder& order) {
  std::string text = fmt::format(
      "{} \u2013 {}: Warren-Cowley {:+.4f}; a random alloy gives {:+.4f} \u00b1 {:.4f} (95 %: {:+.4f} to {:+.4f}); z "
      "{:+.1f}, "
      "p {:.3g}, for all pairs together {:.3g}",
      analysis.group_names[order.a], analysis.group_names[order.b], order.alpha, order.chance.expected,
      order.chance.deviation, order.chance.expected - 1.96 * order.chance.deviation,
      order.chance.expected + 1.96 * order.chance.deviation, order.chance.z, order.chance.p, order.chance.p_adjusted);
  if (std::isfinite(order.corrected)) {
    text += fmt::format("; corrected for shrunken estimates {:+.3f} \u00b1 {:.3f}", order.corrected,
                        order.corrected_deviation);
  }
  return text;
}

MatrixFigure ordering_matrix(const ParticleAnalysis& analysis) {
  MatrixFigure figure;
  figure.title = "Order between neighbouring columns: z-scores against a random alloy";
  figure.rows = figure.columns = analysis.group_names;
  figure.limit = 4;
  const std::size_t count = analysis.group_names.size();
  for (std::size_t a = 0; a < count; ++a) {
    for (std::size_t b = 0; b < count; ++b) {
      const PairOrder& order = analysis.ordering.pair(a, b);
      figure.values.push_back(order.chance.z);
      figure.texts.push_back(fmt::format("{:+.1f}{}", order.chance.z, order.chance.p_adjusted <= 0.05 ? " *" : ""));
      figure.notes.push_back(fmt::format("\u03b1 {:+.3f}", order.alpha));
      figure.hovers.push_back(pair_text(analysis, order));
      if (figure.rows.size() > 4) figure.notes.back() = fmt::format("{:+.3f}", order.alpha);
    }
  }
  figure.footnote = fmt::format(
      "Negative (blue): side by side more often than by chance; positive (red): more seldom. \u03b1: Warren-Cowley. * "
      "p at most 0.05 for all {} pairs together, {} shuffles, {} pairs of neighbours.",
      analysis.ordering.pairs.size(), analysis.ordering.shuffles, analysis.ordering.neighbour_pairs);
  return figure;
}

LineFigure profile_figure(const ParticleAnalysis& analysis, const RadialProfile& profile) {
  LineFigure figure;
  figure.title = profile.from == "rim" ? "From the rim inwards" : "From the centre outwards";
  figure.x_label = profile.from == "rim" ? "distance from the rim, nm" : "distance from the centre, nm";
  figure.y_label = "atomic %";
  for (std::size_t g = 0; g < analysis.group_names.size(); ++g) {
    LineFigure::Line line;
    line.name = analysis.group_names[g];
    line.colour = element_colour(line.name);
    for (const RadialShell& shell : profile.shells) {
      const double fraction = shell.composition.fractions[g], deviation = shell.composition.deviation(g);
      line.x.push_back(shell.distance);
      line.y.push_back(100 * fraction);
      line.low.push_back(100 * (fraction - deviation));
      line.high.push_back(100 * (fraction + deviation));
      line.hovers.push_back(
          fmt::format("{}, {:.2f} to {:.2f} nm, {} columns, {:.0f} atoms: {}; a random alloy varies by {:.1f} %",
                      line.name, shell.inner, shell.outer, shell.composition.columns, shell.composition.atoms,
                      percent_text(fraction, deviation), 100 * shell.random_deviation[g]));
    }
    figure.lines.push_back(line);
  }
  figure.footnote = "Bands: one standard deviation. Points: shells; hover for numbers.";
  return figure;
}

void add_histograms(const ParticleAnalysis& analysis, std::vector<NamedFigure>& figures) {
  const std::vector<ColumnHistogram> elements(analysis.counts.begin(), analysis.counts.end() - 1);
  const ColumnHistogram& total = analysis.counts.back();
  figures.push_back({Part::statistics, "histogram",
                     "Expected number of columns with so many atoms of an element, with its standard deviation.",
                     half_row,
                     drawn(histogram_figure("Atoms per column", "atoms of the element in the column",
                                            whole_numbers(elements[0].expected.size()), elements))});
  figures.push_back({Part::statistics, "histogram_total", "Expected number of columns with so many atoms in all.",
                     half_row,
                     drawn(histogram_figure("All atoms per column", "atoms in the column",
                                            whole_numbers(total.expected.size()), {total}))});
  figures.push_back({Part::statistics, "fractions", "Columns by the share of each element among their atoms.", half_row,
                     drawn(histogram_figure("Fraction within columns", "share of the column's atoms, %",
                                            tenths(analysis.shares[0].expected.size()), analysis.shares))});
}

}  // namespace

std::vector<NamedFigure> analysis_figures(const ParticleAnalysis& analysis) {
  std::vector<NamedFigure> figures;
  if (analysis.columns == 0) return figures;
  figures.push_back({Part::statistics, "composition",
                     "Composition over all columns, for what the image tells apart; bars are one standard deviation.",
                     half_row, drawn(composition_bars(analysis))});
  add_histograms(analysis, figures);
  if (!analysis.ordering.pairs.empty()) {
    figures.push_back({Part::order, "ordering", "Order between neighbouring columns against a random alloy.", half_row,
                       [figure = ordering_matrix(analysis)](double width) { return to_svg(figure, width); }});
  }
  for (const RadialProfile* profile : {&analysis.rim, &analysis.centre}) {
    if (profile->shells.size() < 2 || analysis.group_names.size() < 2) continue;
    figures.push_back({Part::profile, "profile_from_" + profile->from,
                       "Composition by distance from the " + profile->from + ".", half_row,
                       drawn(profile_figure(analysis, *profile))});
  }
  return figures;
}

std::string counts_svg(const CountComparison& comparison, const std::vector<std::string>& elements, std::size_t element,
                       const std::string& title, double size_px) {
  ScatterFigure figure;
  figure.title = elements[element] + ": " + title;
  figure.x_label = "true atoms";
  figure.y_label = "predicted atoms";
  figure.diagonal = true;
  ScatterFigure::Cloud cloud;
  cloud.name = elements[element];
  cloud.colour = element_colour(elements[element]);
  for (std::size_t i = 0; i < comparison.truth.size(); ++i) {
    cloud.x.push_back(comparison.truth[i][element]);
    cloud.y.push_back(comparison.predicted[i][element]);
  }
  figure.clouds.push_back(cloud);
  return to_svg(figure, size_px, size_px);
}

}  // namespace colonnade
