// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/column_signals.h"

#include <algorithm>
#include <cmath>
#include <fmt/ranges.h>

#include "colonnade/columns/neighbour_columns.h"
#include "colonnade/core/error.h"

namespace colonnade {
namespace {

// Cells of columns at a particle's rim are cut at this many spacings (see voronoi_cross_sections).
constexpr double cell_spacings = 0.71;
constexpr double lone_radius_nm = 0.15;

void check(const std::vector<Image>& images, const std::vector<SignalKind>& kinds,
           const std::vector<double>& background) {
  if (images.empty()) fail("no image is given; columns are measured in one signal at least");
  if (images.size() != kinds.size())
    fail("{} images do not fit {} signals; give one each", images.size(), kinds.size());
  if (!background.empty() && background.size() != images.size()) {
    fail("{} backgrounds do not fit {} images; give one each, or none", background.size(), images.size());
  }
  for (const Image& image : images) {
    require_finite(image, image.title.empty() ? "image" : image.title);
    if (!(image.pixel_size_nm > 0)) fail("cross-sections need the pixel size of the image; give it in nm");
    if (image.height != images[0].height || image.width != images[0].width ||
        std::abs(image.pixel_size_nm / images[0].pixel_size_nm - 1) > 1e-6) {
      fail("image '{}' differs from '{}' in size or pixel size; bring all signals to one grid", image.title,
           images[0].title);
    }
  }
}

std::vector<Point> places_of(const Image& image, const std::vector<Column>& columns) {
  std::vector<Point> places;
  for (const Column& column : columns) {
    if (!(column.x_px >= -0.5 && column.y_px >= -0.5 && column.x_px <= image.width - 0.5 &&
          column.y_px <= image.height - 0.5)) {
      fail("column {} at ({:.1f}, {:.1f}) px lies outside the image of {} x {} px; use columns of the same image",
           places.size() + 1, column.x_px, column.y_px, image.width, image.height);
    }
    places.push_back({column.x_px, column.y_px});
  }
  return places;
}

/// Adds each pixel of every image to the column that owns it.
void integrate(const std::vector<Image>& images, const std::vector<double>& background, const PointGrid& grid,
               double radius_px, ColumnSignals& signals) {
  const double area = images[0].pixel_size_nm * images[0].pixel_size_nm;
  for (int y = 0; y < images[0].height; ++y) {
    for (int x = 0; x < images[0].width; ++x) {
      const int owner = grid.nearest({double(x), double(y)}, radius_px);
      if (owner < 0) continue;
      for (std::size_t s = 0; s < images.size(); ++s) {
        signals.sections_nm2[owner][s] += (images[s].at(y, x) - (background.empty() ? 0 : background[s])) * area;
      }
    }
  }
}

}  // namespace

std::vector<std::string> names_of(const std::vector<SignalKind>& kinds) {
  std::vector<std::string> names;
  for (const SignalKind& kind : kinds) names.push_back(kind.name);
  return names;
}

std::vector<std::size_t> signal_places(const std::vector<SignalKind>& kinds, const std::vector<std::string>& names) {
  std::vector<std::size_t> places;
  for (const std::string& name : names) {
    const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const SignalKind& k) { return k.name == name; });
    if (found == kinds.end()) fail("there is no signal '{}'; there are {}", name, fmt::join(names_of(kinds), ", "));
    places.push_back(found - kinds.begin());
  }
  return places;
}

ColumnSignals ColumnSignals::only(const std::vector<std::string>& names) const {
  const auto chosen = signal_places(kinds, names);
  ColumnSignals result = *this;
  result.kinds.clear();
  for (const std::size_t s : chosen) result.kinds.push_back(kinds[s]);
  for (std::size_t i = 0; i < size(); ++i) {
    result.sections_nm2[i].clear();
    for (const std::size_t s : chosen) result.sections_nm2[i].push_back(sections_nm2[i][s]);
  }
  return result;
}

ColumnSignals measure_signals(const std::vector<Image>& images, const std::vector<SignalKind>& kinds,
                              const std::vector<Column>& columns, const Conditions& conditions,
                              const std::vector<double>& background) {
  check(images, kinds, background);
  const Image& first = images[0];
  ColumnSignals signals;
  signals.kinds = kinds;
  signals.conditions = conditions;
  signals.sections_nm2.assign(columns.size(), std::vector<double>(images.size(), 0));
  signals.whole.assign(columns.size(), false);
  const std::vector<Point> places = places_of(first, columns);
  double spacing = typical_spacing(places);
  if (spacing == 0) spacing = lone_radius_nm / first.pixel_size_nm / cell_spacings;
  const double radius = cell_spacings * spacing;
  const PointGrid grid(places, spacing);
  if (!places.empty()) integrate(images, background, grid, radius, signals);
  signals.neighbours = neighbour_lists(places, neighbour_spacings * spacing);
  for (std::size_t i = 0; i < places.size(); ++i) {
    signals.positions_nm.push_back({places[i].x * first.pixel_size_nm, places[i].y * first.pixel_size_nm});
    const auto inside = [&](double value, int size) {
      return value >= whole_spacings * spacing && value <= size - 1 - whole_spacings * spacing;
    };
    signals.whole[i] = inside(places[i].x, first.width) && inside(places[i].y, first.height);
  }
  return signals;
}

std::vector<double> neighbour_sum(const std::vector<std::vector<double>>& sections_nm2,
                                  const std::vector<int>& neighbours, std::size_t signals) {
  std::vector<double> sum(signals, 0);
  for (const int other : neighbours) {
    for (std::size_t s = 0; s < signals; ++s) sum[s] += sections_nm2[other][s];
  }
  return sum;
}

std::vector<double> neighbour_sum(const ColumnSignals& signals, std::size_t column) {
  return neighbour_sum(signals.sections_nm2, signals.neighbours[column], signals.kinds.size());
}

double counted_section(double section_nm2, double dose_per_nm2, Random& random) {
  if (!(dose_per_nm2 > 0)) return section_nm2;
  return double(random.poisson(std::max(section_nm2, 0.0) * dose_per_nm2)) / dose_per_nm2;
}

}  // namespace colonnade
