// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/map_report.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "colonnade/core/version.h"
#include "colonnade/report/figure.h"
#include "colonnade/report/page.h"
#include "colonnade/workflows/map_methods.h"
#include "colonnade/workflows/preparation_report.h"

namespace colonnade {
namespace {

bool counted(const ElementMap& map) { return !map.distributions.empty(); }

std::vector<std::string> table_header(const ElementMap& map) {
  std::vector<std::string> header{"column", "x nm", "y nm", "cross-section nm\u00b2"};
  if (counted(map)) {
    for (const auto& element : map.elements) header.push_back(element);
    header.insert(header.end(), {"all", "remark"});
  }
  return header;
}

std::vector<std::vector<std::string>> table_rows(const ElementMap& map) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < map.columns.size(); ++i) {
    const Column& column = map.columns[i];
    rows.push_back({std::to_string(i + 1), fmt::format("{:.3f}", column.x_px * map.image.pixel_size_nm),
                    fmt::format("{:.3f}", column.y_px * map.image.pixel_size_nm),
                    fmt::format("{:.3g}", column.cross_section_nm2)});
    if (!counted(map)) continue;
    const CountDistribution& counts = map.distributions[i];
    for (std::size_t e = 0; e < map.elements.size(); ++e) {
      rows.back().push_back(fmt::format("{:.1f} \u00b1 {:.1f}", counts.mean[e], counts.deviation(e)));
    }
    rows.back().push_back(
        fmt::format("{:.1f} \u00b1 {:.1f}", mean_of(counts.total), std::sqrt(variance_of(counts.total))));
    rows.back().push_back(counts.flag);
  }
  return rows;
}

/// The held-out scores that the model carries, as a table.
void add_scores(Page& page, const ElementMap& map) {
  if (!map.model_record.contains("scores")) return;
  const auto& scores = map.model_record["scores"];
  if (!scores.contains("elements")) return;
  std::vector<std::vector<std::string>> rows;
  for (const auto& element : scores["elements"]) {
    const auto& model = element["model"];
    const auto& baseline = element["thickness_only"];
    const auto percent = [](const nlohmann::json& share) {
      return share.is_number() ? fmt::format("{:.0f} %", 100 * share.get<double>()) : std::string();
    };
    const auto plain = [](const nlohmann::json& value) {
      return value.is_number() ? fmt::format("{:.2f}", value.get<double>()) : std::string();
    };
    rows.push_back({element["element"].get<std::string>(), plain(model["r2"]), plain(baseline["r2"]),
                    percent(model["exact"]), percent(baseline["exact"]), percent(model["within_1"]),
                    percent(baseline["within_1"])});
  }
  page.heading("How far to trust the counts");
  page.paragraph(fmt::format(
      "Scores of this model on {} simulated particles that it was not trained on, beside a predictor that knows only "
      "how "
      "thick each column is. Where the two are alike, the image says nothing about that element beyond the thickness. "
      "They hold for images like the simulated ones; a real image may differ in zone axis, tilt, support and detector.",
      scores.value("particles", 0)));
  page.table(
      {"element", "R2", "R2 thickness only", "exact", "exact thickness only", "within 1", "within 1 thickness only"},
      rows, "Held-out particles");
}

std::string with_error(double value, double deviation) {
  return fmt::format("{:.1f} \u00b1 {:.1f} %", 100 * value, 100 * deviation);
}

void add_cards(Page& page, const ElementMap& map, const ParticleAnalysis& analysis) {
  const double pixel = map.image.pixel_size_nm;
  std::vector<Card> cards{
      {"atomic columns", std::to_string(map.columns.size()), ""},
      {"field of view", fmt::format("{:.3g} \u00d7 {:.3g} nm", map.image.width * pixel, map.image.height * pixel),
       fmt::format("{} \u00d7 {} pixels of {:.4g} nm", map.image.width, map.image.height, pixel)}};
  if (analysis.columns > 0) {
    const Composition& whole = analysis.composition;
    cards.push_back({"atoms in view", fmt::format("{:.0f}", whole.atoms),
                     fmt::format("\u00b1 {:.0f}, in {} columns", whole.atoms_deviation, whole.columns)});
    const auto& groups = analysis.separability.groups;
    for (std::size_t g = 0; g < groups.size() && groups.size() > 1; ++g) {
      cards.push_back({analysis.group_names[g], fmt::format("{:.1f} %", 100 * whole.group_fraction(groups[g])),
                       fmt::format("\u00b1 {:.1f} %{}", 100 * whole.group_deviation(groups[g]),
                                   groups[g].size() > 1 ? ", only their sum is known" : "")});
    }
  }
  page.cards(cards);
}

