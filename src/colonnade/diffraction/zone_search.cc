// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/diffraction/zone_search.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

constexpr std::size_t references = 5;
constexpr double reach_share = 0.8;  ///< of the spots lie within the reach
constexpr int map_side = 320;
constexpr double deviations = 2.5;  ///< of the scale that are searched
constexpr std::size_t unknown_scale_tries = 12;
constexpr float weight_of_absent = 0.5F;

double intensity_weight(double intensity) { return std::sqrt(std::max(intensity, 0.0)); }

}  // namespace

ZoneSearch::ZoneSearch(const MeasuredPattern& pattern, const IndexOptions& options)
    : pattern_(pattern), options_(options) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < pattern.spots.size(); ++i) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    return pattern.spots[i].intensity > pattern.spots[j].intensity;
  });
  if (order.size() > std::size_t(options.used_spots)) order.resize(std::size_t(options.used_spots));
  double sum = 0;
  for (const std::size_t i : order) {
    const MeasuredSpot& spot = pattern.spots[i];
    const double length = std::hypot(spot.g[0], spot.g[1]);
    if (!(length > pattern.tolerance_per_A)) continue;
    const double weight = intensity_weight(spot.intensity);
    sum += weight;
    spots_.push_back({float(spot.g[0]), float(spot.g[1]), float(length), float(weight),
                      float(pattern.tolerance_per_A + options.distortion * length), i});
  }
  if (spots_.size() < 3) fail("{} spots are too few to index a pattern; at least 3 are needed", spots_.size());
  std::vector<float> lengths;
  for (Spot& spot : spots_) {
    spot.weight = float(spot.weight / sum);
    lengths.push_back(spot.length);
  }
  std::sort(lengths.begin(), lengths.end());
  reach_ = 1.02 * lengths[std::size_t(reach_share * double(lengths.size() - 1))];
  longest_ = lengths.back();
  half_width_ = 1.1 * longest_;
  choose_references();
  draw_map();
}

void ZoneSearch::choose_references() {
  std::vector<Spot> order = spots_;
  // Strong, and near to the centre: of short vectors few reflections have the length.
  std::stable_sort(order.begin(), order.end(), [](const Spot& one, const Spot& other) {
    return one.weight / one.length > other.weight / other.length;
  });
  for (const Spot& spot : order) {
    const bool known = std::any_of(references_.begin(), references_.end(), [&](const Spot& other) {
      return std::abs(spot.x * other.y - spot.y * other.x) < 0.1F * spot.length * other.length &&
             std::abs(spot.length - other.length) < spot.tolerance + other.tolerance;
    });
    if (!known) references_.push_back(spot);
    if (references_.size() == references) break;
  }
  const bool plane = std::any_of(spots_.begin(), spots_.end(), [&](const Spot& spot) {
    return std::abs(spot.x * references_[0].y - spot.y * references_[0].x) >
           (spot.tolerance + references_[0].tolerance) * references_[0].length;
  });
  if (!plane) fail("all {} spots lie on one line through the centre; a zone needs two directions", spots_.size());
}

void ZoneSearch::draw_map() {
  map_.assign(std::size_t(map_side) * map_side, empty);
  const double step = 2 * half_width_ / map_side;
  for (int j = 0; j < map_side; ++j) {
    for (int i = 0; i < map_side; ++i) {
      const Vector2 g{(i + 0.5) * step - half_width_, (j + 0.5) * step - half_width_};
      if (!visible(g)) map_[std::size_t(j) * map_side + i] = hidden;
    }
  }
  for (const Spot& spot : spots_) {
    const int reach = int(spot.tolerance / step) + 1, ci = int((spot.x + half_width_) / step),
              cj = int((spot.y + half_width_) / step);
    for (int j = std::max(0, cj - reach); j <= std::min(map_side - 1, cj + reach); ++j) {
      for (int i = std::max(0, ci - reach); i <= std::min(map_side - 1, ci + reach); ++i) {
        const double x = (i + 0.5) * step - half_width_ - spot.x, y = (j + 0.5) * step - half_width_ - spot.y;
        if (std::hypot(x, y) < spot.tolerance + step) map_[std::size_t(j) * map_side + i] = taken;
      }
    }
  }
}

