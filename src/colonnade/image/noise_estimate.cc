// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/noise_estimate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "colonnade/core/error.h"
#include "colonnade/image/filter.h"

namespace colonnade {
namespace {

constexpr int order = 6, reach = order / 2;
constexpr std::array<double, order + 1> difference{1, -6, 15, -20, 15, -6, 1};
constexpr double squares = 924;  ///< of the difference's weights
// White noise: correlation of such differences two pixels apart, sum d_i d_(i+2)/924, and of noise with itself one
// pixel apart as they see it.
constexpr double smoothing_px = 1.5;
constexpr int most_groups = 48;
constexpr std::size_t least_group = 400;

struct Sample {
  float order;  ///< the smoothed brightness, by which the samples are gathered
  float brightness, difference;
};

std::vector<Sample> samples_of(const Image& image) {
  const Image smooth = gaussian_filter(image, smoothing_px);
  std::vector<Sample> samples;
  const double scale = 1 / std::sqrt(squares);
  for (int y = 0; y < image.height; ++y) {
    for (int x = reach; x < image.width - reach; ++x) {
      double sum = 0;
      for (int k = 0; k <= order; ++k) sum += difference[k] * image.at(y, x + k - reach);
      samples.push_back({smooth.at(y, x), image.at(y, x), float(sum * scale)});
    }
  }
  return samples;
}

struct Group {
  double brightness = 0, variance = 0, error = 0;
};

/// Variance from the median of the absolute values (deviation = 1.4826 median), which stray spots do not move.
Group group_of(const Sample* first, std::size_t count) {
  std::vector<float> sizes(count);
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    sizes[i] = std::abs(first[i].difference);
    sum += first[i].brightness;
  }
  const auto middle = sizes.begin() + std::ptrdiff_t(count / 2);
  std::nth_element(sizes.begin(), middle, sizes.end());
  const double deviation = 1.482602 * *middle;
  // The median's efficiency is 0.37; neighbouring differences share pixels (about two pixels' worth).
  return {sum / double(count), deviation * deviation,
          deviation * deviation * std::sqrt(2 / (0.37 * double(count)) * 2)};
}

/// Autocovariance of the differences at a distance along the lines over that at none.
double correlation_at(const Image& image, const std::vector<Sample>& samples, int distance) {
  const int width = image.width - 2 * reach;
  double product = 0, square = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x + distance < width; ++x) {
      const double a = samples[std::size_t(y) * width + x].difference,
                   b = samples[std::size_t(y) * width + x + distance].difference;
      product += a * b;
      square += 0.5 * (a * a + b * b);
    }
  }
  return square > 0 ? product / square : 0;
}

/// What white noise would give at that distance.
double white_correlation(int distance) {
  double sum = 0;
  for (int k = 0; k + distance <= order; ++k) sum += difference[k] * difference[k + distance];
  return sum / squares;
}

}  // namespace

NoiseEstimate estimate_noise(const Image& image) {
  require_finite(image, "estimating the noise");
  if (image.height < 64 || image.width < 64) {
    fail("the noise of an image of {} x {} pixels cannot be estimated; 64 x 64 are needed", image.width, image.height);
  }
  std::vector<Sample> samples = samples_of(image);
  NoiseEstimate result;
  // Noise n with correlation c between neighbours: the differences' correlation at 1 moves from white's -6/7 by
  // c (1 + 15/28 - 2 (6/7)^2) to first order.
  constexpr double slope = 1 + 15.0 / 28 - 2 * 36.0 / 49;
  result.neighbour_correlation =
      std::clamp((correlation_at(image, samples, 1) - white_correlation(1)) / slope, -1.0, 1.0);
  std::sort(samples.begin(), samples.end(),
            [](const Sample& one, const Sample& other) { return one.order < other.order; });
  const std::size_t groups = std::clamp<std::size_t>(samples.size() / least_group, 2, most_groups);
  std::vector<Group> all;
  for (std::size_t g = 0; g < groups; ++g) {
    const std::size_t first = samples.size() * g / groups, last = samples.size() * (g + 1) / groups;
    all.push_back(group_of(samples.data() + first, last - first));
  }
  // Weighted straight line, weights from the line itself from the second round on.
  double slope_value = 0, intercept = 0, s = 0, sx = 0, sxx = 0;
  const double whole =
      std::accumulate(all.begin(), all.end(), 0.0, [](double sum, const Group& g) { return sum + g.variance; });
  intercept = whole / double(groups);
  for (int round = 0; round < 5; ++round) {
    double sy = 0, sxy = 0;
    s = sx = sxx = 0;
    for (const Group& group : all) {
      const double expected = std::max(slope_value * group.brightness + intercept, 1e-3 * whole / double(groups));
      const double error = group.error / std::max(group.variance, 1e-300) * expected;
      if (!(error > 0)) continue;
      const double off = group.variance - (slope_value * group.brightness + intercept);
      const double weight = 1 / (error * error) / (round > 0 ? std::max(1.0, std::abs(off) / (2 * error)) : 1);
      s += weight, sx += weight * group.brightness, sxx += weight * group.brightness * group.brightness;
      sy += weight * group.variance, sxy += weight * group.brightness * group.variance;
    }
    const double determinant = s * sxx - sx * sx;
    if (!(determinant > 1e-9 * s * sxx)) break;
    slope_value = (s * sxy - sx * sy) / determinant;
    intercept = (sxx * sy - sx * sxy) / determinant;
  }
  const double determinant = s * sxx - sx * sx;
  result.gain = slope_value;
  result.floor = intercept;
  if (determinant > 1e-9 * s * sxx) {
    result.gain_error = std::sqrt(s / determinant);
    result.floor_error = std::sqrt(sxx / determinant);
  }
  if (result.gain < 3 * result.gain_error) {  // nothing to tell counting from an even floor
    result.gain = std::max(result.gain, 0.0);
  }
  result.variance_at_mean = std::max(0.0, result.variance(mean(image)));
  result.deviation = std::sqrt(result.variance_at_mean);
  result.level = result.gain > 0 ? -result.floor / result.gain : 0;
  return result;
}

nlohmann::json NoiseEstimate::to_json() const {
  return {{"gain", gain},
          {"gain_error", gain_error},
          {"floor", floor},
          {"floor_error", floor_error},
          {"deviation_at_mean", deviation},
          {"level", level},
          {"neighbour_correlation", neighbour_correlation}};
}

}  // namespace colonnade
