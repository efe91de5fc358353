// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/line_figure.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/report/chart.h"
#include "colonnade/report/colour.h"

namespace colonnade {
namespace {

void check(const LineFigure& figure) {
  for (const auto& line : figure.lines) {
    const bool banded = !line.low.empty() || !line.high.empty();
    const bool band_fits = !banded || (line.low.size() == line.x.size() && line.high.size() == line.x.size());
    if (line.x.size() != line.y.size() || !band_fits) {
      fail("the line '{}' of the figure '{}' has {} x, {} y and a band of {} and {} values; give as many of each",
           line.name, figure.title, line.x.size(), line.y.size(), line.low.size(), line.high.size());
    }
    if (!line.hovers.empty() && line.hovers.size() != line.x.size()) {
      fail("the line '{}' of the figure '{}' has {} hover texts for {} points", line.name, figure.title,
           line.hovers.size(), line.x.size());
    }
  }
}

bool drawable(double value, bool logarithmic) { return std::isfinite(value) && (!logarithmic || value > 0); }

struct Spans {
  Span x, y;
};

Spans spans_of(const LineFigure& figure) {
  Spans spans;
  for (const auto& line : figure.lines) {
    for (std::size_t i = 0; i < line.x.size(); ++i) {
      if (!drawable(line.x[i], figure.logarithmic_x) || !drawable(line.y[i], figure.logarithmic_y)) continue;
      spans.x.include(line.x[i]);
      spans.y.include(line.y[i]);
      if (line.low.empty()) continue;
      if (drawable(line.low[i], figure.logarithmic_y)) spans.y.include(line.low[i]);
      if (drawable(line.high[i], figure.logarithmic_y)) spans.y.include(line.high[i]);
    }
  }
  if (spans.y.empty()) return spans;
  for (const auto& level : figure.levels) {
    if (drawable(level.y, figure.logarithmic_y)) spans.y.include(level.y);
  }
  return spans;
}

std::string point(double x, double y) { return coordinate(x) + " " + coordinate(y); }

/// A path through the points with gaps where a value cannot be drawn; a point alone between gaps is a dot.
std::string path_of(const LineFigure::Line& line, const Axis& x, const Axis& y) {
  std::string path;
  bool down = false;
  for (std::size_t i = 0; i < line.x.size(); ++i) {
    if (!x.shows(line.x[i]) || !y.shows(line.y[i])) {
      down = false;
      continue;
    }
    path += (down ? "L" : "M") + point(x(line.x[i]), y(line.y[i]));
    const bool last = i + 1 == line.x.size() || !x.shows(line.x[i + 1]) || !y.shows(line.y[i + 1]);
    if (!down && last) path += "h0";
    down = true;
  }
  return path;
}

std::string band_of(const LineFigure::Line& line, const Axis& x, const Axis& y) {
  std::string upper, lower;
  const auto close = [&] { return upper.empty() ? "" : "M" + upper.substr(1) + lower + "Z"; };
  std::string path;
  for (std::size_t i = 0; i < line.low.size(); ++i) {
    if (!x.shows(line.x[i]) || !y.shows(line.high[i]) || !y.shows(line.low[i])) {
      path += close();
      upper.clear();
      lower.clear();
      continue;
    }
    upper += "L" + point(x(line.x[i]), y(line.high[i]));
    lower.insert(0, "L" + point(x(line.x[i]), y(line.low[i])));
  }
  return path + close();
}

void draw_lines(Svg& svg, const LineFigure& figure, const std::vector<std::string>& colours, const Axis& x,
                const Axis& y) {
  for (std::size_t i = 0; i < figure.lines.size(); ++i) {
    const std::string band = band_of(figure.lines[i], x, y);
    if (!band.empty()) svg.element("path", {{"d", band}, {"fill", colours[i]}, {"fill-opacity", "0.18"}});
  }
  for (std::size_t i = 0; i < figure.lines.size(); ++i) {
    const auto& line = figure.lines[i];
    const std::string path = path_of(line, x, y);
    if (path.empty()) continue;
    svg.stroke(path, {.colour = colours[i], .dashed = line.dashed}, line.name);
    for (std::size_t k = 0; k < line.hovers.size(); ++k) {
      if (!x.shows(line.x[k]) || !y.shows(line.y[k])) continue;
      svg.element("circle", {{"cx", x(line.x[k])}, {"cy", y(line.y[k])}, {"r", 3.5}, {"fill", colours[i]}},
                  line.hovers[k]);
    }
  }
}

/// Names stand at the right end above their line; where two would meet, the lower one goes below its line.
void draw_levels(Chart& chart, const LineFigure& figure, const Axis& y) {
  std::vector<LineFigure::Level> levels;
  for (const auto& level : figure.levels) {
    if (y.shows(level.y)) levels.push_back(level);
  }
  std::sort(levels.begin(), levels.end(), [](const auto& a, const auto& b) { return a.y > b.y; });
  double taken = -1e9;
  for (const auto& level : levels) {
    const double at = y(level.y);
    chart.svg().line(chart.plot().left, at, chart.plot().right, at, "guide");
    double base = at - 4;
    if (base - 11 < taken || base - 11 < chart.plot().top - 4) base = std::max(at, taken) + 13;
    taken = base;
    chart.svg().text(chart.plot().right - 2, base, level.text,
                     {.size = 10.5, .anchor = "end", .theme = "muted", .halo = true});
  }
}

}  // namespace

std::string to_svg(const LineFigure& figure, double width_px, double height_px) {
  check(figure);
  std::vector<std::string> names, given;
  for (const auto& line : figure.lines) {
    names.push_back(line.name);
    given.push_back(line.colour);
  }
  const auto colours = series_colours(names, given);
  std::vector<LegendEntry> legend;
  for (std::size_t i = 0; i < figure.lines.size() && figure.lines.size() > 1; ++i) {
    legend.push_back(
        {names[i], colours[i], figure.lines[i].dashed ? LegendEntry::Mark::dashes : LegendEntry::Mark::line});
  }
  Chart chart({figure.title, figure.x_label, figure.y_label, figure.footnote}, legend, width_px, height_px);
  const Spans spans = spans_of(figure);
  if (spans.x.empty() || spans.y.empty()) return chart.finish_without_data();
  Axis x = make_axis(spans.x, {.logarithmic = figure.logarithmic_x, .rounded = false, .margin = 0}),
       y = make_axis(spans.y, {.ticks = 5, .logarithmic = figure.logarithmic_y});
  chart.draw_axes(x, y);
  draw_lines(chart.svg(), figure, colours, x, y);
  draw_levels(chart, figure, y);
  chart.draw_frame();
  return chart.finish();
}

}  // namespace colonnade
