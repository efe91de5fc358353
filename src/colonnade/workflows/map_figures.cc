// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/map_figures.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>

#include "colonnade/report/figure.h"

namespace colonnade {
namespace {

constexpr double alone = 640, three_to_a_row = 315;  // widths in px

bool counted(const ElementMap& map) { return !map.counts.empty(); }

std::string column_text(const ElementMap& map, std::size_t i) {
  const Column& column = map.columns[i];
  std::string text = fmt::format("column {}: x {:.3f} nm, y {:.3f} nm, cross-section {:.3g} nm\u00b2", i + 1,
                                 column.x_px * map.image.pixel_size_nm, column.y_px * map.image.pixel_size_nm,
                                 column.cross_section_nm2);
  for (std::size_t e = 0; counted(map) && e < map.elements.size(); ++e) {
    text += fmt::format(", {} {:.1f}", map.elements[e], map.counts[i][e]);
    if (std::isfinite(map.deviations[i][e])) text += fmt::format(" \u00b1 {:.1f}", map.deviations[i][e]);
  }
  return text;
}

/// Bins of equal width from 0 (or the lowest value) up to the highest.
BarFigure cross_section_histogram(const ElementMap& map) {
  BarFigure figure;
  figure.title = "Scattering cross-sections";
  figure.x_label = "cross-section, 10\u207b\u00b3 nm\u00b2 (lower end of bin)";
  figure.y_label = "columns";
  std::vector<double> values;
  for (const auto& column : map.columns) values.push_back(1000 * column.cross_section_nm2);
  if (values.empty()) return figure;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  constexpr int bins = 12;
  const double start = std::min(0.0, *low), width = std::max(1e-12, (*high - start) / bins);
  std::vector<double> counts(bins);
  for (const double value : values) ++counts[std::min(bins - 1, static_cast<int>((value - start) / width))];
  for (int bin = 0; bin < bins; ++bin) figure.categories.push_back(fmt::format("{:.3g}", start + bin * width));
  figure.series.push_back({"columns", "", counts, {}});
  return figure;
}

BarFigure count_histogram(const ElementMap& map) {
  BarFigure figure;
  figure.title = "Atoms per column";
  figure.x_label = "atoms of the element in the column";
  figure.y_label = "columns";
  int most = 0;
  for (const auto& row : map.counts) {
    for (const double count : row) most = std::max(most, static_cast<int>(std::lround(count)));
  }
  for (int n = 0; n <= most; ++n) figure.categories.push_back(std::to_string(n));
  for (std::size_t e = 0; e < map.elements.size(); ++e) {
    std::vector<double> columns(most + 1);
    for (const auto& row : map.counts) ++columns[std::max(0L, std::lround(row[e]))];
    figure.series.push_back({map.elements[e], element_colour(map.elements[e]), columns, {}});
  }
  return figure;
}

BarFigure composition_bars(const ElementMap& map) {
  const Composition whole = composition(map);
  BarFigure figure;
  figure.title = "Composition";
  figure.y_label = "atomic %";
  Series series;
  for (std::size_t e = 0; e < map.elements.size(); ++e) {
    figure.categories.push_back(map.elements[e]);
    figure.category_colours.push_back(element_colour(map.elements[e]));
    series.values.push_back(100 * whole.fractions[e]);
    series.errors.push_back(100 * whole.deviations[e]);
  }
  if (std::any_of(series.errors.begin(), series.errors.end(), [](double d) { return !std::isfinite(d); })) {
    series.errors.clear();
  }
  figure.series.push_back(series);
  figure.value_labels = true;
  return figure;
}

BarFigure fraction_histogram(const ElementMap& map) {
  BarFigure figure;
  figure.title = "Fraction within columns";
  figure.x_label = "share of the column's atoms, %";
  figure.y_label = "columns";
  constexpr int bins = 10;
  for (int bin = 0; bin < bins; ++bin) figure.categories.push_back(fmt::format("{}\u2013{}", 10 * bin, 10 * bin + 10));
  for (std::size_t e = 0; e < map.elements.size(); ++e) {
    std::vector<double> columns(bins);
    for (const auto& row : map.counts) {
      const double total = std::accumulate(row.begin(), row.end(), 0.0);
      if (total >= 0.5) ++columns[std::min(bins - 1, static_cast<int>(bins * row[e] / total))];
    }
    figure.series.push_back({map.elements[e], element_colour(map.elements[e]), columns, {}});
  }
  return figure;
}

ImageFigure image_figure(const ElementMap& map) {
  ImageFigure figure;
  figure.image = map.image;
  figure.title = fmt::format("Image and its {} columns", map.columns.size());
  for (std::size_t i = 0; i < map.columns.size(); ++i) {
    figure.markers.push_back({map.columns[i].x_px, map.columns[i].y_px, column_text(map, i), ""});
  }
  return figure;
}

/// A map of a number per column: a disc at each column, on pixels fine enough to show it round; the rest blank.
ImageFigure column_map(const ElementMap& map, const std::vector<double>& values, const std::string& title,
                       const std::string& label) {
  const double radius_px = std::max(2.0, 0.07 / map.image.pixel_size_nm);
  const int finer = std::max(1, static_cast<int>(std::lround(8 / radius_px)));
  ImageFigure figure;
  figure.image = Image(finer * map.image.height, finer * map.image.width, map.image.pixel_size_nm / finer);
  std::fill(figure.image.data.begin(), figure.image.data.end(), std::numeric_limits<float>::quiet_NaN());
  figure.title = title;
  figure.colour_map = "viridis";
  figure.colour_bar = true;
  figure.colour_bar_label = label;
  const double radius = finer * radius_px;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double x0 = finer * (map.columns[i].x_px + 0.5) - 0.5, y0 = finer * (map.columns[i].y_px + 0.5) - 0.5;
    for (int y = std::max(0, int(y0 - radius)); y <= std::min(figure.image.height - 1.0, y0 + radius); ++y) {
      for (int x = std::max(0, int(x0 - radius)); x <= std::min(figure.image.width - 1.0, x0 + radius); ++x) {
        if (std::hypot(x - x0, y - y0) <= radius) figure.image.at(y, x) = float(values[i]);
      }
    }
    figure.markers.push_back({x0, y0, column_text(map, i), "none"});
  }
  return figure;
}

double largest_count(const ElementMap& map) {
  double most = 1;
  for (const auto& row : map.counts) {
    for (const double count : row) most = std::max(most, count);
  }
  return std::ceil(most);
}

}  // namespace

