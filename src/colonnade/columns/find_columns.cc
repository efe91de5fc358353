// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/find_columns.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <tuple>

#include "colonnade/columns/local_fit.h"
#include "colonnade/columns/point_grid.h"
#include "colonnade/columns/spacing.h"
#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/image/filter.h"

namespace colonnade {
namespace {

// Columns stand 0.07 nm (light dumbbells) to 0.8 nm apart; without a visible repeat they are looked for as if at the
// usual distance in metals.
constexpr double smallest_spacing_nm = 0.07, largest_spacing_nm = 0.8, usual_spacing_nm = 0.24;
constexpr double smallest_spacing_px = 3;
// Scale of the filter in units of the columns' width: fine enough that a bright neighbour's dark ring does not swallow
// a weak column (a column 20 times brighter, at 3.5 widths, does at 1.0 and does not at 0.65), coarser where the
// columns' significance is below that of a clean image.
constexpr double finest_filter = 0.65, coarsest_filter = 1, clean_significance = 15;
// Candidates nearer to each other than this fraction of the spacing are one column.
constexpr double exclusion = 0.55;
// Scale of the filter that steadies the places, in widths, and how far they may go, in spacings; columns within so many
// widths of the image's edge are settled by a fit instead.
constexpr double steadying_filter = 1.3, steadying_reach = 0.25, settled_widths = 1.5;
// A column is fitted within this fraction of the spacing.
constexpr double fit_radius = 0.5;
// Smallest significance of the height against the residual around: one false column in 3 10^6 places of white noise, in
// 3 10^5 where a repeat says that there are columns, and in 4 10^3 of the places as bright as half a strong column.
constexpr double least_significance = 5, significance_with_repeat = 4.5, significance_if_bright = 3.5;
constexpr double bright_response = 0.5;
// Smallest correlation of the slightly smoothed image with a Gaussian together with the smallest response in units of
// that of the strong columns; fainter ones (single atoms at the particle's rim) have to be better shaped.
constexpr double least_correlation = 0.35, least_response = 0.055;
constexpr double faint_correlation = 0.6, faint_response = 0.015;
// Without a repeat, bright spots have to be this much stronger than the image's dark spots.
constexpr double over_dark_spots = 1.3;

struct Candidate {
  Point place;
  double response = 0;
  LocalFit fit;
  double correlation = 0;  ///< of the smoothed image with the shape
};

/// Difference of Gaussians, proportional to minus the Laplacian of a Gaussian of the given scale.
Image band_pass(const Image& image, double scale_px) {
  constexpr double ratio = 1.2;
  Image fine = gaussian_filter(image, scale_px / ratio);
  const Image coarse = gaussian_filter(fine, scale_px * std::sqrt(ratio * ratio - 1 / (ratio * ratio)));
  for (std::size_t i = 0; i < fine.data.size(); ++i) fine.data[i] -= coarse.data[i];
  return fine;
}

/// Sub-pixel place of the maximum at a pixel from the parabolas along both axes.
Point refined(const Image& image, int y, int x) {
  const auto offset = [](double before, double here, double after) {
    const double bend = before - 2 * here + after;
    return bend < 0 ? std::clamp(0.5 * (before - after) / bend, -0.5, 0.5) : 0.0;
  };
  const bool inside_x = x > 0 && x<image.width - 1, inside_y = y> 0 && y < image.height - 1;
  const double dx = inside_x ? offset(image.at(y, x - 1), image.at(y, x), image.at(y, x + 1)) : 0;
  const double dy = inside_y ? offset(image.at(y - 1, x), image.at(y, x), image.at(y + 1, x)) : 0;
  return {x + dx, y + dy};
}

bool is_highest(const Image& image, int y, int x) {
  const float here = image.at(y, x);
  for (int j = std::max(0, y - 1); j <= std::min(image.height - 1, y + 1); ++j)
    for (int i = std::max(0, x - 1); i <= std::min(image.width - 1, x + 1); ++i) {
      const bool earlier = j < y || (j == y && i < x);
      if (image.at(j, i) > here || (earlier && image.at(j, i) == here)) return false;
    }
  return true;
}

/// Leaves out what is nearer than the distance to something stronger that stays.
std::vector<Candidate> apart(std::vector<Candidate> all, double distance_px) {
  std::sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
    return std::tuple(-a.response, a.place.y, a.place.x) < std::tuple(-b.response, b.place.y, b.place.x);
  });
  std::vector<Point> places;
  places.reserve(all.size());
  for (const Candidate& candidate : all) places.push_back(candidate.place);
  const PointGrid grid(places, distance_px);
  std::vector<char> kept(all.size(), 0);
  std::vector<Candidate> left;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::vector<int> near = grid.within(places[i], distance_px);
    if (std::any_of(near.begin(), near.end(), [&](int other) { return kept[other]; })) continue;
    kept[i] = 1;
    left.push_back(all[i]);
  }
  return left;
}

