// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/undistort.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/image/sinc_sampling.h"

namespace colonnade {
namespace {

// Lines nearer to each other than this are averaged: a spline through both would follow their noise.
constexpr double least_gap_px = 0.7;
// Nor is what is lacking added where neighbouring lines jump by more: it would be noise.
constexpr double largest_jump_px = 0.25;

float between(const float* line, int size, double at) {
  const double inside = std::clamp(at, 0.0, size - 1.0);
  const int left = std::min(int(inside), size - 2);
  const auto share = float(inside - left);
  return line[left] + share * (line[left + 1] - line[left]);
}

float sinc_between(const float* line, int size, double at) {
  const double inside = std::clamp(at, 0.0, size - 1.0);
  const SincSamples samples = sinc_samples(inside);
  float value = 0;
  if (samples.first >= 0 && samples.first + sinc_taps <= size) {
    for (int j = 0; j < sinc_taps; ++j) value += samples.weights[j] * line[samples.first + j];
  } else {
    for (int j = 0; j < sinc_taps; ++j) {
      value += samples.weights[j] * line[std::clamp(samples.first + j, 0, size - 1)];
    }
  }
  return value;
}

/// Lines put right along themselves, and the places down the image where they then lie; column by column.
struct Straightened {
  std::vector<float> value, place;  ///< (x, line)
};

Straightened straighten(const Image& image, const Displacements& displacements) {
  Straightened result{std::vector<float>(image.data.size()), std::vector<float>(image.data.size())};
  parallel_for(image.height, [&](std::int64_t y, int) {
    const std::size_t row = std::size_t(y) * image.width;
    const float *right = displacements.x.data() + row, *down = displacements.y.data() + row;
    if (std::all_of(right, right + image.width, [&](float u) { return u == right[0]; }) &&
        std::all_of(down, down + image.width, [&](float u) { return u == down[0]; })) {
      thread_local std::vector<float> moved;
      moved.resize(image.width);
      sinc_shift_line(image.data.data() + row, image.width, -right[0], moved.data());
      for (int x = 0; x < image.width; ++x) {
        result.value[std::size_t(x) * image.height + y] = moved[x];
        result.place[std::size_t(x) * image.height + y] = float(y) + down[0];
      }
      return;
    }
    double at = -right[0];
    for (int x = 0; x < image.width; ++x) {
      for (int pass = 0; pass < 8; ++pass) {  // at + u(at) = x
        const double next = x - between(right, image.width, at);
        const bool settled = std::abs(next - at) < 1e-4;
        at = next;
        if (settled) break;
      }
      const std::size_t turned = std::size_t(x) * image.height + y;
      result.value[turned] = sinc_between(image.data.data() + row, image.width, at);
      result.place[turned] = float(double(y) + between(down, image.width, at));
      at += 1;
    }
  });
  return result;
}

/// A natural cubic spline through samples at ascending places.
struct Spline {
  std::vector<double> place, value, bend;

  void set(const float* places, const float* values, int count) {
    place.clear();
    value.clear();
    order_.resize(count);
    std::iota(order_.begin(), order_.end(), 0);
    if (!std::is_sorted(places, places + count)) {
      std::stable_sort(order_.begin(), order_.end(), [&](int a, int b) { return places[a] < places[b]; });
    }
    for (int i = 0; i < count;) {
      double at = 0, sum = 0;
      int many = 0;
      const double first = places[order_[i]];
      for (; i < count && (many == 0 || places[order_[i]] - first < least_gap_px); ++i, ++many) {
        at += places[order_[i]];
        sum += values[order_[i]];
      }
      place.push_back(at / many);
      value.push_back(sum / many);
    }
    solve();
  }

  /// At 0, 1, ... count - 1.
  template <class Put>
  void each(int count, const Put& put) const {
    std::size_t above = 1;
    for (int y = 0; y < count; ++y) {
      while (above + 1 < place.size() && place[above] < y) ++above;
      put(y, between(above, y));
    }
  }

 private:
  double between(std::size_t above, double y) const {
    if (place.size() < 2 || y <= place.front()) return value.front();
    if (y >= place.back()) return value.back();
    const double gap = place[above] - place[above - 1], b = (y - place[above - 1]) / gap, a = 1 - b;
    return a * value[above - 1] + b * value[above] +
           ((a * a * a - a) * bend[above - 1] + (b * b * b - b) * bend[above]) * gap * gap / 6;
  }

  /// Second derivatives at the places (tridiagonal; zero at the ends).
  void solve() {
    const std::size_t n = place.size();
    bend.assign(n, 0);
    upper_.assign(n, 0);
    for (std::size_t i = 1; i + 1 < n; ++i) {
      const double before = place[i] - place[i - 1], after = place[i + 1] - place[i], share = before / (before + after);
      const double pivot = share * upper_[i - 1] + 2;
      const double slopes = (value[i + 1] - value[i]) / after - (value[i] - value[i - 1]) / before;
      upper_[i] = (share - 1) / pivot;
      bend[i] = (6 * slopes / (before + after) - share * bend[i - 1]) / pivot;
    }
    for (std::size_t i = n - 1; i-- > 0;) bend[i] += upper_[i] * bend[i + 1];
  }

  std::vector<int> order_;
  std::vector<double> upper_;
};

/// Whether lines follow each other unevenly.
bool jumps(const Displacements& displacements, int width) {
  for (std::size_t i = std::size_t(width); i < displacements.y.size(); i += std::size_t(width)) {
    if (std::abs(displacements.y[i] - displacements.y[i - std::size_t(width)]) > largest_jump_px) return true;
  }
  return false;
}

Image spread(const Image& image, const Displacements& displacements) {
  const Straightened lines = straighten(image, displacements);
  Image result = image;
  parallel_for(image.width, [&](std::int64_t x, int) {
    thread_local Spline spline;
    const std::size_t column = std::size_t(x) * image.height;
    spline.set(lines.place.data() + column, lines.value.data() + column, image.height);
    spline.each(image.height, [&](int y, double value) { result.at(y, int(x)) = float(value); });
  });
  return result;
}

}  // namespace

Image scan_undistorted(const Image& image, const Displacements& displacements, int corrections) {
  require_finite(image, "taking out scan distortion");
  if (displacements.x.size() != image.data.size() || displacements.y.size() != image.data.size()) {
    fail("an image of {} x {} pixels cannot be put right with {} displacements", image.height, image.width,
         displacements.x.size());
  }
  if (image.width < sinc_taps || image.height < 4)
    fail("an image of {} x {} pixels is too small", image.height, image.width);
  Image result = spread(image, displacements);
  if (jumps(displacements, image.width)) corrections = 0;
  for (int round = 0; round < corrections; ++round) {
    Image missing = scan_distorted(result, image.height, image.width, displacements);
    for (std::size_t i = 0; i < missing.data.size(); ++i) missing.data[i] = image.data[i] - missing.data[i];
    const Image correction = spread(missing, displacements);
    for (std::size_t i = 0; i < result.data.size(); ++i) result.data[i] += correction.data[i];
  }
  return result;
}

Displacements line_displacements(const std::vector<double>& y, const std::vector<double>& x, int width) {
  Displacements result;
  for (std::size_t row = 0; row < y.size(); ++row) {
    result.y.insert(result.y.end(), width, float(y[row]));
    result.x.insert(result.x.end(), width, float(x[row]));
  }
  return result;
}

double largest(const Displacements& displacements) {
  double most = 0;
  for (const auto* part : {&displacements.y, &displacements.x}) {
    for (const float value : *part) most = std::max(most, double(std::abs(value)));
  }
  return most;
}

}  // namespace colonnade
