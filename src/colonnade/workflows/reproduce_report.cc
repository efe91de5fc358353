// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/reproduce_report.h"

#include <cmath>
#include <fmt/format.h>

#include "colonnade/core/version.h"
#include "colonnade/report/figure.h"
#include "colonnade/report/page.h"
#include "colonnade/workflows/analysis_figures.h"
#include "colonnade/workflows/reproduce_tables.h"

namespace colonnade {
namespace {

constexpr double cell_px = 315, wide_px = 480;
/// Of figures.
constexpr double lowest_r2 = -0.5;

double value_of(const nlohmann::json& line, const char* field, const std::string& element = "") {
  const nlohmann::json none;
  const auto& found = line.contains(field) ? line.at(field) : none;
  const auto& value = element.empty() || !found.is_object() ? found : found.value(element, none);
  return value.is_number() ? value.get<double>() : NAN;
}

LineFigure::Line curve_line(const LearningCurve& curve, const char* field, const std::string& name,
                            const std::string& element = "") {
  LineFigure::Line line;
  line.name = name;
  for (const auto& epoch : curve.epochs) {
    line.x.push_back(epoch.at("epoch"));
    line.y.push_back(value_of(epoch, field, element));
  }
  return line;
}

std::string loss_svg(const LearningCurve& curve) {
  LineFigure figure;
  figure.title = "Loss: " + curve.name;
  figure.x_label = "epoch";
  figure.y_label = "mean squared error of the maps";
  figure.logarithmic_y = true;
  figure.lines = {curve_line(curve, "train_loss", "training"), curve_line(curve, "test_loss", "held out")};
  return to_svg(figure, cell_px, 280);
}

std::string r2_curves_svg(const LearningCurve& curve, const std::vector<std::string>& elements, bool training) {
  LineFigure figure;
  figure.title = std::string("R² on ") + (training ? "training images: " : "held-out images: ") + curve.name;
  figure.x_label = "epoch";
  figure.y_label = "R² at the columns";
  for (const auto& element : elements) {
    auto line = curve_line(curve, training ? "train_r2" : "r2", element, element);
    // The first epochs, far below 0, would take all the room.
    for (double& value : line.y) value = value < lowest_r2 ? NAN : value;
    line.colour = element_colour(element);
    figure.lines.push_back(line);
  }
  figure.levels.push_back({published_r2, "the paper: above"});
  return to_svg(figure, cell_px, 280);
}

std::string intensity_svg(const IntensityScatter& scatter, const std::vector<std::string>& elements,
                          std::size_t element) {
  ScatterFigure figure;
  figure.title = elements[element] + ": intensity against height";
  figure.x_label = "atoms of " + elements[element];
  figure.y_label = "peak intensity (normalised)";
  ScatterFigure::Cloud cloud;
  cloud.name = "columns";
  cloud.colour = element_colour(elements[element]);
  double mean_x = 0, mean_y = 0;
  for (std::size_t i = 0; i < scatter.intensity.size(); ++i) {
    cloud.x.push_back(scatter.counts[i][element]);
    cloud.y.push_back(scatter.intensity[i]);
    mean_x += cloud.x.back() / double(scatter.intensity.size());
    mean_y += cloud.y.back() / double(scatter.intensity.size());
  }
  figure.clouds.push_back(cloud);
  const LinearFit& fit = scatter.fits[element];
  if (std::isfinite(fit.slope)) figure.lines.push_back({"fit", "", fit.slope, fit.intercept});
  if (const auto* line = published_line(elements[element])) {
    // The paper prints no intercept: its line is drawn through the mean.
    figure.lines.push_back({"the paper's slope", "#d62728", line->slope, mean_y - line->slope * mean_x});
  }
  return to_svg(figure, cell_px, 300);
}

enum class Height { rms, bias };

std::string height_svg(const NetworkScores& scores, const std::vector<std::string>& elements, Height what) {
  constexpr int fewest_columns = 5;
  LineFigure figure;
  figure.title = (what == Height::rms ? "Error: " : "Bias: ") + scores.name;
  figure.x_label = "true atoms of the element";
  figure.y_label = what == Height::rms ? "rms error [atoms]" : "predicted minus true [atoms]";
  for (std::size_t e = 0; e < elements.size(); ++e) {
    for (const bool network : {true, false}) {
      LineFigure::Line line;
      line.name = network ? elements[e] : "";
      line.colour = element_colour(elements[e]);
      line.dashed = !network;
      for (const HeightError& error : (network ? scores.by_height : scores.by_height_thickness)[e]) {
        if (error.columns < fewest_columns) continue;
        line.x.push_back(error.height);
        line.y.push_back(what == Height::rms ? error.rms : error.bias);
      }
      figure.lines.push_back(line);
    }
  }
  figure.footnote = fmt::format("Dashed: thickness only. Heights of {} columns or more.", fewest_columns);
  return to_svg(figure, wide_px, 320);
}

std::vector<double> values_of(const std::vector<CountScore>& scores, double CountScore::*field) {
  std::vector<double> values;
  for (const CountScore& score : scores) values.push_back(score.*field);
  return values;
}

/// A network that has hardly been trained has R2 far below 0, which would take all the room; the pointer says the
/// value.
void cut_low_bars(BarFigure& figure) {
  for (Series& series : figure.series) {
    for (double& value : series.values) {
      series.hovers.push_back(fmt::format("{}: {:.2f}", series.name, value));
      if (value < lowest_r2) value = lowest_r2;
    }
  }
}

/// One bar per predictor and element.
std::string bars_svg(const Reproduction& reproduction, const std::string& title, double CountScore::*field,
                     double PublishedScore::*published) {
  BarFigure figure;
  figure.title = title;
  figure.categories = reproduction.elements;
  Series paper{"Ragone et al. 2021", "#7f7f7f", {}, {}};
  for (const auto& element : reproduction.elements) {
    const auto* known = published_score(element);
    paper.values.push_back(known == nullptr ? NAN : published == nullptr ? published_r2 : known->*published);
  }
  figure.series.push_back(paper);
  figure.series.push_back({"thickness only", "#c7c7c7", values_of(reproduction.networks[0].thickness_only, field), {}});
  const std::vector<std::string> colours{"#1f77b4", "#d62728", "#ff9896"};
  for (std::size_t i = 0; i < reproduction.networks.size(); ++i) {
    const NetworkScores& scores = reproduction.networks[i];
    figure.series.push_back({scores.name, colours[i % colours.size()], values_of(scores.network, field), {}});
  }
  if (reproduction.bounds) {
    figure.series.push_back({"bound, image only", "#2ca02c", values_of(reproduction.bounds->bounds.image, field), {}});
    figure.series.push_back({"bound, oracle", "#98df8a", values_of(reproduction.bounds->bounds.oracle, field), {}});
  }
  if (published == nullptr) {
    cut_low_bars(figure);
    figure.footnote = fmt::format("The paper: above 0.70 for all elements. Bars end at {}.", lowest_r2);
  }
  return to_svg(figure, 640, 320);
}

std::vector<std::string> svgs(const std::vector<ReproduceFigure>& figures) {
  std::vector<std::string> result;
  for (const ReproduceFigure& figure : figures) result.push_back(figure.svg);
  return result;
}

void add_table(Page& page, const TextTable& table, bool folded = false) {
  page.table(table.header, table.rows, table.title + (table.note.empty() ? "" : ". " + table.note), folded);
}

void add_scores(Page& page, const Reproduction& reproduction, const ReproduceFigures& figures) {
  page.heading("Scores");
  page.figures(svgs(figures.scores), "");
  add_table(page, r2_table(reproduction));
  add_table(page, rates_table(reproduction));
  add_table(page, explained_table(reproduction));
  add_table(page, off_by_table(reproduction), true);
}

void add_heights(Page& page, const Reproduction& reproduction, const ReproduceFigures& figures) {
  page.heading("Error by true height");
  page.figures(svgs(figures.heights), "");
  for (const NetworkScores& scores : reproduction.networks) add_table(page, height_table(reproduction, scores), true);
}

}  // namespace

std::vector<ReproduceFigure> ReproduceFigures::all() const {
  std::vector<ReproduceFigure> figures;
  for (const auto* some : {&scores, &curves, &counts, &intensities, &heights}) {
    figures.insert(figures.end(), some->begin(), some->end());
  }
  return figures;
}

ReproduceFigures figures_of(const Reproduction& reproduction) {
  const auto& elements = reproduction.elements;
  ReproduceFigures figures;
  figures.scores = {
      {"r2", bars_svg(reproduction, "R² per element", &CountScore::r2, nullptr)},
      {"exact", bars_svg(reproduction, "Columns counted exactly", &CountScore::exact, &PublishedScore::exact)},
      {"within_1", bars_svg(reproduction, "Columns within one", &CountScore::within_1, &PublishedScore::within_1)}};
  for (std::size_t i = 0; i < reproduction.curves.size(); ++i) {
    const LearningCurve& curve = reproduction.curves[i];
    figures.curves.push_back({fmt::format("loss_{}", i + 1), loss_svg(curve)});
    figures.curves.push_back({fmt::format("r2_training_{}", i + 1), r2_curves_svg(curve, elements, true)});
    figures.curves.push_back({fmt::format("r2_held_out_{}", i + 1), r2_curves_svg(curve, elements, false)});
  }
  for (std::size_t i = 0; i < reproduction.networks.size(); ++i) {
    const NetworkScores& scores = reproduction.networks[i];
    for (std::size_t e = 0; e < elements.size(); ++e) {
      figures.counts.push_back({fmt::format("counts_{}_{}", i + 1, elements[e]),
                                counts_svg(scores.comparison, elements, e, scores.name, cell_px)});
    }
    figures.heights.push_back({fmt::format("error_{}", i + 1), height_svg(scores, elements, Height::rms)});
    figures.heights.push_back({fmt::format("bias_{}", i + 1), height_svg(scores, elements, Height::bias)});
  }
  if (!reproduction.intensities) return figures;
  for (std::size_t e = 0; e < elements.size(); ++e) {
    figures.intensities.push_back({"intensity_" + elements[e], intensity_svg(*reproduction.intensities, elements, e)});
  }
  return figures;
}

std::string reproduce_page(const ReproduceOptions& options, const ReproducePlan& plan, const Reproduction& reproduction,
                           const ReproduceFigures& figures, const nlohmann::json& record) {
  Page page("Counting elements: the experiment of Ragone et al. (2021)",
            fmt::format("at scale {:g}, physics: {}", options.scale, options.physics));
  if (options.scale < 1) {
    page.notice(
        "This is not the whole experiment: the first table says what is smaller. Thin columns are counted right more "
        "often by anybody, so hold every rate against thickness only before holding it against the paper.");
  }
  page.list(findings(reproduction));
  add_table(page, plan_table(options, plan));
  page.paragraph("Where the paper leaves a choice:");
  page.list(open_choices());
  add_scores(page, reproduction, figures);
  page.heading("Learning curves");
  page.figures(svgs(figures.curves), fmt::format("Values of R² below {} are left out.", lowest_r2));
  add_table(page, last_epoch_table(reproduction));
  if (reproduction.intensities) {
    page.heading("Peak intensity against height");
    page.figures(svgs(figures.intensities), "");
    add_table(page, line_table(reproduction));
  }
  add_heights(page, reproduction, figures);
  page.heading("Predicted against true");
  for (const NetworkScores& scores : reproduction.networks) page.paragraph(scores.name + ": " + scores.what);
  page.figures(svgs(figures.counts), "");
  page.files({{"results.json", "all numbers, with the learning curves"},
              {"tables.md", "the tables as Markdown"},
              {"tables.txt", "the tables as text"},
              {"figures", "the figures as SVG and PNG"}});
  page.preformatted(record.dump(2), "All settings");
  page.footer(fmt::format("Colonnade {}, seed {}", version, options.seed));
  return page.html();
}

}  // namespace colonnade