Composition composition(const ElementMap& map) {
  Composition whole;
  std::vector<double> sums(map.elements.size()), variances(map.elements.size());
  for (std::size_t i = 0; i < map.counts.size(); ++i) {
    for (std::size_t e = 0; e < sums.size(); ++e) {
      sums[e] += map.counts[i][e];
      variances[e] += map.deviations[i][e] * map.deviations[i][e];
    }
  }
  whole.atoms = std::accumulate(sums.begin(), sums.end(), 0.0);
  for (std::size_t e = 0; e < sums.size(); ++e) {
    whole.fractions.push_back(whole.atoms > 0 ? sums[e] / whole.atoms : 0);
    whole.deviations.push_back(whole.atoms > 0 ? std::sqrt(variances[e]) / whole.atoms : 0);
  }
  return whole;
}

std::string element_map_svg(const ElementMap& map, std::size_t element, const std::string& title, double high) {
  std::vector<double> values;
  for (const auto& row : map.counts) values.push_back(row[element]);
  ImageFigure figure = column_map(map, values, title, "atoms");
  figure.low = 0;
  figure.high = high;
  return to_svg(figure, three_to_a_row);
}

std::vector<NamedFigure> map_figures(const ElementMap& map) {
  std::vector<NamedFigure> figures;
  figures.push_back({"image", "The image as read, with the columns found.", to_svg(image_figure(map), alone)});
  if (!counted(map)) {
    std::vector<double> values;
    for (const auto& column : map.columns) values.push_back(column.cross_section_nm2);
    figures.push_back({"cross_sections", "Cross-section of each column: the intensity integrated over its area.",
                       to_svg(column_map(map, values, "Scattering cross-section", "nm\u00b2"))});
    figures.push_back({"histogram", "Columns by cross-section.", to_svg(cross_section_histogram(map))});
    return figures;
  }
  for (std::size_t e = 0; e < map.elements.size(); ++e) {
    figures.push_back({"map_" + map.elements[e], map.elements[e] + " atoms per column.",
                       element_map_svg(map, e, map.elements[e], largest_count(map))});
  }
  figures.push_back({"histogram", "Columns by number of atoms of each element.", to_svg(count_histogram(map))});
  figures.push_back({"composition",
                     "Composition over all columns; bars are one standard deviation if the columns' errors are "
                     "independent, which is the least they can be.",
                     to_svg(composition_bars(map))});
  figures.push_back(
      {"fractions", "Columns by the share of each element among their atoms.", to_svg(fraction_histogram(map))});
  return figures;
}

}  // namespace colonnade
