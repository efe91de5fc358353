// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/detector_scan.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/image/filter.h"

namespace colonnade {
namespace {

constexpr double smoothing_px = 1;
constexpr int directions = 360, circle_rounds = 6;
// Bright must stand out from dark by this many deviations of a dark pixel, and cover this share of the scan.
constexpr double least_contrast = 5, least_area = 0.005;
// A ring's outline is round: where its radii, gaps left out, scatter by more than this share, it is cut or none.
constexpr double roundness = 0.15;
constexpr double low_threshold = 0.3, high_threshold = 0.7;

double median_of(std::vector<float> values) {
  const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Mean of the values within 4 robust deviations of their median, and their deviation.
struct Level {
  double value = 0, deviation = 0;
};
Level level_of(const std::vector<float>& values) {
  const double middle = median_of(values);
  std::vector<float> off;
  for (const float value : values) off.push_back(std::abs(value - float(middle)));
  const double reach = 4 * 1.4826 * median_of(off) + 1e-9 * std::abs(middle);
  double sum = 0, squares = 0, count = 0;
  for (const float value : values) {
    if (std::abs(value - middle) > reach) continue;
    sum += value - middle, squares += std::pow(value - middle, 2), count += 1;
  }
  const double shift = count > 0 ? sum / count : 0;
  return {middle + shift, count > 1 ? std::sqrt(std::max(0.0, squares / count - shift * shift)) : 0};
}

/// Two levels of an image by repeated splitting in their middle (Ridler and Calvard, IEEE Trans. SMC 8, 630 (1978)).
struct Levels {
  Level dark, bright;
  double at(double fraction) const { return dark.value + fraction * (bright.value - dark.value); }
};
Levels split(const Image& scan, const Image& smooth) {
  const Extremes ends = extremes(smooth);
  double threshold = 0.5 * (double(ends.low) + ends.high);
  Levels levels;
  for (int round = 0; round < 20; ++round) {
    std::vector<float> low, high;
    for (std::size_t i = 0; i < smooth.data.size(); ++i) {
      (smooth.data[i] > threshold ? high : low).push_back(scan.data[i]);
    }
    if (low.empty() || high.empty()) fail("the detector scan is even; give a scan of the beam over the detector");
    levels = {level_of(low), {median_of(high), 0}};
    const double next = levels.at(0.5);
    if (std::abs(next - threshold) < 1e-6 * (levels.bright.value - levels.dark.value)) break;
    threshold = next;
  }
  const double contrast = levels.bright.value - levels.dark.value;
  if (!(contrast > least_contrast * levels.dark.deviation)) {
    fail("the detector scan shows no detector: bright {:.4g} and dark {:.4g} differ by less than {} times the noise",
         levels.bright.value, levels.dark.value, least_contrast);
  }
  return levels;
}

struct Circle {
  double y = 0, x = 0, radius = 0;
  bool inside(int row, int column) const { return std::hypot(row - y, column - x) < radius; }
};

/// Least-squares circle (Kasa) through points, again and again without those far off it (gaps).
Circle circle_through(std::vector<std::pair<double, double>> points, const char* what) {
  Circle circle;
  for (int round = 0; round < circle_rounds; ++round) {
    if (points.size() < directions / 4) fail("the detector scan does not show the detector's {} whole", what);
    // x^2 + y^2 = 2 a x + 2 b y + c
    double n = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0, r = 0, rx = 0, ry = 0;
    for (const auto& [py, px] : points) {
      const double square = px * px + py * py;
      n += 1, x += px, y += py, xx += px * px, xy += px * py, yy += py * py;
      r += square, rx += square * px, ry += square * py;
    }
    const double mx = x / n, my = y / n, cxx = xx / n - mx * mx, cxy = xy / n - mx * my, cyy = yy / n - my * my;
    const double crx = rx / n - r / n * mx, cry = ry / n - r / n * my, determinant = cxx * cyy - cxy * cxy;
    if (!(determinant > 0)) fail("the detector scan does not show the detector's {} whole", what);
    circle.x = 0.5 * (cyy * crx - cxy * cry) / determinant;
    circle.y = 0.5 * (cxx * cry - cxy * crx) / determinant;
    circle.radius = std::sqrt(r / n - 2 * (circle.x * mx + circle.y * my) + circle.x * circle.x + circle.y * circle.y);
    std::vector<float> off;
    const auto error = [&](const auto& p) {
      return std::abs(std::hypot(p.first - circle.y, p.second - circle.x) - circle.radius);
    };
    for (const auto& p : points) off.push_back(float(error(p)));
    const double reach = std::max(1.0, 3 * 1.4826 * median_of(off));
    const bool last = round + 1 == circle_rounds;
    if (last && 1.4826 * median_of(off) > roundness * circle.radius)
      fail("the detector's {} is not round in the scan", what);
    std::erase_if(points, [&](const auto& p) { return error(p) > reach; });
  }
  return circle;
}

double between_pixels(const Image& image, double y, double x) {
  const int top = std::clamp(int(y), 0, image.height - 2), left = std::clamp(int(x), 0, image.width - 2);
  const double v = std::clamp(y - top, 0.0, 1.0), u = std::clamp(x - left, 0.0, 1.0);
  return (1 - v) * ((1 - u) * image.at(top, left) + u * image.at(top, left + 1)) +
         v * ((1 - u) * image.at(top + 1, left) + u * image.at(top + 1, left + 1));
}

/// Where rays from a place first rise above, or last fall below, the threshold; then, nearby, the same fraction of what
/// the detector reads just inside, as it is not even.
enum class Crossing { first_rise, last_fall };

class Ray {
 public:
  Ray(const Image& smooth, double y, double x, double angle)
      : smooth_(smooth), y_(y), x_(x), dy_(std::sin(angle)), dx_(std::cos(angle)) {}

  std::pair<double, double> place(double r) const { return {y_ + r * dy_, x_ + r * dx_}; }
  bool inside(double r) const {
    const auto [y, x] = place(r);
    return y >= 0 && x >= 0 && y <= smooth_.height - 1 && x <= smooth_.width - 1;
  }
  double value(double r) const { return between_pixels(smooth_, place(r).first, place(r).second); }
  /// Below 0: there is none between the radii.
  double crossing(double threshold, Crossing which, double from, double to) const {
    double found = -1, before = value(from);
    for (double r = from + step; r <= to && inside(r); r += step) {
      const double here = value(r);
      const bool rises = before <= threshold && here > threshold, falls = before > threshold && here <= threshold;
      if (which == Crossing::first_rise ? rises : falls) {
        found = r - step * (here - threshold) / (here - before);
        if (which == Crossing::first_rise) break;
      }
      before = here;
    }
    return found;
  }
  static constexpr double step = 0.5;

 private:
  const Image& smooth_;
  double y_, x_, dy_, dx_;
};

std::vector<std::pair<double, double>> crossings(const Image& smooth, double y, double x, const Levels& levels,
                                                 double fraction, Crossing which) {
  constexpr double nearby = 4;
  std::vector<std::pair<double, double>> found;
  for (int d = 0; d < directions; ++d) {
    const Ray ray(smooth, y, x, 2 * std::numbers::pi * d / directions);
    const double rough = ray.crossing(levels.at(fraction), which, 0, 1e9);
    if (rough < nearby) continue;
    const double plateau = ray.value(which == Crossing::first_rise ? rough + nearby : rough - nearby);
    const double threshold = levels.dark.value + fraction * (plateau - levels.dark.value);
    const double fine = ray.crossing(threshold, which, rough - nearby, rough + nearby);
    found.push_back(ray.place(fine < 0 ? rough : fine));
  }
  return found;
}

struct Ring {
  Circle outer, inner;  ///< inner radius 0: a disk
};

Ring find_ring(const Image& smooth, const Levels& levels, double fraction) {
  const double threshold = levels.at(fraction);
  double count = 0, y = 0, x = 0;
  for (int row = 0; row < smooth.height; ++row) {
    for (int column = 0; column < smooth.width; ++column) {
      if (smooth.at(row, column) > threshold) count += 1, y += row, x += column;
    }
  }
  if (count < least_area * double(smooth.data.size()))
    fail("the detector scan shows no detector: too little is bright");
  Ring ring;
  ring.outer =
      circle_through(crossings(smooth, y / count, x / count, levels, fraction, Crossing::last_fall), "outline");
  const Circle& o = ring.outer;
  if (o.x - o.radius < -1 || o.y - o.radius < -1 || o.x + o.radius > smooth.width || o.y + o.radius > smooth.height) {
    fail("the detector reaches beyond its scan (radius {:.0f} px around {:.0f}, {:.0f}); scan it whole", o.radius, o.x,
         o.y);
  }
  const int cy = int(std::lround(o.y)), cx = int(std::lround(o.x));
  ring.inner = {o.y, o.x, 0};
  if (smooth.at(cy, cx) < threshold) {
    ring.inner = circle_through(crossings(smooth, o.y, o.x, levels, fraction, Crossing::first_rise), "hole");
  }
  return ring;
}

/// Mean response over the ring, weighted; gaps count as what they read.
double ring_response(const Image& scan, const Ring& ring, double dark, const DetectorScanOptions& options) {
  double limit = ring.outer.radius;
  if (options.inner_mrad > 0 && options.outer_mrad > 0 && ring.inner.radius > 0) {
    limit = std::min(limit, ring.inner.radius * options.outer_mrad / options.inner_mrad);
  }
  double sum = 0, weights = 0;
  for (int y = 0; y < scan.height; ++y) {
    for (int x = 0; x < scan.width; ++x) {
      if (!ring.outer.inside(y, x) || ring.inner.inside(y, x)) continue;
      const double radius = std::hypot(y - ring.inner.y, x - ring.inner.x);
      if (radius > limit) continue;
      const double weight = options.flux_exponent == 0 ? 1 : std::pow(std::max(radius, 1.0), -options.flux_exponent);
      weights += weight;
      sum += weight * (scan.at(y, x) - dark);
    }
  }
  return weights > 0 ? sum / weights : 0;
}

}  // namespace

void DetectorScanOptions::check() const {
  if (!(threshold > 0.05 && threshold < 0.95)) fail("a detector threshold of {} is outside 0.05 to 0.95", threshold);
  if (!(flux_exponent >= 0 && flux_exponent <= 10)) fail("a flux exponent of {} is outside 0 to 10", flux_exponent);
  if (outer_mrad > 0 && inner_mrad >= outer_mrad)
    fail("the detector's inner angle {} is not below its outer one {}", inner_mrad, outer_mrad);
}

DetectorResponse detector_response(const Image& scan, const DetectorScanOptions& options) {
  options.check();
  require_finite(scan, "the detector scan");
  if (scan.height < 32 || scan.width < 32)
    fail("a detector scan of {} x {} pixels is too small", scan.width, scan.height);
  const Image smooth = gaussian_filter(scan, smoothing_px);
  const Levels levels = split(scan, smooth);
  const Ring ring = find_ring(smooth, levels, options.threshold);
  DetectorResponse result;
  result.dark = levels.dark.value;
  result.dark_deviation = levels.dark.deviation;
  const float top = extremes(scan).high;
  double sum = 0, squares = 0, at_top = 0;
  for (int y = 0; y < scan.height; ++y) {
    for (int x = 0; x < scan.width; ++x) {
      if (!ring.outer.inside(y, x) || ring.inner.inside(y, x)) continue;
      result.ring_px += 1;
      if (!(smooth.at(y, x) > levels.at(options.threshold))) continue;
      const double value = scan.at(y, x) - levels.dark.value;
      result.active_px += 1, sum += value, squares += value * value;
      at_top += scan.at(y, x) == top;
    }
  }
  const double mean = sum / result.active_px, variance = std::max(0.0, squares / result.active_px - mean * mean);
  result.non_uniformity = std::sqrt(variance) / mean;
  result.response = ring_response(scan, ring, result.dark, options);
  const auto with_outline = [&](double threshold) {
    return ring_response(scan, find_ring(smooth, levels, threshold), result.dark, options);
  };
  const double low = with_outline(low_threshold), high = with_outline(high_threshold);
  result.response_error = std::max(0.5 * std::abs(low - high), std::sqrt(variance / result.active_px));
  result.outer_radius_px = ring.outer.radius;
  result.inner_radius_px = ring.inner.radius;
  result.centre_y = ring.inner.y;
  result.centre_x = ring.inner.x;
  if (at_top > 0.01 * result.active_px) {
    result.saturated = at_top / result.active_px;
    warn(
        "{:.0f} % of the detector scan's bright pixels read its largest number; the detector was saturated, and "
        "fractions of the beam will be too large",
        100 * result.saturated);
  }
  return result;
}

nlohmann::json DetectorResponse::to_json() const {
  return {{"dark", dark},
          {"dark_deviation", dark_deviation},
          {"response", response},
          {"response_error", response_error},
          {"non_uniformity", non_uniformity},
          {"active_px", active_px},
          {"ring_px", ring_px},
          {"inner_radius_px", inner_radius_px},
          {"outer_radius_px", outer_radius_px},
          {"centre_y_px", centre_y},
          {"centre_x_px", centre_x},
          {"saturated", saturated}};
}

Image fraction_of_beam(const Image& image, const DetectorResponse& response) {
  if (!(response.response > 0))
    fail("a detector that answers the beam with {} cannot scale an image", response.response);
  Image result = image;
  for (float& value : result.data) value = float((value - response.dark) / response.response);
  result.intensity = "fraction of beam";
  result.metadata["detector_response"] = response.to_json();
  return result;
}

}  // namespace colonnade
