// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/scan_pair.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/image/cross_correlation.h"
#include "colonnade/image/filter.h"
#include "colonnade/image/undistort.h"

namespace colonnade {
namespace {

constexpr int tiles = 6;  ///< down and across, each overlapping its neighbours by half
constexpr double rival_peaks = 0.85;
constexpr double reference_blur_px = 0.8;
constexpr double narrowest_smoothing = 6;
constexpr int single_line_rounds = 4;  ///< the last ones

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Image transposed(const Image& image) {
  Image result = image;
  result.height = image.width;
  result.width = image.height;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) result.at(x, y) = image.at(y, x);
  }
  return result;
}

LineShifts swapped(const LineShifts& lines) {
  LineShifts result;
  result.y = lines.x;
  result.x = lines.y;
  return result;
}

double correlation(const Image& a, const Image& b, int border) {
  double n = 0, sa = 0, sb = 0, aa = 0, bb = 0, ab = 0;
  for (int y = border; y < a.height - border; ++y) {
    for (int x = border; x < a.width - border; ++x) {
      const double u = a.at(y, x), v = b.at(y, x);
      n += 1, sa += u, sb += v, aa += u * u, bb += v * v, ab += u * v;
    }
  }
  const double spread = (aa - sa * sa / n) * (bb - sb * sb / n);
  return spread > 0 ? (ab - sa * sb / n) / std::sqrt(spread) : 0;
}

/// The differences of displacement, first minus second, tile by tile, from the middle outwards: each tile is looked for
/// where its neighbours nearer to the middle say.
struct TileDrift {
  std::vector<double> centre;             ///< of the tiles, pixels
  std::vector<std::vector<double>> y, x;  ///< (tile down, tile across)
};

TileDrift compare_tiles(const Image& first, const Image& second, int reach) {
  const int side = 2 * first.height / (tiles + 1), step = side / 2;
  const CrossCorrelation correlate(side, side, std::min(reach, side / 2));
  TileDrift drift;
  for (int t = 0; t < tiles; ++t) drift.centre.push_back(t * step + 0.5 * (side - 1));
  std::vector<std::vector<CorrelationPeak>> peaks(std::size_t(tiles) * tiles);
  parallel_for(tiles * tiles, [&](std::int64_t t, int) {
    const int top = int(t) / tiles * step, left = int(t) % tiles * step;
    peaks[t] = correlate.peaks(correlate.spectrum(crop(second, top, left, side, side)),
                               correlate.spectrum(crop(first, top, left, side, side)), rival_peaks);
  });
  drift.y.assign(tiles, std::vector<double>(tiles, 0));
  drift.x = drift.y;
  std::vector<int> order(std::size_t(tiles) * tiles);
  for (int t = 0; t < tiles * tiles; ++t) order[t] = t;
  const auto away = [](int t) { return std::hypot(t / tiles - 0.5 * (tiles - 1), t % tiles - 0.5 * (tiles - 1)); };
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return away(a) < away(b); });
  std::vector<int> done;
  for (const int t : order) {
    double y = 0, x = 0, weights = 0;
    for (const int other : done) {
      const double apart = std::hypot(t / tiles - other / tiles, t % tiles - other % tiles);
      if (apart > 1.5) continue;
      const double weight = 1 / (apart * apart);
      y += weight * drift.y[other / tiles][other % tiles], x += weight * drift.x[other / tiles][other % tiles];
      weights += weight;
    }
    if (weights > 0) y /= weights, x /= weights;
    const CorrelationPeak* best = nullptr;
    for (const auto& peak : peaks[t]) {
      if (!best || std::hypot(peak.y - y, peak.x - x) < std::hypot(best->y - y, best->x - x)) best = &peak;
    }
    drift.y[t / tiles][t % tiles] = best ? best->y : y;
    drift.x[t / tiles][t % tiles] = best ? best->x : x;
    done.push_back(t);
  }
  return drift;
}

