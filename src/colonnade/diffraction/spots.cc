// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/diffraction/spots.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "colonnade/core/error.h"
#include "colonnade/diffraction/pattern_centre.h"
#include "colonnade/diffraction/radial_background.h"
#include "colonnade/diffraction/spot_fit.h"
#include "colonnade/image/filter.h"

namespace colonnade {
namespace {

constexpr double start_width = 1.5, least_width = 0.4;
constexpr double fit_radius = 2.5;  ///< of spots' widths, and a pixel
constexpr double sum_radius = 3;    ///< of the fitted axes
constexpr double most_elongated = 4;
constexpr std::size_t few_for_width = 3, many_for_width = 24;

struct Candidate {
  int x = 0, y = 0;
  double significance = 0;
};

/// Local maxima of the blurred pattern less its background, over the scatter at their radius.
std::vector<Candidate> maxima(const Image& image, const PatternMask& mask, const PatternCentre& centre, double blur_px,
                              double inner_px, double threshold) {
  const RadialBackground raw = radial_background(image, mask, centre);
  const Image smooth = gaussian_filter(without_radial(image, mask, centre, raw), blur_px);
  const RadialBackground background = radial_background(smooth, mask, centre);
  const Extremes range = extremes(image);
  const double least_noise = 1e-6 * (range.high - range.low);
  std::vector<Candidate> found;
  for (int y = 1; y + 1 < image.height; ++y) {
    for (int x = 1; x + 1 < image.width; ++x) {
      const double r = std::hypot(y - centre.y_px, x - centre.x_px);
      if (r < inner_px || !mask.at(image, y, x)) continue;
      const double noise = std::max(background.deviation(r), least_noise);
      const double significance = (smooth.at(y, x) - background.level(r)) / noise;
      if (significance < threshold) continue;
      bool highest = true;
      for (int v = y - 1; v <= y + 1 && highest; ++v) {
        for (int u = x - 1; u <= x + 1; ++u) {
          const bool before = v < y || (v == y && u < x);
          highest = highest && ((v == y && u == x) || smooth.at(v, u) < smooth.at(y, x) ||
                                (!before && smooth.at(v, u) == smooth.at(y, x)));
        }
      }
      if (highest) found.push_back({x, y, significance});
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& one, const auto& other) { return one.significance > other.significance; });
  return found;
}

double width_of(const SpotShape& shape) {
  return std::pow(std::max(shape.xx * shape.yy - shape.xy * shape.xy, 1e-12), 0.25);
}

double elongation_of(const SpotShape& shape) {
  const double middle = (shape.xx + shape.yy) / 2, off = std::hypot((shape.xx - shape.yy) / 2, shape.xy);
  return std::sqrt((middle + off) / std::max(middle - off, 1e-12));
}

/// The sum above the ground within three widths, and its error from the scatter about the fit and of the ground.
void set_intensity(const Image& image, const PatternMask& mask, const SpotShape& shape, Spot& spot) {
  const double determinant = shape.xx * shape.yy - shape.xy * shape.xy;
  const double reach = sum_radius * std::sqrt(std::max(shape.xx, shape.yy));
  double sum = 0, pixels = 0;
  for (int y = std::max(0, int(shape.y - reach)); y <= std::min(image.height - 1, int(shape.y + reach) + 1); ++y) {
    for (int x = std::max(0, int(shape.x - reach)); x <= std::min(image.width - 1, int(shape.x + reach) + 1); ++x) {
      const double dx = x - shape.x, dy = y - shape.y;
      const double off = (shape.yy * dx * dx - 2 * shape.xy * dx * dy + shape.xx * dy * dy) / determinant;
      if (off > sum_radius * sum_radius || !mask.at(image, y, x)) continue;
      sum += image.at(y, x) - shape.ground, ++pixels;
      const std::size_t at = std::size_t(y) * image.width + x;
      spot.saturated = spot.saturated || mask.saturated[at] != 0;
    }
  }
  spot.intensity = sum;
  // The ground is a mean over about as many pixels, so its error counts once more.
  spot.intensity_error = shape.residual * std::sqrt(2 * std::max(pixels, 1.0));
}

std::optional<Spot> measured(const Image& image, const PatternMask& mask, const Candidate& candidate, double width,
                             const std::vector<Candidate>& all) {
  const double radius = fit_radius * width + 1;
  std::vector<Vector2> others;
  for (const Candidate& other : all) {
    const double apart = std::hypot(other.x - candidate.x, other.y - candidate.y);
    if (apart > 0 && apart < 2 * radius) others.push_back({double(other.x), double(other.y)});
  }
  const auto shape = fit_spot(image, mask, {double(candidate.x), double(candidate.y)}, width, radius, others);
  if (!shape) return {};
  Spot spot;
  spot.x_px = shape->x, spot.y_px = shape->y;
  spot.position_error_px = std::max(shape->x_error, shape->y_error);
  spot.height = shape->height;
  spot.width_px = width_of(*shape);
  spot.elongation = elongation_of(*shape);
  spot.significance = candidate.significance;
  if (spot.width_px < least_width || spot.width_px > 3 * width || spot.elongation > most_elongated) return {};
  if (shape->height < 2 * shape->residual) return {};
  set_intensity(image, mask, *shape, spot);
  if (!(spot.intensity > 0)) return {};
  return spot;
}

/// The usual width, by the most significant candidates.
double usual_width(const Image& image, const PatternMask& mask, const std::vector<Candidate>& candidates) {
  std::vector<double> widths;
  for (std::size_t i = 0; i < std::min(candidates.size(), many_for_width); ++i) {
    for (const double start : {start_width, 2 * start_width}) {
      const auto spot = measured(image, mask, candidates[i], start, candidates);
      if (!spot) continue;
      widths.push_back(spot->width_px);
      break;
    }
  }
  if (widths.size() < few_for_width) return start_width;
  const auto middle = widths.begin() + std::ptrdiff_t(widths.size() / 2);
  std::nth_element(widths.begin(), middle, widths.end());
  return std::clamp(*middle, 0.6, 12.0);
}

/// Fits that ran to the same place are one; spots that touch are marked.
void settle_neighbours(std::vector<Spot>& spots) {
  std::vector<Spot> kept;
  for (const Spot& spot : spots) {
    bool twin = false;
    for (Spot& other : kept) {
      const double apart = std::hypot(spot.x_px - other.x_px, spot.y_px - other.y_px);
      const double width = (spot.width_px + other.width_px) / 2;
      twin = twin || apart < std::max(0.8 * width, 0.7);
    }
    if (!twin) kept.push_back(spot);
  }
  for (Spot& spot : kept) {
    for (const Spot& other : kept) {
      const double apart = std::hypot(spot.x_px - other.x_px, spot.y_px - other.y_px);
      if (&spot != &other && apart < 2.5 * (spot.width_px + other.width_px) / 2 + 1) spot.split = true;
    }
  }
  spots = std::move(kept);
}

}  // namespace

void FindSpotsOptions::describe(OptionTable& table, const std::string& section) {
  table.add(section + ".threshold", &threshold, "", "Least height of a spot over the scatter at its radius");
  table.add(section + ".spot_width", &width_px, "px", "Standard deviation of a spot; 0: from the pattern");
  table.add(section + ".most_spots", &most, "", "So many of the most significant spots are kept");
  table.add(section + ".centre_radius", &centre_radius_px, "px",
            "No spot is looked for nearer to the centre; 0: from the central disc");
}

void FindSpotsOptions::check() const {
  if (!(threshold > 0 && std::isfinite(threshold))) fail("--threshold is {}; it must be positive", threshold);
  if (!(width_px >= 0 && width_px <= 50)) fail("--spot-width is {} px; give 0 to 50", width_px);
  if (most < 1) fail("--most-spots is {}; keep at least one", most);
  if (!(centre_radius_px >= 0 && std::isfinite(centre_radius_px)))
    fail("--centre-radius is {} px; it must be 0 or more", centre_radius_px);
}

SpotList find_spots(const Image& image, const PatternMask& mask, const PatternCentre& centre,
                    const FindSpotsOptions& options) {
  options.check();
  SpotList list;
  list.centre_radius_px = options.centre_radius_px > 0
                              ? options.centre_radius_px
                              : std::max(2.0, 1.3 * central_disc_radius(image, mask, centre) + 1);
  list.width_px = options.width_px;
  if (list.width_px == 0) {
    list.width_px =
        usual_width(image, mask, maxima(image, mask, centre, start_width, list.centre_radius_px, options.threshold));
  }
  const double blur = std::max(0.7, 0.5 * list.width_px);
  const auto candidates = maxima(image, mask, centre, blur, list.centre_radius_px, options.threshold);
  for (const Candidate& candidate : candidates) {
    if (int(list.spots.size()) >= options.most) break;
    if (const auto spot = measured(image, mask, candidate, list.width_px, candidates)) list.spots.push_back(*spot);
  }
  settle_neighbours(list.spots);
  if (list.spots.empty()) {
    fail(
        "no diffraction spot stands {:g} times above the scatter at its radius; lower --threshold, or is this no spot "
        "pattern?",
        options.threshold);
  }
  return list;
}

PatternCentre centre_of_pairs(const SpotList& list, const PatternCentre& centre) {
  const double reach = std::max(2.0, list.width_px) + centre.error_px;
  std::vector<Vector2> middles;
  for (std::size_t i = 0; i < list.spots.size(); ++i) {
    for (std::size_t k = i + 1; k < list.spots.size(); ++k) {
      const Vector2 middle{(list.spots[i].x_px + list.spots[k].x_px) / 2,
                           (list.spots[i].y_px + list.spots[k].y_px) / 2};
      if (std::hypot(middle[0] - centre.x_px, middle[1] - centre.y_px) < reach) middles.push_back(middle);
    }
  }
  PatternCentre found = centre;
  for (int round = 0; round < 4; ++round) {
    if (middles.size() < 3) return centre;
    double x = 0, y = 0, squares = 0;
    for (const Vector2& middle : middles) x += middle[0], y += middle[1];
    const auto count = double(middles.size());
    x /= count, y /= count;
    for (const Vector2& m : middles) squares += 0.5 * (std::pow(m[0] - x, 2) + std::pow(m[1] - y, 2));
    const double deviation = std::sqrt(squares / (count - 1));
    found = {x, y, deviation / std::sqrt(count), "pairs"};
    std::erase_if(middles, [&](const Vector2& m) { return std::hypot(m[0] - x, m[1] - y) > 3 * deviation + 1e-9; });
  }
  return found;
}

}  // namespace colonnade
