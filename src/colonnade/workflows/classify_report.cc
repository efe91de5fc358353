// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/classify_report.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numbers>

#include "colonnade/core/version.h"
#include "colonnade/image/filter.h"
#include "colonnade/report/figure.h"
#include "colonnade/report/page.h"
#include "colonnade/simulate/diffraction/pattern_raster.h"
#include "colonnade/structures/crystal_library.h"
#include "colonnade/structures/crystal_symmetry.h"
#include "colonnade/workflows/index_figure.h"
#include "colonnade/workflows/pattern_drawing.h"
#include "colonnade/workflows/pattern_materials.h"

namespace colonnade {
namespace {

constexpr double figure_width_px = 460;
constexpr double most_saliency = 0.997;  ///< this share of the pixels lies within the colours
constexpr std::size_t most_series = 5;

std::string symbol_of(int space_group) {
  for (const LibraryCrystal& crystal : crystal_library())
    if (crystal.space_group == space_group) return symmetry_of_hall(crystal.hall_number).symbol;
  return "";
}

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }

/// Whole image px about the centre, as far as the image goes.
Image looked_at(const ClassifiedPattern& pattern, int& left, int& top) {
  const PatternSquare& square = pattern.square;
  const auto first = [&](double centre) { return std::max(0, int(std::floor(centre - square.reach_px))); };
  const auto last = [&](double centre, int size) {
    return std::min(size, int(std::ceil(centre + square.reach_px)) + 1);
  };
  left = first(square.centre.x_px), top = first(square.centre.y_px);
  return crop(pattern.image, top, left, last(square.centre.y_px, pattern.image.height) - top,
              last(square.centre.x_px, pattern.image.width) - left);
}

/// Grey by the logarithm, from the usual level of the pattern on.
std::string pattern_figure(const ClassifiedPattern& pattern) {
  int left = 0, top = 0;
  ImageFigure figure;
  figure.image = looked_at(pattern, left, top);
  std::vector<float> sorted = figure.image.data;
  const auto middle = sorted.begin() + std::ptrdiff_t(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  const Extremes range = extremes(figure.image);
  const double level = std::max(double(*middle) - range.low, 1e-6 * (double(range.high) - range.low));
  for (float& value : figure.image.data) value = float(std::log1p((value - range.low) / level));
  const GreyRange grey = grey_range(figure.image);
  figure.low = grey.low, figure.high = grey.high;
  figure.title = pattern.name;
  figure.marker_radius_px = std::max(2.0, 2.6 * pattern.square.list.width_px);
  for (const Spot& spot : pattern.square.list.spots) {
    if (std::hypot(spot.x_px - pattern.square.centre.x_px, spot.y_px - pattern.square.centre.y_px) >
        pattern.square.reach_px)
      continue;
    figure.markers.push_back({spot.x_px - left, spot.y_px - top, fmt::format("intensity {:.4g}", spot.intensity)});
  }
  figure.markers.push_back({pattern.square.centre.x_px - left, pattern.square.centre.y_px - top, "centre", "#40b4ff"});
  figure.footnote =
      "What is looked at, logarithmic grey. Blue: the beam as found; orange: the spots that choose the size.";
  return to_svg(figure, figure_width_px);
}

double colour_limit(const Image& image) {
  std::vector<float> sizes;
  for (const float value : image.data)
    if (std::isfinite(value)) sizes.push_back(std::abs(value));
  const auto at = sizes.begin() + std::ptrdiff_t(most_saliency * double(sizes.size() - 1));
  std::nth_element(sizes.begin(), at, sizes.end());
  return std::max(1e-12, double(*at));
}

std::string saliency_figure(const PatternClassification& result, const ClassifiedPattern& pattern) {
  ImageFigure figure;
  figure.image = drawn_back(pattern.saliency, result.model.side_px);
  figure.high = colour_limit(figure.image);
  figure.low = -figure.high;
  figure.colour_map = "difference";
  figure.colour_bar = true;
  figure.colour_bar_label = "against < 0 < for";
  figure.title = "What speaks for " + group_title(result.best);
  const double step = 2 * pattern.square.reach_px / recorded_side_px, middle = 0.5 * (recorded_side_px - 1);
  for (const Spot& spot : pattern.square.list.spots) {
    const double x = (spot.x_px - pattern.square.centre.x_px) / step,
                 y = (spot.y_px - pattern.square.centre.y_px) / step;
    if (std::hypot(x, y) < middle) figure.markers.push_back({middle + x, middle + y, "", "#555555"});
  }
  figure.marker_radius_px = 2.6;
  figure.footnote =
      "Brightness times the derivative of the logarithm of the group's probability: red places speak for it, blue ones "
      "against it. Opposite places count together. Circles: spots.";
  return to_svg(figure, figure_width_px);
}

std::string groups_figure(const PatternClassification& result) {
  BarFigure figure;
  figure.title = "Probability of each space group";
  figure.y_label = "probability %";
  for (std::size_t g = 0; g < result.groups.size(); ++g) figure.categories.push_back(group_title(g));
  const auto add = [&](const std::string& name, std::vector<double> values) {
    for (double& value : values) value = 0.1 * std::round(1000 * value);
    figure.series.push_back({name, "", std::move(values), {}});
  };
  const bool several = result.patterns.size() > 1;
  if (several) add("all together", result.groups);
  for (std::size_t i = 0; i < result.patterns.size() && i < most_series; ++i)
    add(several ? fmt::format("#{}", i + 1) : "this pattern", result.patterns[i].groups);
  figure.not_negative = true;
  figure.value_labels = !several;
  if (result.patterns.size() > most_series)
    figure.footnote = fmt::format("Of {} patterns the first {} are drawn.", result.patterns.size(), most_series);
  return to_svg(figure, several ? 760 : 560);
}

void add_looks(Page& page, const PatternClassification& result, const ClassifiedPattern& pattern) {
  std::vector<std::vector<std::string>> rows;
  for (const ProbableLook& look : pattern.looks)
    rows.push_back({percent(look.probability), look_title(result.meaning.looks[look.look])});
  page.table({"probability", "zone axis and space groups that it can be"}, rows,
             "Looks: what cannot be told apart by where spots lie is one look");
}

std::string where_text(const PatternClassification& result, const ClassifiedPattern& pattern) {
  const PatternSquare& square = pattern.square;
  std::string text =
      fmt::format("{} spots about the centre at {:.1f}, {:.1f} px (found by {}).", square.list.spots.size(),
                  square.centre.x_px, square.centre.y_px, square.centre.method);
  if (!pattern.zone.empty())
    text += fmt::format(" If the space group is {}, the zone axis is {} ({}).", recognised_name(result.best),
                        pattern.zone, percent(pattern.zone_probability));
  if (square.filled > 0.001)
    text +=
        fmt::format(" For {:.1f} % of the square the opposite side stands in (beam stop, edge).", 100 * square.filled);
  return text;
}

void add_pattern(Page& page, const PatternClassification& result, const ClassifiedPattern& pattern,
                 std::size_t number) {
  page.heading(fmt::format("Pattern {}: {}", number, pattern.name));
  page.paragraph(where_text(result, pattern));
  for (const std::string& note : pattern.notes) page.warning(note);
  page.figures({pattern_figure(pattern), saliency_figure(result, pattern)}, "");
  add_looks(page, result, pattern);
  if (pattern.indexing) {
    page.subheading("Indexed the classical way");
    page.paragraph(pattern.indexing->indexing.verdict);
    page.figures({overlay_figure(*pattern.indexing, pattern.name)}, "");
    page.preformatted(to_text(*pattern.indexing), "All that was tried");
  } else {
    page.paragraph("Not indexed: " + pattern.without_indexing + ".");
  }
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void add_model(Page& page, const PatternClassification& result) {
  page.heading("The model");
  const ClassifierRecord& model = result.model;
  page.paragraph(fmt::format(
      "A residual network of {} layers, {} px a side, trained for {} epochs on simulated patterns of {} crystals{}. It "
      "answers among {} looks; {} crystals were kept for calibration and {} for tests, and it never saw them.",
      model.depth, model.side_px, model.epochs, result.meaning.training.size(),
      result.meaning.defects ? " with and without defects" : " without defects", result.meaning.looks.size(),
      result.meaning.validation.size(), result.meaning.test.size()));
  page.paragraph(
      "Probabilities hold for patterns like the simulated ones, with every group as probable as any other beforehand. "
      "Whoever knows more of the specimen should weigh them.");
  page.preformatted(joined(result.meaning.training), "Crystals it was trained on");
  page.preformatted(joined(result.meaning.test), "Crystals kept for tests");
  if (!model.scores.empty()) page.preformatted(model.scores.dump(2), "Scores on held-out crystals");
}

}  // namespace

std::string group_title(std::size_t group) {
  if (group >= recognised_groups().size()) return recognised_name(group);
  return fmt::format("{} ({})", recognised_name(group), symbol_of(recognised_groups()[group]));
}

Image drawn_back(const std::vector<float>& picture, int side_px) {
  const double nearest = network_pixel_place(0, 0, side_px)[0],
               farthest = network_pixel_place(side_px - 1, 0, side_px)[0];
  const double rows = (side_px - 1) / std::log(farthest / nearest), middle = 0.5 * (recorded_side_px - 1);
  Image image(recorded_side_px, recorded_side_px);
  for (int y = 0; y < recorded_side_px; ++y)
    for (int x = 0; x < recorded_side_px; ++x) {
      const double radius = std::hypot(x - middle, y - middle);
      const int row = int(std::lround(rows * std::log(radius / nearest)));
      double turns = std::atan2(y - middle, x - middle) / std::numbers::pi;  // half turns
      turns -= std::floor(turns);
      const int column = int(std::lround(turns * side_px)) % side_px;
      const bool there = radius >= nearest && row >= 0 && row < side_px;
      image.at(y, x) = there ? picture[std::size_t(row) * std::size_t(side_px) + std::size_t(column)]
                             : std::numeric_limits<float>::quiet_NaN();
    }
  return image;
}

std::vector<std::pair<std::string, std::string>> classification_figures(const PatternClassification& result) {
  std::vector<std::pair<std::string, std::string>> figures{{"groups", groups_figure(result)}};
  for (std::size_t i = 0; i < result.patterns.size(); ++i) {
    const ClassifiedPattern& pattern = result.patterns[i];
    figures.emplace_back(fmt::format("pattern_{}", i + 1), pattern_figure(pattern));
    figures.emplace_back(fmt::format("saliency_{}", i + 1), saliency_figure(result, pattern));
    if (pattern.indexing)
      figures.emplace_back(fmt::format("overlay_{}", i + 1), overlay_figure(*pattern.indexing, pattern.name));
  }
  return figures;
}

std::string classification_page(const PatternClassification& result, const nlohmann::json& record) {
  Page page("Which space group",
            fmt::format("{} pattern{} of one crystal", result.patterns.size(), result.patterns.size() == 1 ? "" : "s"));
  if (result.decided && result.best < recognised_groups().size()) {
    page.notice(result.verdict);
  } else {
    page.warning(result.verdict);
  }
  page.cards(
      {{"space group", group_title(result.best), result.decided ? "most probable" : "most probable, not decided"},
       {"probability", percent(result.groups[result.best]), ""},
       {"patterns", std::to_string(result.patterns.size()), "taken to be of the same crystal"}});
  page.figures({groups_figure(result)}, "");
  for (std::size_t i = 0; i < result.patterns.size(); ++i) add_pattern(page, result, result.patterns[i], i + 1);
  add_model(page, result);
  page.heading("Settings and files");
  page.preformatted(record["options"].dump(2), "Settings");
  page.preformatted(record["inputs"].dump(2), "Inputs");
  page.files({{"run.json", "result, settings, inputs"}, {"groups.txt", "the result as text"}});
  page.footer(fmt::format("Colonnade {}", version));
  return page.html();
}

}  // namespace colonnade