/// a(y) - b(x) fitted to the tiles (medians in turn; b has the mean 0).
void separate(const std::vector<std::vector<double>>& tile, std::vector<double>& a, std::vector<double>& b) {
  a.assign(tiles, 0);
  b.assign(tiles, 0);
  for (int pass = 0; pass < 20; ++pass) {
    for (int i = 0; i < tiles; ++i) {
      std::vector<double> values;
      for (int j = 0; j < tiles; ++j) values.push_back(tile[i][j] + b[j]);
      a[i] = median_of(values);
    }
    double mean = 0;
    for (int j = 0; j < tiles; ++j) {
      std::vector<double> values;
      for (int i = 0; i < tiles; ++i) values.push_back(a[i] - tile[i][j]);
      b[j] = median_of(values);
      mean += b[j] / tiles;
    }
    for (int j = 0; j < tiles; ++j) b[j] -= mean;
  }
}

/// A parabola through the values at the tiles' centres, at every line.
std::vector<double> course(const std::vector<double>& centre, const std::vector<double>& value, int lines) {
  // Powers of t = (line - middle)/half; normal equations of three unknowns by elimination.
  double m[3][4] = {};
  const double half = 0.5 * (lines - 1);
  for (std::size_t k = 0; k < centre.size(); ++k) {
    const double t = centre[k] / half - 1, powers[3] = {1, t, t * t};
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) m[i][j] += powers[i] * powers[j];
      m[i][3] += powers[i] * value[k];
    }
  }
  for (int i = 0; i < 3; ++i) {
    for (int r = 0; r < 3; ++r) {
      if (r == i) continue;
      const double factor = m[r][i] / m[i][i];
      for (int j = i; j < 4; ++j) m[r][j] -= factor * m[i][j];
    }
  }
  std::vector<double> result;
  for (int line = 0; line < lines; ++line) {
    const double t = line / half - 1;
    result.push_back(m[0][3] / m[0][0] + m[1][3] / m[1][1] * t + m[2][3] / m[2][2] * t * t);
  }
  return result;
}

Image put_right(const Image& image, const LineShifts& lines, int corrections) {
  return scan_undistorted(image, line_displacements(lines.y, lines.x, image.width), corrections);
}

/// The pair as the algorithm holds it: the second image with its lines along y, so transposed it is a common scan.
struct Pair {
  const Image& first;
  Image second_across;                   ///< the second, transposed: its lines run along x
  LineShifts first_lines, second_lines;  ///< the second's with y and x of the common frame
  Image first_right(int corrections = 0) const { return put_right(first, first_lines, corrections); }
  Image second_right(int corrections = 0) const {
    return transposed(put_right(second_across, swapped(second_lines), corrections));
  }
};

void start_from_tiles(const Image& first, const Image& second, int reach, Pair& pair) {
  const TileDrift drift = compare_tiles(first, second, reach);
  std::vector<double> a, b;
  separate(drift.y, a, b);
  pair.first_lines.y = course(drift.centre, a, first.height);
  pair.second_lines.y = course(drift.centre, b, first.height);
  separate(drift.x, a, b);
  pair.first_lines.x = course(drift.centre, a, first.height);
  pair.second_lines.x = course(drift.centre, b, first.height);
}

/// The whole's displacement cannot be told; that of all lines of both is made 0 on the mean.
void centre(Pair& pair) {
  const auto mean = [](const std::vector<double>& v) {
    double sum = 0;
    for (const double value : v) sum += value;
    return sum / double(v.size());
  };
  const double y = 0.5 * (mean(pair.first_lines.y) + mean(pair.second_lines.y)),
               x = 0.5 * (mean(pair.first_lines.x) + mean(pair.second_lines.x));
  for (auto* lines : {&pair.first_lines, &pair.second_lines}) {
    for (double& value : lines->y) value -= y;
    for (double& value : lines->x) value -= x;
  }
}

/// Lines of each against the other as corrected so far; the two in turn.
double refine(Pair& pair, const ScanPairOptions& options) {
  LineSmoothing smoothing;
  smoothing.largest_px = 2;
  smoothing.lines = options.smooth_lines;
  double jitter[2] = {};
  const double slope_noise = blurred_slope_noise(reference_blur_px, 1);
  for (int round = 0; round < options.rounds; ++round) {
    smoothing.single_lines = options.single_lines && round >= options.rounds - single_line_rounds;
    const Image second = gaussian_filter(pair.second_right(), reference_blur_px);
    pair.first_lines = credible_shifts(
        pair.first_lines, measure_lines(pair.first, second, pair.first_lines, 1, slope_noise), smoothing, jitter);
    const Image first = transposed(gaussian_filter(pair.first_right(), reference_blur_px));
    const LineShifts across = swapped(pair.second_lines);
    pair.second_lines = swapped(
        credible_shifts(across, measure_lines(pair.second_across, first, across, 1, slope_noise), smoothing, jitter));
    centre(pair);
    smoothing.lines = std::max(narrowest_smoothing, 0.5 * smoothing.lines);
  }
  return std::sqrt(0.5 * (jitter[0] * jitter[0] + jitter[1] * jitter[1]));
}

