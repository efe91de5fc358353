// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/bar_figure.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "colonnade/core/error.h"
#include "colonnade/report/chart.h"
#include "colonnade/report/colour.h"

namespace colonnade {
namespace {

void check(const BarFigure& figure) {
  for (const auto& series : figure.series) {
    const bool errors_fit = series.errors.empty() || series.errors.size() == series.values.size();
    if (series.values.size() != figure.categories.size() || !errors_fit) {
      fail("the series '{}' of the figure '{}' has {} values and {} errors for {} categories; give one per category",
           series.name, figure.title, series.values.size(), series.errors.size(), figure.categories.size());
    }
  }
  for (const auto& series : figure.series) {
    if (!series.hovers.empty() && series.hovers.size() != series.values.size()) {
      fail("the series '{}' of the figure '{}' has {} hover texts for {} values", series.name, figure.title,
           series.hovers.size(), series.values.size());
    }
  }
  const bool one_each = figure.series.size() == 1 && figure.category_colours.size() == figure.categories.size();
  if (!figure.category_colours.empty() && !one_each) {
    fail("the figure '{}' has {} colours for {} categories of {} series; give one per category, to a single series",
         figure.title, figure.category_colours.size(), figure.categories.size(), figure.series.size());
  }
}

double error_of(const Series& series, std::size_t category) {
  if (series.errors.empty()) return 0;
  const double error = std::abs(series.errors[category]);
  return std::isfinite(error) ? error : 0;
}

double lower_end(const BarFigure& figure, const Series& series, std::size_t category) {
  const double low = series.values[category] - error_of(series, category);
  return figure.not_negative ? std::max(0.0, low) : low;
}

Span span_of(const BarFigure& figure) {
  Span span;
  for (const auto& series : figure.series) {
    for (std::size_t i = 0; i < series.values.size(); ++i) {
      span.include(lower_end(figure, series, i));
      span.include(series.values[i] + error_of(series, i));
    }
  }
  if (!span.empty()) span.include(0);
  return span;
}

/// Colours[series][category].
std::vector<std::vector<std::string>> colours_of(const BarFigure& figure) {
  std::vector<std::string> names, given;
  for (const auto& series : figure.series) {
    names.push_back(series.name);
    given.push_back(series.colour);
  }
  std::vector<std::vector<std::string>> colours;
  for (const auto& colour : series_colours(names, given)) colours.emplace_back(figure.categories.size(), colour);
  if (figure.series.size() != 1) return colours;
  if (!figure.category_colours.empty()) {
    colours[0] = series_colours(figure.categories, figure.category_colours);
  } else if (figure.series[0].colour.empty() && !is_element(figure.series[0].name)) {
    bool all_elements = true;
    for (const auto& category : figure.categories) all_elements = all_elements && is_element(category);
    if (all_elements) colours[0] = series_colours(figure.categories, {});
  }
  return colours;
}

std::string hover_text(const BarFigure& figure, const Series& series, std::size_t category) {
  if (!series.hovers.empty()) return series.hovers[category];
  std::string text = series.name.empty() ? "" : series.name + ", ";
  text += figure.categories[category] + ": " + format_value(series.values[category]);
  if (error_of(series, category) > 0) text += " ± " + format_value(error_of(series, category));
  return text;
}

struct Slot {
  double left, width;
};

void draw_error(Svg& svg, double low, double high, const Slot& slot) {
  const double middle = slot.left + slot.width / 2;
  const double cap = std::min(4.0, slot.width / 3);
  svg.line(middle, low, middle, high, "pen");
  svg.line(middle - cap, low, middle + cap, low, "pen");
  svg.line(middle - cap, high, middle + cap, high, "pen");
}

void draw_bar(Chart& chart, const BarFigure& figure, const Series& series, std::size_t category,
              const std::string& colour, const Axis& y, const Slot& slot) {
  const double value = series.values[category], error = error_of(series, category);
  if (!y.shows(value)) return;
  const double base = y(0), tip = y(value);
  chart.svg().element("rect",
                      {{"x", slot.left},
                       {"y", std::min(base, tip)},
                       {"width", slot.width},
                       {"height", std::abs(base - tip)},
                       {"fill", colour}},
                      hover_text(figure, series, category));
  if (error > 0) draw_error(chart.svg(), y(lower_end(figure, series, category)), y(value + error), slot);
  if (!figure.value_labels) return;
  const double at = value >= 0 ? y(value + error) - 5 : y(value - error) + 14;
  chart.svg().text(slot.left + slot.width / 2, at, format_value(value), {.size = 11, .anchor = "middle"});
}

}  // namespace

std::string to_svg(const BarFigure& figure, double width_px, double height_px) {
  check(figure);
  const auto colours = colours_of(figure);
  std::vector<LegendEntry> legend;
  for (std::size_t s = 0; s < figure.series.size() && figure.series.size() > 1; ++s) {
    legend.push_back({figure.series[s].name, colours[s].empty() ? "" : colours[s][0], LegendEntry::Mark::bar});
  }
  Chart chart({figure.title, figure.x_label, figure.y_label, figure.footnote}, legend, width_px, height_px);
  const Span span = span_of(figure);
  if (span.empty()) return chart.finish_without_data();
  Axis x, y = make_axis(span, {.ticks = 5});
  chart.draw_axes(figure.categories, x, y);
  const double slot = x(1) - x(0), group = slot * (figure.series.size() == 1 ? 0.62 : 0.82);
  const double width = group / double(figure.series.size()), gap = width > 5 ? 1 : 0;
  for (std::size_t s = 0; s < figure.series.size(); ++s) {
    for (std::size_t i = 0; i < figure.categories.size(); ++i) {
      const double left = x(double(i)) + (slot - group) / 2 + double(s) * width;
      draw_bar(chart, figure, figure.series[s], i, colours[s][i], y, {left + gap / 2, width - gap});
    }
  }
  chart.draw_base_line(y);
  return chart.finish();
}

}  // namespace colonnade