/// Maxima of the response above 0, strongest first, none nearer to a stronger one than `distance_px`.
std::vector<Candidate> candidates(const Image& response, double distance_px) {
  std::vector<Candidate> all;
  for (int y = 0; y < response.height; ++y)
    for (int x = 0; x < response.width; ++x)
      if (response.at(y, x) > 0 && is_highest(response, y, x))
        all.push_back({refined(response, y, x), response.at(y, x), {}, 0});
  return apart(std::move(all), distance_px);
}

double quantile(std::vector<double> values, double fraction) {
  if (values.empty()) return 0;
  const auto place = values.begin() + std::ptrdiff_t(fraction * double(values.size() - 1));
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

struct Shape {
  double width_px = 0;      ///< 0: nothing in the image
  double significance = 0;  ///< median of the strong columns'
};

/// The one Gaussian that suits the strongest candidates best.
Shape column_shape(const Image& image, double spacing_px) {
  const Image response = band_pass(image, std::max(0.7, 0.15 * spacing_px));
  std::vector<Candidate> found = candidates(response, exclusion * spacing_px);
  std::vector<double> strengths;
  strengths.reserve(found.size());
  for (const Candidate& candidate : found) strengths.push_back(candidate.response);
  // Of the strongest few (the background has maxima in any number) those at least half as strong.
  const std::size_t few = std::max<std::size_t>(5, strengths.size() / 50);
  const double strong = strengths.empty() ? 0 : strengths[std::min(few, strengths.size() - 1)];
  std::vector<Point> places;
  for (const Candidate& candidate : found)
    if (candidate.response >= 0.5 * strong && places.size() < 400) places.push_back(candidate.place);
  Shape shape;
  shape.width_px = common_width(image, places, 0.12 * spacing_px, 0.45 * spacing_px, fit_radius * spacing_px);
  if (shape.width_px == 0) return shape;
  std::vector<double> significances;
  significances.reserve(places.size());
  for (const Point& place : places)
    significances.push_back(fit_locally(image, place, shape.width_px, fit_radius * spacing_px).significance);
  shape.significance = quantile(significances, 0.5);
  return shape;
}

double filter_scale(const Shape& shape) {
  const double noisy = std::sqrt(clean_significance / std::max(1e-3, shape.significance));
  return shape.width_px * std::clamp(finest_filter * noisy, finest_filter, coarsest_filter);
}

bool stands_out(const Candidate& candidate, const FindColumnsOptions& options, bool repeat) {
  if (!(candidate.fit.height > 0)) return false;
  if (options.threshold > 0) return candidate.fit.height >= options.threshold * candidate.fit.noise;
  return candidate.fit.significance >= (repeat ? significance_if_bright : least_significance) &&
         candidate.correlation >= least_correlation;
}

/// Leaves out what is faint beside the strong columns and, in an image without a repeat, beside its dark spots.
void drop_faint(const Image& response, const Spacing& spacing, std::vector<Candidate>& found) {
  std::vector<double> strengths;
  for (const Candidate& candidate : found)
    if (candidate.fit.significance >= significance_with_repeat) strengths.push_back(candidate.response);
  const double strong = quantile(strengths, 0.75);
  const double dark = spacing.spacing_px == 0 ? over_dark_spots * -double(extremes(response).low) : 0;
  std::erase_if(found, [&](const Candidate& candidate) {
    const bool bright = strong > 0 && candidate.response >= bright_response * strong;
    if (!bright && candidate.fit.significance < significance_with_repeat) return true;
    const double least = candidate.correlation >= faint_correlation ? faint_response : least_response;
    return candidate.response < std::max(dark, least * strong);
  });
}

bool near_edge(const Image& image, const Point& place, double distance) {
  return place.x < distance || place.y < distance || place.x > image.width - 1 - distance ||
         place.y > image.height - 1 - distance;
}

/// A maximum of the filter near the image's edge may be pulled there by the reflection, or belong to a column outside:
/// its place is fitted again with the pixels there are.
void settle_at_edge(const Image& image, double width_px, double radius_px, Candidate& candidate) {
  const Point from = candidate.place;
  const double near = settled_widths * width_px;
  if (!near_edge(image, from, near)) return;
  double least = fit_locally(image, from, width_px, radius_px).residual;
  double step = 1;
  while (step > 0.05) {
    bool moved = false;
    for (const auto& [dx, dy] : {std::pair(step, 0.0), {-step, 0.0}, {0.0, step}, {0.0, -step}}) {
      const Point next{candidate.place.x + dx, candidate.place.y + dy};
      if (std::hypot(next.x - from.x, next.y - from.y) > near) continue;
      const LocalFit fit = fit_locally(image, next, width_px, radius_px, &from);
      if (!(fit.residual < least && fit.height > 0)) continue;
      least = fit.residual;
      candidate.place = next;
      moved = true;
    }
    if (!moved) step /= 2;
  }
}

void measure(const Image& image, double width_px, double radius_px, std::vector<Candidate>& found) {
  const double smoothing = 0.5 * width_px;
  const Image smooth = gaussian_filter(image, smoothing);
  const double smooth_width = std::hypot(width_px, smoothing);
  parallel_for(std::int64_t(found.size()), [&](std::int64_t i, int) {
    Candidate& candidate = found[i];
    settle_at_edge(image, width_px, radius_px, candidate);
    candidate.fit = fit_locally(image, candidate.place, width_px, radius_px);
    candidate.correlation = fit_locally(smooth, candidate.place, smooth_width, radius_px).correlation;
  });
}

/// Uphill from pixel to pixel, to the next maximum.
Point climb(const Image& image, const Point& from) {
  int x = std::clamp(int(std::lround(from.x)), 0, image.width - 1);
  int y = std::clamp(int(std::lround(from.y)), 0, image.height - 1);
  for (;;) {
    int best_x = x, best_y = y;
    for (int j = std::max(0, y - 1); j <= std::min(image.height - 1, y + 1); ++j)
      for (int i = std::max(0, x - 1); i <= std::min(image.width - 1, x + 1); ++i)
        if (image.at(j, i) > image.at(best_y, best_x)) best_x = i, best_y = j;
    if (best_x == x && best_y == y) return refined(image, y, x);
    x = best_x, y = best_y;
  }
}

/// The fine filter that tells columns apart follows the streaks of a drifting scan; a coarser one steadies the places
/// where its maximum is the same column's and the pixels agree better with it (beside a brighter neighbour they do
/// not).
void steady(const Image& image, double width_px, double spacing_px, std::vector<Candidate>& found) {
  const Image coarse = band_pass(image, steadying_filter * width_px);
  for (Candidate& candidate : found) {
    if (near_edge(image, candidate.place, settled_widths * width_px)) continue;
    const Point place = climb(coarse, candidate.place);
    const double moved = std::hypot(place.x - candidate.place.x, place.y - candidate.place.y);
    if (moved > steadying_reach * spacing_px) continue;
    const LocalFit there = fit_locally(image, place, width_px, fit_radius * spacing_px, &candidate.place);
    if (there.height > 0 && there.residual < candidate.fit.residual) candidate.place = place;
  }
}

bool inside(const Image& image, const Point& place) {
  return place.x >= -0.5 && place.y >= -0.5 && place.x <= image.width - 0.5 && place.y <= image.height - 0.5;
}

std::vector<Column> to_columns(const std::vector<Candidate>& found, const Image& image, double width_px) {
  std::vector<Column> columns;
  for (const Candidate& candidate : found) {
    Column column;
    column.x_px = std::clamp(candidate.place.x, 0.0, image.width - 1.0);
    column.y_px = std::clamp(candidate.place.y, 0.0, image.height - 1.0);
    column.height = candidate.fit.height;
    column.sigma_px = width_px;
    column.cross_section_nm2 =
        2 * std::numbers::pi * width_px * width_px * column.height * image.pixel_size_nm * image.pixel_size_nm;
    mark_edge(column, image);
    columns.push_back(column);
  }
  std::sort(columns.begin(), columns.end(),
            [](const Column& a, const Column& b) { return std::tie(a.y_px, a.x_px) < std::tie(b.y_px, b.x_px); });
  return columns;
}

Spacing spacing_of(const Image& image, const FindColumnsOptions& options) {
  const double pixel = image.pixel_size_nm;
  if (options.spacing_nm > 0) return {options.spacing_nm / pixel, 1, 0};
  return estimate_spacing(image, std::max(smallest_spacing_px, smallest_spacing_nm / pixel),
                          largest_spacing_nm / pixel);
}

double spacing_or_usual(const Image& image, const Spacing& spacing) {
  const double usual = usual_spacing_nm / image.pixel_size_nm;
  return std::max(smallest_spacing_px, spacing.spacing_px > 0 ? spacing.spacing_px : usual);
}

}  // namespace