int better_turn(const Image& first, const Image& second, int reach) {
  const CrossCorrelation correlate(first.height, first.width, reach);
  const auto spectrum = correlate.spectrum(first);
  double best = -1;
  int turns = 1;
  for (const int candidate : {1, 3}) {
    const auto peaks = correlate.peaks(correlate.spectrum(turned(second, candidate)), spectrum, 1);
    if (!peaks.empty() && peaks.front().correlation > best) best = peaks.front().correlation, turns = candidate;
  }
  return turns;
}

double span(const LineShifts& lines) {
  // Ends as means over a sixteenth of the lines, which jitter does not reach.
  const int many = std::max(1, lines.lines() / 16), last = lines.lines() - many;
  double y = 0, x = 0;
  for (int i = 0; i < many; ++i) y += lines.y[last + i] - lines.y[i], x += lines.x[last + i] - lines.x[i];
  return std::hypot(y, x) / many;
}

}  // namespace

void ScanPairOptions::check() const {
  if (quarter_turns != 0 && quarter_turns != 1 && quarter_turns != 3) {
    fail("the second scan is turned by {} quarters; it must be 1 or 3, or 0 for whichever fits", quarter_turns);
  }
  if (rounds < 1 || rounds > 100) fail("{} rounds are outside 1 to 100", rounds);
  if (!(smooth_lines >= 1)) fail("a smoothing over {} lines is below 1", smooth_lines);
}

Image turned(const Image& image, int quarter_turns) {
  Image result = image;
  for (int turn = 0; turn < ((quarter_turns % 4) + 4) % 4; ++turn) {
    Image next = result;
    next.height = result.width;
    next.width = result.height;
    for (int y = 0; y < next.height; ++y) {
      for (int x = 0; x < next.width; ++x) next.at(y, x) = result.at(x, result.width - 1 - y);
    }
    result = std::move(next);
  }
  return result;
}

ScanPair combine_pair(const Image& first, const Image& second, const ScanPairOptions& options) {
  options.check();
  require_finite(first, "the first scan");
  require_finite(second, "the turned scan");
  if (first.height != first.width || second.height != second.width || first.height != second.height) {
    fail("a pair of scans of {} x {} and {} x {} pixels cannot be combined; both must be square and of one size",
         first.width, first.height, second.width, second.height);
  }
  if (first.height < 64) fail("scans below 64 x 64 pixels cannot be combined");
  const int reach = std::max(8, int(options.largest_px > 0 ? options.largest_px : 0.1 * first.height));
  ScanPair result;
  result.quarter_turns = options.quarter_turns != 0 ? options.quarter_turns : better_turn(first, second, reach);
  const Image second_turned = turned(second, result.quarter_turns);
  // Turned by one quarter a line runs upwards: what is recorded first lies at the bottom; lines stay lines.
  Pair pair{first, transposed(second_turned), {}, {}};
  start_from_tiles(first, second_turned, reach, pair);
  centre(pair);
  const int border = first.height / 10;
  result.correlation_before = correlation(first, second_turned, border);
  result.jitter_px = refine(pair, options);
  result.first = pair.first_right(1);
  result.second = pair.second_right(1);
  result.correlation_after = correlation(result.first, result.second, border);
  result.image = result.first;
  for (std::size_t i = 0; i < result.image.data.size(); ++i) {
    result.image.data[i] = 0.5F * (result.first.data[i] + result.second.data[i]);
  }
  result.first_lines = std::move(pair.first_lines);
  result.second_lines = std::move(pair.second_lines);
  result.drift_first_px = span(result.first_lines);
  result.drift_second_px = span(result.second_lines);
  return result;
}

nlohmann::json ScanPair::to_json() const {
  return {{"quarter_turns", quarter_turns},         {"correlation_before", correlation_before},
          {"correlation_after", correlation_after}, {"drift_first_px", drift_first_px},
          {"drift_second_px", drift_second_px},     {"jitter_px", jitter_px}};
}

}  // namespace colonnade