void add_figures(Page& page, const std::vector<NamedFigure>& figures, NamedFigure::Part part,
                 const std::string& caption) {
  std::vector<std::string> svgs;
  for (const auto& figure : figures) {
    if (figure.part == part) svgs.push_back(figure.svg());
  }
  if (!svgs.empty()) page.figures(svgs, caption);
}

/// Composition element by element, and what is behind the grouping.
void add_composition_table(Page& page, const ParticleAnalysis& analysis) {
  std::vector<std::vector<std::string>> rows;
  const Separability& apart = analysis.separability;
  const std::size_t count = analysis.elements.size();
  for (std::size_t e = 0; e < count; ++e) {
    double worst = 0;
    std::string with;
    for (std::size_t other = 0; other < count; ++other) {
      if (other == e || apart.ratios[e * count + other] <= worst) continue;
      worst = apart.ratios[e * count + other];
      with = analysis.elements[other];
    }
    bool alone = false;
    for (const auto& group : apart.groups) alone = alone || (group.size() == 1 && group[0] == e);
    rows.push_back({analysis.elements[e],
                    with_error(analysis.composition.fractions[e], analysis.composition.deviation(e)),
                    alone ? "yes" : "no", with.empty() ? "" : fmt::format("{}: {:.0f} %", with, 100 * worst)});
  }
  page.table(
      {"element", "atomic fraction", "told apart", "variance left, worst partner"}, rows,
      "Composition by element. Of elements that are not told apart, the single fractions lean on what the estimator "
      "was taught");
}

void add_aggregation_table(Page& page, const ParticleAnalysis& analysis) {
  if (analysis.ordering.elements.empty()) return;
  std::vector<std::vector<std::string>> rows;
  for (const Aggregation& own : analysis.ordering.elements) {
    rows.push_back({analysis.group_names[own.element], fmt::format("{:+.3f}", own.moran),
                    fmt::format("{:+.3f} \u00b1 {:.3f}", own.chance.expected, own.chance.deviation),
                    fmt::format("{:+.1f}", own.chance.z), fmt::format("{:.3f}", own.chance.p),
                    fmt::format("{:.3f}", own.chance.p_adjusted), fmt::format("{:.2f}", own.reliability),
                    fmt::format("{:.2f}", own.spread)});
  }
  page.table({"", "Moran's I", "random alloy", "z", "p", "p, all together", "reliability", "spread along the beam"},
             rows, "Aggregation: correlation of an element's departures in neighbouring columns");
}

void add_analysis(Page& page, const ParticleAnalysis& analysis, const std::vector<NamedFigure>& figures) {
  using Part = NamedFigure::Part;
  page.heading("Composition and counts");
  add_figures(
      page, figures, Part::statistics,
      "Composition of what the image tells apart; expected numbers of columns by atoms and by share, from the "
      "whole distribution of every column. Bars are one standard deviation. Errors of different columns are taken "
      "as independent; the composition's also hold what all columns share: what the estimator states of it, or "
      "else what the composition that it was taught may be off (composition_prior).");
  if (analysis.columns == 0) return;
  add_composition_table(page, analysis);
  if (analysis.separability.groups.size() < 2) return;
  page.heading("Order between neighbouring columns");
  page.paragraph(
      "Each column's departure from the mean alloy is compared with its neighbours'. What chance gives was found by "
      "shuffling the measured departures between columns, so that they carry the shrinkage and noise of the "
      "estimation. "
      "Errors that neighbouring columns share look like order; nothing here can tell the two apart.");
  add_figures(page, figures, Part::order, "");
  add_aggregation_table(page, analysis);
  page.heading("Profiles");
  add_figures(
      page, figures, Part::profile,
      "Composition by distance from the particle's rim (the convex hull of its columns, as far as it is in view) "
      "and, where the whole particle is in view, from its centre.");
  if (!analysis.rim.without.empty()) page.paragraph("No profile from the rim: " + analysis.rim.without + ".");
  if (!analysis.centre.without.empty()) page.paragraph("No profile from the centre: " + analysis.centre.without + ".");
}