ZoneSearch::Cell ZoneSearch::cell(float x, float y) const {
  const auto scale = float(map_side / (2 * half_width_));
  const int i = int((x + float(half_width_)) * scale), j = int((y + float(half_width_)) * scale);
  if (i < 0 || j < 0 || i >= map_side || j >= map_side) return hidden;
  return Cell(map_[std::size_t(j) * map_side + i]);
}

double ZoneSearch::seen(const Zone& zone, float c, float s) const {
  const float reach = float(reach_) / std::hypot(c, s);  // the scale is in c and s
  float sum = 0, all = 0;
  int count = 0;
  for (const ZoneReflection& reflection : zone.reflections) {
    if (reflection.length > reach) break;
    if (reflection.strength < strong_share) continue;
    const Cell here = cell(c * reflection.x - s * reflection.y, s * reflection.x + c * reflection.y);
    if (here == hidden) continue;
    const float weight = std::sqrt(reflection.strength);
    all += weight, ++count;
    if (here == taken) sum += weight;
  }
  return count < 2 ? 0 : sum / all;
}

double ZoneSearch::score(const Zone& zone, double angle, double scale) const {
  const auto c = float(scale * std::cos(angle)), s = float(scale * std::sin(angle));
  const float ax = c * float(zone.basis[0][0]) - s * float(zone.basis[0][1]),
              ay = s * float(zone.basis[0][0]) + c * float(zone.basis[0][1]),
              bx = c * float(zone.basis[1][0]) - s * float(zone.basis[1][1]),
              by = s * float(zone.basis[1][0]) + c * float(zone.basis[1][1]);
  const float inverse = 1 / (ax * by - ay * bx), density = float(std::numbers::pi) * std::abs(inverse);
  float explained = 0, chance = 0;
  for (const Spot& spot : spots_) {
    const float m = std::round((spot.x * by - spot.y * bx) * inverse),
                n = std::round((ax * spot.y - ay * spot.x) * inverse);
    const float dx = spot.x - m * ax - n * bx, dy = spot.y - m * ay - n * by;
    chance += spot.weight * std::min(1.0F, density * spot.tolerance * spot.tolerance);
    if (dx * dx + dy * dy > spot.tolerance * spot.tolerance || (m == 0 && n == 0)) continue;
    explained += spot.weight * (zone.strength(int(m), int(n)) > 0 ? 1 : weight_of_absent);
  }
  if (chance >= 0.99F || explained <= chance) return 0;
  return (explained - chance) / (1 - chance) * seen(zone, c, s);
}

std::vector<ZoneGuess> ZoneSearch::guesses(const Zone& zone, std::size_t number) const {
  const bool unknown = options_.scale_error == 0;
  const double range = deviations * options_.scale_error + options_.distortion;
  std::vector<ZoneGuess> guesses;
  for (const Spot& reference : references_) {
    const float slack = float(range) * reference.length + float(pattern_.tolerance_per_A);
    const float low = unknown ? 0 : reference.length - slack, high = unknown ? INFINITY : reference.length + slack;
    auto at = std::lower_bound(zone.reflections.begin(), zone.reflections.end(), low,
                               [](const ZoneReflection& r, float length) { return r.length < length; });
    ZoneGuess best{number, 0, 1, 0};
    for (std::size_t tries = 0; at != zone.reflections.end() && at->length <= high; ++at) {
      if (at->y < 0 || (at->y == 0 && at->x < 0)) continue;  // the other of a Friedel pair: turned by 180 degrees
      if (unknown && ++tries > unknown_scale_tries) break;
      const double angle = std::atan2(reference.y, reference.x) - std::atan2(at->y, at->x);
      const double scale = reference.length / at->length;
      const double score = this->score(zone, angle, scale);
      if (score > best.score) best = {number, angle, scale, score};
    }
    if (best.score > 0) guesses.push_back(best);
  }
  std::stable_sort(guesses.begin(), guesses.end(),
                   [](const auto& one, const auto& other) { return one.score > other.score; });
  return guesses;
}

}  // namespace colonnade
