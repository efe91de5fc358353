// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/index_figure.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <numbers>
#include <set>

namespace colonnade {
namespace {

constexpr const char *indexed_colour = "#2fd06f", *double_colour = "#40b4ff", *left_colour = "#ff5a4f",
                     *missing_colour = "#ffb000";
constexpr std::size_t most_labels = 14;
constexpr double strong = 0.1;  ///< of the zone's strongest |F|^2

std::string index_text(const Miller& hkl) {
  const auto part = [](int i) { return i < 0 ? fmt::format("-{}", -i) : std::to_string(i); };
  return part(hkl[0]) + " " + part(hkl[1]) + " " + part(hkl[2]);
}

/// Logarithmic, so that weak spots show beside strong ones.
Image drawn(const PatternIndexing& result) {
  Image image = result.image;
  std::vector<float> sorted = image.data;
  const auto middle = sorted.begin() + std::ptrdiff_t(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  const float floor = extremes(image).low;
  const double level = std::max(double(*middle - floor), 1e-6 * double(extremes(image).high - floor));
  for (float& value : image.data) value = float(std::log1p((value - floor) / level));
  return image;
}

void add_found(const PatternIndexing& result, ImageFigure& figure) {
  std::map<std::size_t, const IndexedSpot*> indexed;
  if (!result.indexing.matches.empty()) {
    for (const IndexedSpot& one : result.indexing.matches[0].spots) indexed[one.spot] = &one;
  }
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < result.list.spots.size(); ++i) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t k) {
    return result.list.spots[i].intensity > result.list.spots[k].intensity;
  });
  std::size_t labels = 0;
  for (const std::size_t i : order) {
    const Spot& spot = result.list.spots[i];
    Marker marker{spot.x_px, spot.y_px, "", left_colour};
    if (const auto found = indexed.find(i); found != indexed.end()) {
      marker.text = index_text(found->second->hkl);
      marker.colour = found->second->absent ? double_colour : indexed_colour;
      if (labels < most_labels) marker.label = marker.text, ++labels;
    }
    figure.markers.push_back(std::move(marker));
  }
}

/// Strong reflections of the best match without a spot, where one could have been seen.
void add_missing(const PatternIndexing& result, ImageFigure& figure) {
  if (result.indexing.matches.empty()) return;
  const ZoneMatch& match = result.indexing.matches[0];
  const Phase& phase = result.phases[match.phase];
  std::set<Miller> there;
  for (const IndexedSpot& one : match.spots) there.insert(one.hkl);
  const Matrix3 turn = zone_axis_rotation(phase.crystal, match.zone);
  double most = 0;
  const auto in_zone = [&](const Miller& h) {
    return h[0] * match.zone[0] + h[1] * match.zone[1] + h[2] * match.zone[2] == 0;
  };
  for (const PhaseReflection& one : phase.reflections) {
    if (in_zone(one.hkl)) most = std::max(most, one.intensity);
  }
  for (const PhaseReflection& one : phase.reflections) {
    if (!in_zone(one.hkl) || one.intensity < strong * most || there.count(one.hkl)) continue;
    const Vector3 g = multiply(turn, one.g);
    const Vector2 at{match.map[0][0] * g[0] + match.map[0][1] * g[1], match.map[1][0] * g[0] + match.map[1][1] * g[1]};
    if (!result.measured.visible(at)) continue;
    const Vector2 px = to_pixels(result.scale, at);
    figure.markers.push_back(
        {px[0] + result.centre.x_px, px[1] + result.centre.y_px, index_text(one.hkl), missing_colour});
  }
}

}  // namespace

std::string overlay_figure(const PatternIndexing& result, const std::string& title) {
  ImageFigure figure;
  figure.image = drawn(result);
  const GreyRange range = grey_range(figure.image);
  figure.low = range.low, figure.high = range.high;
  figure.title = title;
  if (!result.indexing.matches.empty()) {
    const ZoneMatch& best = result.indexing.matches[0];
    figure.title += fmt::format(": {} {}, score {:.2f}", best.name, zone_text(best.zone), best.score);
  }
  figure.marker_radius_px = std::max(2.0, 2.6 * result.list.width_px);
  add_found(result, figure);
  add_missing(result, figure);
  figure.footnote =
      "Green: indexed. Blue: absent by |F|, reached by double diffraction. Red: left over. Orange: strong reflection "
      "without a spot. Logarithmic grey.";
  return to_svg(figure, 640);
}

std::string spot_table(const PatternIndexing& result) {
  std::string text =
      "spot,x_px,y_px,position_error_px,g_per_A,azimuth_deg,intensity,intensity_error,width_px,saturated,split,h,k,l,"
      "off_per_A,double_diffraction\n";
  std::map<std::size_t, const IndexedSpot*> indexed;
  if (!result.indexing.matches.empty()) {
    for (const IndexedSpot& one : result.indexing.matches[0].spots) indexed[one.spot] = &one;
  }
  const double scale =
      result.scale_source == "not known" && !result.indexing.matches.empty() ? result.indexing.matches[0].scale : 1;
  for (std::size_t i = 0; i < result.list.spots.size(); ++i) {
    const Spot& spot = result.list.spots[i];
    const Vector2& g = result.measured.spots[i].g;
    text += fmt::format("{},{:.3f},{:.3f},{:.3f},{:.5f},{:.2f},{:.6g},{:.3g},{:.2f},{},{},", i + 1, spot.x_px,
                        spot.y_px, spot.position_error_px, std::hypot(g[0], g[1]) / scale,
                        std::atan2(g[1], g[0]) * 180 / std::numbers::pi, spot.intensity, spot.intensity_error,
                        spot.width_px, int(spot.saturated), int(spot.split));
    const auto found = indexed.find(i);
    if (found == indexed.end()) {
      text += ",,,,\n";
      continue;
    }
    const IndexedSpot& one = *found->second;
    text += fmt::format("{},{},{},{:.5f},{}\n", one.hkl[0], one.hkl[1], one.hkl[2], one.off_per_A, int(one.absent));
  }
  return text;
}

}  // namespace colonnade