void FindColumnsOptions::describe(OptionTable& table, const std::string& section) {
  table.add(section + ".spacing", &spacing_nm, "nm",
            "smallest distance between columns; 0: from the image's own autocorrelation");
  table.add(section + ".threshold", &threshold, "",
            "smallest height of a column in units of the noise around it; 0: chosen from the image");
}

void FindColumnsOptions::check() const {
  if (!(spacing_nm >= 0 && spacing_nm <= 10))
    fail("columns.spacing is {} nm; give the smallest distance between columns, or 0 to find it", spacing_nm);
  if (!(threshold >= 0 && std::isfinite(threshold)))
    fail("columns.threshold is {}; give a height in units of the noise, or 0 to choose it", threshold);
}

std::vector<Column> find_columns(const Image& image, const FindColumnsOptions& options) {
  options.check();
  require_finite(image, image.title.empty() ? "image" : image.title);
  if (!(image.pixel_size_nm > 0 && std::isfinite(image.pixel_size_nm)))
    fail("columns cannot be looked for without the pixel size of the image; give it in nm");
  const Spacing spacing = spacing_of(image, options);
  const double spacing_px = spacing_or_usual(image, spacing);
  if (spacing_px > std::max(image.height, image.width)) return {};  // a part of one column at most
  const Shape shape = column_shape(image, spacing_px);
  if (shape.width_px == 0) return {};
  const Image response = band_pass(image, filter_scale(shape));
  std::vector<Candidate> found = candidates(response, exclusion * spacing_px);
  measure(image, shape.width_px, fit_radius * spacing_px, found);
  std::erase_if(found, [&](const Candidate& candidate) {
    return !inside(image, candidate.place) || !stands_out(candidate, options, spacing.spacing_px > 0);
  });
  steady(image, shape.width_px, spacing_px, found);
  found = apart(std::move(found), exclusion * spacing_px);
  if (options.threshold == 0) drop_faint(response, spacing, found);
  return to_columns(found, image, shape.width_px);
}

}  // namespace colonnade