void add_statements(Page& page, const ElementMap& map, const ParticleAnalysis& analysis) {
  if (!map.without_model.empty()) page.notice("No element counts: " + map.without_model + ".");
  if (!counted(map)) return;
  page.notice(analysis.statements[0]);
  page.list({analysis.statements.begin() + 1, analysis.statements.end()});
  if (!map.physics.is_null()) {
    for (const auto& note : map.physics["notes"]) page.warning("Assumed: " + note.get<std::string>() + ".");
  }
  if (!map.without_calibration.empty()) page.warning("Errors are guesses: " + map.without_calibration + ".");
}

constexpr std::size_t most_table_rows = 2000;     // with more columns the page leaves them to columns.csv
constexpr std::size_t most_drawn_columns = 2500;  // and its maps to the viewer and to the folder of figures

void add_interval(ViewedCount& count, const CountProbabilities& bars) {
  const Interval one = central_interval(bars, 0.68), two = central_interval(bars, 0.95);
  count.low68.push_back(std::max(0.0, one.low));
  count.high68.push_back(std::max(0.0, one.high));
  count.low95.push_back(std::max(0.0, two.low));
  count.high95.push_back(std::max(0.0, two.high));
}

/// The total, then the elements on one common scale.
std::vector<ViewedCount> viewed_counts(const ElementMap& map) {
  std::vector<ViewedCount> counts(map.elements.size() + 1);
  counts[0].name = "All atoms";
  counts[0].colour = "#5b6570";
  double most = 0, least_sure = 0;
  for (const CountDistribution& column : map.distributions) {
    counts[0].mean.push_back(mean_of(column.total));
    counts[0].deviation.push_back(std::sqrt(variance_of(column.total)));
    add_interval(counts[0], column.total);
    for (std::size_t e = 0; e < map.elements.size(); ++e) {
      ViewedCount& count = counts[e + 1];
      count.name = map.elements[e];
      count.mean.push_back(std::max(0.0, column.mean[e]));
      count.deviation.push_back(column.deviation(e));
      add_interval(count, column.elements[e]);
      most = std::max(most, count.mean.back());
      least_sure = std::max(least_sure, count.deviation.back());
    }
  }
  for (std::size_t e = 1; e < counts.size(); ++e)
    counts[e].high = std::ceil(most), counts[e].deviation_high = least_sure;
  return counts;
}

ColumnViewer viewer_of(const ElementMap& map) {
  ColumnViewer viewer;
  viewer.image = map.image;
  ViewedNumber section{"Cross-section", section_unit(map), {}};
  for (const Column& column : map.columns) {
    viewer.x_px.push_back(column.x_px);
    viewer.y_px.push_back(column.y_px);
    section.values.push_back(column.cross_section_nm2);
  }
  if (counted(map)) viewer.counts = viewed_counts(map);
  for (const CountDistribution& counts : map.distributions) viewer.remarks.push_back(counts.flag);
  viewer.numbers.push_back(std::move(section));
  if (map.verification) {
    ViewedNumber off{"Model off by", "% of the mean column", {}, true, 50};
    for (const double part : map.verification->columns) off.values.push_back(100 * part);
    viewer.numbers.push_back(std::move(off));
  }
  return viewer;
}

void add_looking(Page& page, const ElementMap& map, const std::vector<NamedFigure>& figures) {
  using Part = NamedFigure::Part;
  page.heading("Columns");
  page.viewer(viewer_of(map));
  if (map.columns.size() > most_drawn_columns) {
    page.paragraph("The maps are also in the folder figures.");
    return;
  }
  page.open_fold_without_script("The same as figures (also in the folder figures)");
  add_figures(page, figures, Part::image, "The image as read, and with the columns found.");
  add_figures(page, figures, Part::counts, "Atoms per column: of all elements, and of each on one common scale.");
  add_figures(page, figures, Part::errors, "Their standard deviations; those of the elements on one common scale.");
  page.close_fold();
}

