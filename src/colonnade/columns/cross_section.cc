// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/cross_section.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "colonnade/columns/gaussian_sum.h"
#include "colonnade/columns/local_fit.h"
#include "colonnade/columns/point_grid.h"
#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"

namespace colonnade {
namespace {

// A lone column is taken to have this much room, pixels in units of its width.
constexpr double lone_widths = 4;
constexpr double smallest_width = 0.3;  // pixels
// Distance of an uneven background's nodes, and the width beyond which a constant one is not enough, in spacings.
constexpr double node_spacings = 5, plausible_width = 0.4;

double median(std::vector<double> values) {
  const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::vector<Point> places_of(const Image& image, const std::vector<Column>& columns) {
  require_finite(image, image.title.empty() ? "image" : image.title);
  if (!(image.pixel_size_nm > 0 && std::isfinite(image.pixel_size_nm)))
    fail("cross-sections need the pixel size of the image; give it in nm");
  std::vector<Point> places;
  for (const Column& column : columns) {
    if (!(column.x_px >= -0.5 && column.y_px >= -0.5 && column.x_px <= image.width - 0.5 &&
          column.y_px <= image.height - 0.5))
      fail("column {} at ({:.1f}, {:.1f}) px lies outside the image of {} x {} px; use columns of the same image",
           places.size(), column.x_px, column.y_px, image.width, image.height);
    places.push_back({column.x_px, column.y_px});
  }
  return places;
}

/// Width to begin with: what finding gave, else a quarter of the spacing.
double first_width(const std::vector<Column>& columns, double spacing) {
  std::vector<double> widths;
  for (const Column& column : columns)
    if (column.sigma_px > 0) widths.push_back(column.sigma_px);
  if (!widths.empty()) return median(widths);
  return spacing > 0 ? spacing / 4 : 3;
}

/// `room`: the spacing of the columns; `node_distance`: of an uneven background, 0 for a constant one.
GaussianParameters fit(const Image& image, const std::vector<Point>& places, double width, double room,
                       double node_distance) {
  std::vector<double> reach = nearest_distances(places);
  for (double& distance : reach) distance = 0.49 * std::min(distance, 2 * room);
  GaussianSum sum(image, places, reach, node_distance);
  GaussianParameters best;
  double least = -1;
  // Widths fitted column by column are too small where columns overlap, so larger ones are tried more often.
  for (double factor : {0.7, 1.0, 1.2, 1.5, 2.0}) {
    GaussianParameters tried;
    const double squares = sum.solve_heights(std::max(smallest_width, factor * width), tried);
    if (least >= 0 && squares >= least) continue;
    least = squares;
    best = std::move(tried);
  }
  sum.refine(best, smallest_width, std::max(1.0, room));
  return best;
}

/// The value below which a part of the pixels lies; reorders them.
double quantile(std::vector<float>& values, double part) {
  const auto place = values.begin() + std::ptrdiff_t(double(values.size()) * part);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

/// Median of the field around the columns; NaN where there is hardly any.
double level_of_field(const Image& image, const PointGrid& grid, double spacing) {
  std::vector<float> far;
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      if (grid.nearest({double(x), double(y)}, 1.5 * spacing) < 0) far.push_back(image.at(y, x));
  const bool field = far.size() >= std::max<std::size_t>(50, image.data.size() / 100);
  return field ? quantile(far, 0.5) : std::numeric_limits<double>::quiet_NaN();
}

/// The level of the field around, or else the darkest.
double background_level(const Image& image, const PointGrid& grid, double spacing) {
  const double level = level_of_field(image, grid, spacing);
  if (std::isfinite(level)) return level;
  std::vector<float> values = image.data;
  return quantile(values, 0.02);
}

double spacing_of(const std::vector<Column>& columns, const std::vector<Point>& places) {
  const double spacing = typical_spacing(places);
  return spacing > 0 ? spacing : lone_widths * first_width(columns, 0);
}

}  // namespace

void fit_gaussians(const Image& image, std::vector<Column>& columns, Background background) {
  const std::vector<Point> places = places_of(image, columns);
  if (columns.empty()) return;
  const double spacing = typical_spacing(places), width = first_width(columns, spacing);
  const double room = spacing > 0 ? spacing : lone_widths * width;
  if (background == Background::automatic && image.intensity == "normalised") background = Background::uneven;
  GaussianParameters fitted;
  if (background != Background::uneven) fitted = fit(image, places, width, room, 0);
  const bool too_wide = fitted.width > plausible_width * room;
  if (background == Background::uneven || (background == Background::automatic && too_wide))
    fitted = fit(image, places, width, room, node_spacings * room);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    columns[i].x_px = std::clamp(fitted.places[i].x, 0.0, image.width - 1.0);
    columns[i].y_px = std::clamp(fitted.places[i].y, 0.0, image.height - 1.0);
    columns[i].height = fitted.heights[i];
    columns[i].sigma_px = fitted.width;
    columns[i].cross_section_nm2 =
        2 * std::numbers::pi * std::pow(fitted.width * image.pixel_size_nm, 2) * fitted.heights[i];
    mark_edge(columns[i], image);
  }
}

double field_level(const Image& image, const std::vector<Column>& columns) {
  const std::vector<Point> places = places_of(image, columns);
  if (columns.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double spacing = spacing_of(columns, places);
  return level_of_field(image, PointGrid(places, spacing), spacing);
}

std::vector<double> voronoi_cross_sections(const Image& image, const std::vector<Column>& columns, double radius_nm) {
  const std::vector<Point> places = places_of(image, columns);
  if (!(radius_nm >= 0 && std::isfinite(radius_nm)))
    fail("the radius of Voronoi cells is {} nm; give a length, or 0 to take it from the spacing", radius_nm);
  if (columns.empty()) return {};
  const double spacing = spacing_of(columns, places);
  // The corners of square cells are 0.707 spacings away, those of hexagonal ones 0.577.
  const double radius = radius_nm > 0 ? radius_nm / image.pixel_size_nm : 0.71 * spacing;
  const PointGrid grid(places, spacing);
  const double level = background_level(image, grid, spacing), area = image.pixel_size_nm * image.pixel_size_nm;
  std::vector<double> sections(columns.size(), 0);
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x) {
      const int owner = grid.nearest({double(x), double(y)}, radius);
      if (owner >= 0) sections[owner] += (image.at(y, x) - level) * area;
    }
  return sections;
}

}  // namespace colonnade
