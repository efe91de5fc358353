// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/scatter_figure.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <optional>

#include "colonnade/core/error.h"
#include "colonnade/report/chart.h"
#include "colonnade/report/colour.h"

namespace colonnade {
namespace {

/// Many points are drawn in layers, each one path of translucent dots: where dots of several layers meet it grows
/// darker.
constexpr std::size_t layers = 8, dense = 400;

void check(const ScatterFigure& figure) {
  for (const auto& cloud : figure.clouds) {
    if (cloud.x.size() != cloud.y.size() || (!cloud.texts.empty() && cloud.texts.size() != cloud.x.size())) {
      fail("the cloud '{}' of the figure '{}' has {} x, {} y and {} texts; give as many of each", cloud.name,
           figure.title, cloud.x.size(), cloud.y.size(), cloud.texts.size());
    }
  }
}

std::size_t count_points(const ScatterFigure& figure) {
  std::size_t count = 0;
  for (const auto& cloud : figure.clouds) count += cloud.x.size();
  return count;
}

struct Spans {
  Span x, y;
};

Spans spans_of(const ScatterFigure& figure) {
  Spans spans;
  for (const auto& cloud : figure.clouds) {
    for (std::size_t i = 0; i < cloud.x.size(); ++i) {
      if (!std::isfinite(cloud.x[i]) || !std::isfinite(cloud.y[i])) continue;
      spans.x.include(cloud.x[i]);
      spans.y.include(cloud.y[i]);
    }
  }
  if (figure.diagonal && !spans.x.empty() && !spans.y.empty()) {
    for (const double end : {spans.y.low, spans.y.high}) spans.x.include(end);
    spans.x.whole = spans.x.whole && spans.y.whole;
    spans.y = spans.x;
  }
  return spans;
}

struct Segment {
  double x1, y1, x2, y2;
};

/// The part of a straight line that lies between the axes' ends.
std::optional<Segment> clip(double slope, double intercept, const Axis& x, const Axis& y) {
  double left = x.low, right = x.high;
  if (slope != 0) {
    const double a = (y.low - intercept) / slope, b = (y.high - intercept) / slope;
    left = std::max(left, std::min(a, b));
    right = std::min(right, std::max(a, b));
  } else if (intercept < y.low || intercept > y.high) {
    return std::nullopt;
  }
  if (!(left < right)) return std::nullopt;
  return Segment{x(left), y(intercept + slope * left), x(right), y(intercept + slope * right)};
}

std::string path_of(const Segment& segment) {
  return "M" + coordinate(segment.x1) + " " + coordinate(segment.y1) + "L" + coordinate(segment.x2) + " " +
         coordinate(segment.y2);
}

void draw_diagonal(Svg& svg, const Axis& x, const Axis& y) {
  const auto segment = clip(1, 0, x, y);
  if (segment) svg.line(segment->x1, segment->y1, segment->x2, segment->y2, "guide");
}

void draw_named_points(Svg& svg, const ScatterFigure::Cloud& cloud, const std::string& colour, double radius,
                       const Axis& x, const Axis& y) {
  svg.open("g", {{"fill", colour}, {"fill-opacity", "0.75"}});
  for (std::size_t i = 0; i < cloud.x.size(); ++i) {
    if (!x.shows(cloud.x[i]) || !y.shows(cloud.y[i])) continue;
    svg.element("circle", {{"cx", x(cloud.x[i])}, {"cy", y(cloud.y[i])}, {"r", radius}}, cloud.texts[i]);
  }
  svg.close("g");
}

/// Points offset, offset + stride, ... as round caps of lines without length: far smaller than one element per point.
void draw_layer(Svg& svg, const ScatterFigure::Cloud& cloud, const std::string& colour, std::size_t offset,
                std::size_t stride, double radius, double opacity, const Axis& x, const Axis& y) {
  std::string path;
  for (std::size_t i = offset; i < cloud.x.size(); i += stride) {
    if (!x.shows(cloud.x[i]) || !y.shows(cloud.y[i])) continue;
    path += "M" + coordinate(x(cloud.x[i])) + " " + coordinate(y(cloud.y[i])) + "h0";
  }
  if (path.empty()) return;
  svg.element("path", {{"d", path},
                       {"stroke", colour},
                       {"stroke-width", 2 * radius},
                       {"stroke-opacity", fmt::format("{:.2f}", opacity)},
                       {"stroke-linecap", "round"},
                       {"fill", "none"}});
}

void draw_clouds(Svg& svg, const ScatterFigure& figure, const std::vector<std::string>& colours, std::size_t thinning,
                 const Axis& x, const Axis& y) {
  const std::size_t count = count_points(figure) / thinning;
  const std::size_t layer_count = count > dense ? layers : 1;
  const double radius = count > 4000    ? 1.6
                        : count > dense ? 2
                                        : 3,
               opacity = count > 4000    ? 0.3
                         : count > dense ? 0.4
                                         : 0.75;
  for (std::size_t layer = 0; layer < layer_count; ++layer) {
    for (std::size_t c = 0; c < figure.clouds.size(); ++c) {
      if (!figure.clouds[c].texts.empty() && thinning == 1) continue;
      draw_layer(svg, figure.clouds[c], colours[c], layer * thinning, layer_count * thinning, radius, opacity, x, y);
    }
  }
  for (std::size_t c = 0; c < figure.clouds.size(); ++c) {
    if (!figure.clouds[c].texts.empty() && thinning == 1)
      draw_named_points(svg, figure.clouds[c], colours[c], radius, x, y);
  }
}

void draw_lines(Svg& svg, const ScatterFigure& figure, const std::vector<std::string>& colours, const Axis& x,
                const Axis& y) {
  for (std::size_t i = 0; i < figure.lines.size(); ++i) {
    const auto& line = figure.lines[i];
    const auto segment = clip(line.slope, line.intercept, x, y);
    if (!segment) continue;
    const std::string hover = fmt::format("{}{} + {} x", line.name.empty() ? "" : line.name + ": ",
                                          format_value(line.intercept), format_value(line.slope));
    svg.stroke(path_of(*segment), {.colour = colours[i]}, hover);
  }
}

struct Colours {
  std::vector<std::string> clouds, lines;
};

Colours colours_of(const ScatterFigure& figure) {
  std::vector<std::string> names, given;
  for (const auto& cloud : figure.clouds) {
    names.push_back(cloud.name);
    given.push_back(cloud.colour);
  }
  Colours colours;
  colours.clouds = series_colours(names, given);
  for (const auto& line : figure.lines)
    colours.lines.push_back(line.colour.empty() ? "" : parse_colour(line.colour).hex());
  return colours;
}

std::vector<LegendEntry> legend_of(const ScatterFigure& figure, const Colours& colours) {
  std::vector<LegendEntry> legend;
  for (std::size_t i = 0; i < figure.clouds.size() && figure.clouds.size() + figure.lines.size() > 1; ++i) {
    legend.push_back({figure.clouds[i].name, colours.clouds[i], LegendEntry::Mark::dot});
  }
  for (std::size_t i = 0; i < figure.lines.size(); ++i) {
    legend.push_back({figure.lines[i].name, colours.lines[i], LegendEntry::Mark::line});
  }
  return legend;
}

}  // namespace

std::string to_svg(const ScatterFigure& figure, double width_px, double height_px) {
  check(figure);
  const std::size_t count = count_points(figure),
                    thinning = std::max<std::size_t>(1, (count + most_scatter_points - 1) / most_scatter_points);
  std::string footnote = figure.footnote;
  if (thinning > 1)
    footnote += fmt::format("{}One in {} of {} points is drawn.", footnote.empty() ? "" : " ", thinning, count);
  const Colours colours = colours_of(figure);
  Chart chart({figure.title, figure.x_label, figure.y_label, footnote}, legend_of(figure, colours), width_px,
              height_px);
  const Spans spans = spans_of(figure);
  if (spans.x.empty() || spans.y.empty()) return chart.finish_without_data();
  Axis x = make_axis(spans.x, {.rounded = false, .margin = 0.03}),
       y = make_axis(spans.y, {.rounded = false, .margin = 0.03});
  chart.draw_axes(x, y, figure.diagonal);
  draw_clouds(chart.svg(), figure, colours.clouds, thinning, x, y);
  if (figure.diagonal) draw_diagonal(chart.svg(), x, y);
  draw_lines(chart.svg(), figure, colours.lines, x, y);
  chart.draw_frame();
  return chart.finish();
}

}  // namespace colonnade