void add_verification(Page& page, const ElementMap& map, const std::vector<NamedFigure>& figures) {
  if (!map.model) return;
  page.heading("Model in three dimensions");
  const auto& made = map.model->structure.metadata;
  page.paragraph(fmt::format(
      "model.xyz holds {} atoms in {} columns, {:.3f} A apart along the beam (lattice parameter {:.3f} A, [{}]), "
      "centred "
      "on the mid-plane. Heights of columns and the order of atoms within them are choices ({}), not measurements.",
      map.model->structure.atoms.size(), map.columns.size(), made.value("period_A", 0.0), made.value("lattice_A", 0.0),
      fmt::join(made.at("zone_axis").get<std::vector<int>>(), " "), made.value("stacking", "")));
  if (map.model->shifts.broken > 0) {
    page.paragraph(fmt::format(
        "{} of {} pairs of neighbouring columns do not fit one crystal: a defect, another grain, or atoms beside the "
        "lattice.",
        map.model->shifts.broken, map.model->shifts.bonds));
  }
  if (!map.verification) return;
  const Verification& check = *map.verification;
  page.cards({{"correlation", fmt::format("{:.3f}", check.correlation), "of both images, pixel by pixel"},
              {"residual", fmt::format("{:.0f} %", 100 * check.rms), "of the image's standard deviation"},
              {"columns", fmt::format("{:.0f} %", 100 * check.column_rms), "rms difference, of the mean cross-section"},
              {"R", fmt::format("{:.2f}", check.r_factor), "sum of differences over sum of intensities"}});
  add_figures(
      page, figures, NamedFigure::Part::verification,
      fmt::format("The measured image, the model's image by {} after a fit of gain ({:.3g}), offset and blur ({:.3f} "
                  "nm), and their difference. What the model cannot know (heights, order along the beam, tilt, a "
                  "support) stays in the difference, and so does what was counted wrongly.",
                  check.by, check.gain, check.blur_nm));
  for (const auto& note : check.notes) page.paragraph("Note: " + note + ".");
}

void add_columns_table(Page& page, const ElementMap& map) {
  if (map.columns.size() > most_table_rows) {
    page.paragraph(fmt::format("All {} columns are in columns.csv.", map.columns.size()));
    return;
  }
  page.table(table_header(map), table_rows(map),
             fmt::format("All {} columns (also in columns.csv, there with intervals)", map.columns.size()), true);
}

void add_methods(Page& page, const ElementMap& map, const ParticleAnalysis& analysis, const nlohmann::json& record) {
  page.heading("Methods");
  const MethodsText text = methods_text(map, analysis, record);
  page.paragraph(text.paragraph);
  std::vector<std::string> works;
  for (std::size_t i = 0; i < text.references.size(); ++i) {
    works.push_back(fmt::format("[{}] {}", i + 1, text.references[i]));
  }
  page.list(works);
  page.preformatted(record.dump(2), "All settings and results (also in run.json)");
  page.files({{"columns.csv", "every column"},
              {"figures", "the figures of this page and its maps, for papers"},
              {"run.json", "settings, versions, hashes"}});
}

}  // namespace

std::string report_html(const ElementMap& map, const ParticleAnalysis& analysis,
                        const std::vector<NamedFigure>& figures, const nlohmann::json& record,
                        const std::string& title) {
  Page page("Element map of " + title, fmt::format("elements {}", fmt::join(map.elements, ", ")));
  add_statements(page, map, analysis);
  add_cards(page, map, analysis);
  add_looking(page, map, figures);
  add_preparation(page, map.preparation);
  if (counted(map)) {
    add_analysis(page, analysis, figures);
    add_scores(page, map);
  } else {
    add_figures(page, figures, NamedFigure::Part::statistics,
                "Scattering cross-section of each column: its intensity integrated over its area.");
  }
  add_verification(page, map, figures);
  add_columns_table(page, map);
  add_methods(page, map, analysis, record);
  page.footer(fmt::format("Colonnade {}, seed {}", version, record.value("seed", 0ULL)));
  return page.html();
}

}  // namespace colonnade
