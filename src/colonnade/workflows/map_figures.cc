// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/map_figures.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "colonnade/core/file.h"
#include "colonnade/core/parallel.h"
#include "colonnade/report/figure.h"
#include "colonnade/report/svg.h"
#include "colonnade/workflows/analysis_figures.h"

namespace colonnade {
namespace {

constexpr std::size_t most_texts = 1500;             // with more columns hover texts would make a large file
constexpr double alone = 640, three_to_a_row = 315;  // widths in px
using Part = NamedFigure::Part;

bool counted(const ElementMap& map) { return !map.distributions.empty(); }

std::string interval_text(const CountProbabilities& bars) {
  const Interval one = central_interval(bars, 0.68), two = central_interval(bars, 0.95);
  return fmt::format("68 %: {:.1f} to {:.1f}, 95 %: {:.1f} to {:.1f}", std::max(0.0, one.low), std::max(0.0, one.high),
                     std::max(0.0, two.low), std::max(0.0, two.high));
}

/// Where the column is, and every count with its error.
std::string column_text(const ElementMap& map, std::size_t i) {
  const Column& column = map.columns[i];
  std::string text = fmt::format("column {}: x {:.3f} nm, y {:.3f} nm, cross-section {:.3g} nm\u00b2", i + 1,
                                 column.x_px * map.image.pixel_size_nm, column.y_px * map.image.pixel_size_nm,
                                 column.cross_section_nm2);
  if (!counted(map)) return text;
  const CountDistribution& counts = map.distributions[i];
  for (std::size_t e = 0; e < map.elements.size(); ++e) {
    text += fmt::format("\n{} {:.1f} \u00b1 {:.1f} ({})", map.elements[e], counts.mean[e], counts.deviation(e),
                        interval_text(counts.elements[e]));
  }
  text += fmt::format("\nall {:.1f} ({})", mean_of(counts.total), interval_text(counts.total));
  return counts.flag.empty() ? text : text + "\nleft out of sums: " + counts.flag;
}

/// Bins of equal width from 0 (or the lowest value) up to the highest.
BarFigure cross_section_histogram(const ElementMap& map) {
  BarFigure figure;
  figure.title = "Scattering cross-sections";
  figure.x_label = "cross-section, " + section_unit(map) + " (lower end of bin)";
  figure.y_label = "columns";
  std::vector<double> values;
  for (const auto& column : map.columns) values.push_back(column.cross_section_nm2);
  if (values.empty()) return figure;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  constexpr int bins = 12;
  const double start = std::min(0.0, *low), width = std::max(1e-15, (*high - start) / bins);
  std::vector<double> counts(bins);
  for (const double value : values) ++counts[std::min(bins - 1, static_cast<int>((value - start) / width))];
  for (int bin = 0; bin < bins; ++bin) figure.categories.push_back(fmt::format("{:.3g}", start + bin * width));
  figure.series.push_back({"columns", "", counts, {}});
  return figure;
}

/// What figures show: all of the image, or the columns and a border where these take up much less.
PixelBox frame_of(const ElementMap& map) {
  const PixelBox whole{0, 0, map.image.width, map.image.height};
  if (map.columns.size() < 4) return whole;
  double left = whole.width, top = whole.height, right = 0, bottom = 0;
  for (const Column& column : map.columns) {
    left = std::min(left, column.x_px);
    right = std::max(right, column.x_px);
    top = std::min(top, column.y_px);
    bottom = std::max(bottom, column.y_px);
  }
  const double border = 0.35 / map.image.pixel_size_nm;
  const int x0 = std::max(0, int(left - border)), y0 = std::max(0, int(top - border));
  const int x1 = std::min(whole.width, int(std::ceil(right + border))) - x0,
            y1 = std::min(whole.height, int(std::ceil(bottom + border))) - y0;
  return double(x1) * y1 < 0.7 * whole.width * whole.height ? PixelBox{x0, y0, x1, y1} : whole;
}

/// A map of a number per column: a disc at each.
ImageFigure column_map(const ElementMap& map, const std::vector<double>& values, const std::string& title,
                       const std::string& label) {
  const PixelBox frame = frame_of(map);
  ImageFigure figure;
  figure.image.width = frame.width;
  figure.image.height = frame.height;
  figure.image.pixel_size_nm = map.image.pixel_size_nm;
  figure.title = title;
  figure.colour_map = "viridis";
  figure.colour_bar = true;
  figure.colour_bar_label = label;
  for (std::size_t i = 0; i < values.size(); ++i) {
    figure.discs.push_back({map.columns[i].x_px - frame.left, map.columns[i].y_px - frame.top, values[i]});
  }
  return figure;
}

std::function<std::string(double)> drawn(ImageFigure figure) {
  return [figure = std::move(figure)](double width) { return to_svg(figure, width); };
}

/// From 0 to `high` atoms.
ImageFigure atoms_map(const ElementMap& map, const std::vector<double>& values, const std::string& title, double high,
                      const std::string& colours) {
  ImageFigure figure = column_map(map, values, title, "atoms");
  figure.colour_map = colours;
  figure.low = 0;
  figure.high = high;
  return figure;
}

double largest(const std::vector<std::vector<double>>& maps) {
  double most = 0;
  for (const auto& values : maps) {
    for (const double value : values) most = std::max(most, value);
  }
  return most > 0 ? most : 1;
}

void add_maps(const ElementMap& map, std::vector<NamedFigure>& figures) {
  std::vector<std::vector<double>> means(map.elements.size()), deviations(map.elements.size()), totals(2);
  for (const CountDistribution& counts : map.distributions) {
    for (std::size_t e = 0; e < map.elements.size(); ++e) {
      means[e].push_back(std::max(0.0, counts.mean[e]));
      deviations[e].push_back(counts.deviation(e));
    }
    totals[0].push_back(mean_of(counts.total));
    totals[1].push_back(std::sqrt(variance_of(counts.total)));
  }
  const double most = std::ceil(largest(means)), least_sure = largest(deviations);
  const auto add = [&](Part part, const std::string& name, const std::string& caption, const std::string& title,
                       const std::vector<double>& values, double high) {
    const std::string colours = part == Part::counts ? map.colours.first : map.colours.second;
    figures.push_back({part, name, caption, three_to_a_row, drawn(atoms_map(map, values, title, high, colours))});
  };
  add(Part::counts, "map_total", "Atoms of all elements per column: the particle's thickness.", "All atoms", totals[0],
      std::ceil(largest({totals[0]})));
  add(Part::errors, "map_total_sd", "Standard deviation of the column's total.", "All atoms: uncertainty", totals[1],
      largest({totals[1]}));
  for (std::size_t e = 0; e < map.elements.size(); ++e) {
    const std::string& name = map.elements[e];
    add(Part::counts, "map_" + name, name + " atoms per column.", name, means[e], most);
    add(Part::errors, "map_" + name + "_sd", "Standard deviation of the " + name + " atoms per column.",
        name + ": uncertainty", deviations[e], least_sure);
  }
}

/// The image within the frame, in grey between the darkest and the brightest thousandth.
ImageFigure plain_figure(const ElementMap& map) {
  ImageFigure figure;
  figure.image = crop(map.image, frame_of(map));
  const GreyRange range = grey_range(figure.image);
  if (range.low < range.high) figure.low = range.low, figure.high = range.high;
  return figure;
}

ImageFigure columns_figure(const ElementMap& map) {
  const PixelBox frame = frame_of(map);
  ImageFigure figure = plain_figure(map);
  figure.title = fmt::format("Image and its {} columns", map.columns.size());
  const bool with_text = map.columns.size() <= most_texts;
  for (std::size_t i = 0; i < map.columns.size(); ++i) {
    const bool left_out = counted(map) && !map.distributions[i].flag.empty();
    figure.markers.push_back({map.columns[i].x_px - frame.left, map.columns[i].y_px - frame.top,
                              with_text ? column_text(map, i) : "", left_out ? "#d0402a" : ""});
    if (left_out) figure.footnote = "Red: columns left out of sums and tests.";
  }
  return figure;
}

/// Measured, simulated and residual, the first two in one grey scale.
void add_verification(const ElementMap& map, std::vector<NamedFigure>& figures) {
  const Verification& check = *map.verification;
  const GreyRange range = grey_range(check.measured);
  ImageFigure figure;
  figure.low = range.low;
  figure.high = range.low < range.high ? range.high : range.low + 1;
  figure.image = check.measured;
  figure.title = "Measured";
  figures.push_back({Part::verification, "verify_measured", "The image as read.", three_to_a_row, drawn(figure)});
  figure.image = check.simulated;
  figure.title = "Simulated from the model";
  figures.push_back({Part::verification, "verify_simulated", "The model's image.", three_to_a_row, drawn(figure)});
  figure.image = check.residual;
  figure.title = "Measured \u2212 simulated";
  figure.colour_map = "difference";
  figure.colour_bar = true;
  figure.high = 0.5 * (figure.high - range.low);
  figure.low = -figure.high;
  figures.push_back({Part::verification, "verify_residual", "Their difference.", three_to_a_row, drawn(figure)});
}

void add_cross_sections(const ElementMap& map, std::vector<NamedFigure>& figures) {
  std::vector<double> values;
  for (const auto& column : map.columns) values.push_back(column.cross_section_nm2);
  figures.push_back({Part::statistics, "cross_sections",
                     "Cross-section of each column: the intensity integrated over its area.", 480,
                     drawn(column_map(map, values, "Scattering cross-section", section_unit(map)))});
  figures.push_back(
      {Part::statistics, "histogram", "Columns by cross-section.", 480,
       [figure = cross_section_histogram(map)](double width) { return to_svg(figure, width, 0.625 * width); }});
}

}  // namespace

std::string section_unit(const ElementMap& map) {
  return map.image.intensity == "fraction of beam" ? "nm\u00b2" : "intensity x nm\u00b2";
}

std::string columns_svg(const ElementMap& map) { return to_svg(columns_figure(map), alone); }

std::string element_map_svg(const ElementMap& map, std::size_t element, const std::string& title, double high) {
  std::vector<double> values;
  for (const auto& counts : map.distributions) values.push_back(std::max(0.0, counts.mean[element]));
  return to_svg(atoms_map(map, values, title, high, map.colours.first), three_to_a_row);
}

std::vector<NamedFigure> map_figures(const ElementMap& map, const ParticleAnalysis& analysis) {
  std::vector<NamedFigure> figures;
  figures.push_back({Part::image, "image", "The image as read.", alone, drawn(plain_figure(map))});
  figures.push_back({Part::image, "columns", "The image with the columns found.", alone, drawn(columns_figure(map))});
  if (!counted(map)) {
    add_cross_sections(map, figures);
    return figures;
  }
  add_maps(map, figures);
  for (auto& figure : analysis_figures(analysis)) figures.push_back(std::move(figure));
  if (map.verification) add_verification(map, figures);
  return figures;
}

void write_figures(const std::filesystem::path& folder, const std::vector<NamedFigure>& figures,
                   const FigureOptions& options) {
  if (options.formats.empty()) return;
  std::filesystem::create_directories(folder);
  const double width_px = width_for_paper(options.width_mm, options.font_size_pt);
  const auto wanted = [&](const char* format) {
    return std::find(options.formats.begin(), options.formats.end(), format) != options.formats.end();
  };
  parallel_for(std::ssize(figures), [&](std::int64_t i, int) {
    const std::string svg = with_width_mm(figures[std::size_t(i)].draw(width_px), options.width_mm);
    const auto path = folder / figures[std::size_t(i)].name;
    if (wanted("svg")) write_file(path.string() + ".svg", svg);
    if (wanted("pdf")) write_pdf(path.string() + ".pdf", svg);
    if (wanted("png")) write_png(path.string() + ".png", svg, options.dpi / 96);  // CSS px per inch
  });
}

}  // namespace colonnade
