// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/diffraction/pattern_mask.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/diffraction/radial_background.h"
#include "colonnade/image/filter.h"

namespace colonnade {
namespace {

constexpr int smallest_side = 32;
// So many pixels of exactly the highest value are a limit; more than this share of the image, and nothing is left.
constexpr std::size_t least_plateau = 4;
constexpr double most_saturated = 0.5, most_rim = 0.6;
constexpr int rim_margin_px = 2;
constexpr double outlier_deviations = 12;
// A beam stop: below this share of the median at its radius, this share of the image large, so near to the centre.
constexpr double stop_darkness = 0.5, least_stop = 0.002, stop_distance = 0.12;
constexpr int stop_margin_px = 3;

using Flags = std::vector<std::uint8_t>;

double radius_of(const Image& image, const PatternCentre& centre, int at) {
  const int y = at / image.width, x = at % image.width;
  return std::hypot(y - centre.y_px, x - centre.x_px);
}

/// The pixels connected (by edges) with the seeds where `inside`.
template <class Inside>
Flags flooded(const Image& image, std::vector<int> seeds, const Inside& inside) {
  Flags flags(image.data.size());
  for (const int seed : seeds) flags[seed] = 1;
  while (!seeds.empty()) {
    const int at = seeds.back(), y = at / image.width, x = at % image.width;
    seeds.pop_back();
    for (const auto& [dy, dx] : {std::pair{-1, 0}, {1, 0}, {0, -1}, {0, 1}}) {
      const int v = y + dy, u = x + dx;
      if (v < 0 || u < 0 || v >= image.height || u >= image.width) continue;
      const int next = v * image.width + u;
      if (flags[next] || !inside(next)) continue;
      flags[next] = 1;
      seeds.push_back(next);
    }
  }
  return flags;
}

/// Whether all pixels within `reach` (a square, cut at the image's edge) pass.
template <class Test>
bool all_within(const Image& image, int at, int reach, const Test& test) {
  const int y = at / image.width, x = at % image.width;
  for (int v = std::max(0, y - reach); v <= std::min(image.height - 1, y + reach); ++v) {
    for (int u = std::max(0, x - reach); u <= std::min(image.width - 1, x + reach); ++u) {
      if (!test(v * image.width + u)) return false;
    }
  }
  return true;
}

/// Takes out the flagged pixels and a margin around them; gives their number.
std::size_t take_out(const Image& image, const Flags& flags, int margin, PatternMask& mask) {
  std::size_t taken = 0;
  for (int at = 0; at < int(image.data.size()); ++at) {
    if (!mask.usable[at] || all_within(image, at, margin, [&](int near) { return !flags[near]; })) continue;
    mask.usable[at] = 0;
    ++taken;
  }
  return taken;
}

/// Regions of exactly zero that touch the border: what lies outside a shifted or rotated frame.
void mask_rim(const Image& image, PatternMask& mask) {
  const auto empty = [&](int at) {
    return image.data[at] == 0 && all_within(image, at, 2, [&](int near) { return image.data[near] == 0; });
  };
  std::vector<int> seeds;
  for (int at = 0; at < int(image.data.size()); ++at) {
    const int y = at / image.width, x = at % image.width;
    const bool border = y == 0 || x == 0 || y == image.height - 1 || x == image.width - 1;
    if (border && empty(at)) seeds.push_back(at);
  }
  const Flags flags = flooded(image, seeds, empty);
  const auto share = double(std::count(flags.begin(), flags.end(), 1)) / double(flags.size());
  if (share > 0 && share < most_rim) mask.rim = take_out(image, flags, rim_margin_px + 2, mask);
}

/// Single pixels far from all their eight neighbours.
void mask_outliers(const Image& image, PatternMask& mask) {
  Flags flags(image.data.size());
  for (int y = 1; y + 1 < image.height; ++y) {
    for (int x = 1; x + 1 < image.width; ++x) {
      float low = INFINITY, high = -INFINITY;
      for (int v = y - 1; v <= y + 1; ++v) {
        for (int u = x - 1; u <= x + 1; ++u) {
          if (v == y && u == x) continue;
          low = std::min(low, image.at(v, u));
          high = std::max(high, image.at(v, u));
        }
      }
      // The neighbours of a single bad pixel differ by noise; those of a spot's top by its slope.
      const double spread = std::max(double(high - low) / 2.8, 1e-6 * std::abs(high) + 1e-30);
      const double beyond = std::max(double(image.at(y, x)) - high, double(low) - image.at(y, x));
      flags[std::size_t(y) * image.width + x] = beyond > outlier_deviations * spread;
    }
  }
  const auto count = std::size_t(std::count(flags.begin(), flags.end(), 1));
  // In sparse counts single electrons look like that; they are the signal.
  if (count < image.data.size() / 500) mask.outliers = take_out(image, flags, 0, mask);
}

void mark_saturation(const Image& image, PatternMask& mask) {
  const float limit = extremes(image).high;
  mask.saturated.assign(image.data.size(), 0);
  const auto count = std::size_t(std::count(image.data.begin(), image.data.end(), limit));
  if (double(count) > most_saturated * double(image.data.size())) {
    fail("{:.0f} % of the pattern is saturated at {:g}; record it with a shorter exposure",
         100.0 * double(count) / double(image.data.size()), limit);
  }
  // In few counts the highest number comes several times; a limit is a plateau of neighbours.
  std::size_t plateau = 0;
  for (int at = 0; at < int(image.data.size()); ++at) {
    plateau += image.data[at] == limit && all_within(image, at, 1, [&](int near) { return image.data[near] == limit; });
  }
  if (count < least_plateau || plateau == 0) return;
  for (std::size_t at = 0; at < image.data.size(); ++at) mask.saturated[at] = image.data[at] == limit;
  mask.saturation = limit;
  mask.clipped = count;
}

}  // namespace

PatternMask find_pattern_mask(const Image& image) {
  require_finite(image, "the diffraction pattern");
  if (std::min(image.height, image.width) < smallest_side) {
    fail("the pattern has {} x {} px; at least {} a side are needed", image.height, image.width, smallest_side);
  }
  const Extremes range = extremes(image);
  if (range.low == range.high) fail("every pixel of the pattern is {:g}; it is empty", range.low);
  PatternMask mask;
  mask.usable.assign(image.data.size(), 1);
  mark_saturation(image, mask);
  mask_rim(image, mask);
  mask_outliers(image, mask);
  return mask;
}

void mask_beam_stop(const Image& image, const PatternCentre& centre, PatternMask& mask) {
  const Image smooth = gaussian_filter(image, 1.5);
  const RadialBackground background = radial_background(smooth, mask, centre);
  const float floor = extremes(image).low;
  const double near = stop_distance * std::min(image.height, image.width);
  const auto dark = [&](int at) {
    const double r = radius_of(image, centre, at);
    const double level = background.level(r) - floor;
    return mask.usable[at] && smooth.data[at] - floor < stop_darkness * level && level > 3 * background.deviation(r);
  };
  std::vector<int> seeds;
  for (int at = 0; at < int(image.data.size()); ++at) {
    const double r = radius_of(image, centre, at);
    if (r < near && dark(at)) seeds.push_back(at);
  }
  const Flags flags = flooded(image, seeds, dark);
  const auto count = double(std::count(flags.begin(), flags.end(), 1));
  if (count > least_stop * double(flags.size())) mask.beam_stop = take_out(image, flags, stop_margin_px, mask);
}

}  // namespace colonnade
