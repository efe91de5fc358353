// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/line_shifts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "colonnade/core/parallel.h"
#include "colonnade/image/sinc_sampling.h"

namespace colonnade {
namespace {

constexpr double unknown = 25;        ///< variance from which on a line says nothing, px^2
constexpr double least_signal = 1.5;  ///< of a line's slopes over those of noise

/// The reference at a fraction of a line, moved along it.
void reference_line(const Image& reference, double y, double right, std::vector<float>& scratch,
                    std::vector<float>& line) {
  const SincSamples samples = sinc_samples(std::clamp(y, 0.0, reference.height - 1.0));
  scratch.assign(reference.width, 0.0F);
  line.resize(reference.width);
  for (int j = 0; j < sinc_taps; ++j) {
    const int from = std::clamp(samples.first + j, 0, reference.height - 1);
    const float* source = reference.data.data() + std::size_t(from) * reference.width;
    for (int x = 0; x < reference.width; ++x) scratch[x] += samples.weights[j] * source[x];
  }
  sinc_shift_line(scratch.data(), reference.width, right, line.data());
}

/// Sums of products over the pixels of a line: 0 the slope down, 1 the slope along, 2 what is missing.
struct LineSums {
  double count = 0, first[3] = {}, second[3][3] = {};

  void add(const double values[3]) {
    count += 1;
    for (int a = 0; a < 3; ++a) {
      first[a] += values[a];
      for (int b = 0; b < 3; ++b) second[a][b] += values[a] * values[b];
    }
  }
  double covariance(int a, int b) const { return second[a][b] - first[a] * first[b] / count; }
};

LineStep solved(const LineSums& sums, double slope_noise) {
  LineStep step;
  if (sums.count < 8) return step;
  double yy = sums.covariance(0, 0), xx = sums.covariance(1, 1);
  const double yx = sums.covariance(0, 1);
  const double y = sums.covariance(0, 2), x = sums.covariance(1, 2), all = sums.covariance(2, 2);
  step.residual = std::max(all, 0.0) / sums.count;
  const auto solve = [&] {
    const double determinant = yy * xx - yx * yx;
    if (!(determinant > 1e-12 * (yy + xx) * (yy + xx)) || !(yy + xx > 0)) return false;
    step.y = (xx * y - yx * x) / determinant;
    step.x = (yy * x - yx * y) / determinant;
    return true;
  };
  if (!solve()) return step;
  const double left = std::max(all - step.y * y - step.x * x, 1e-9 * all) / (sums.count - 3);
  if (slope_noise > 0) {
    const double noise = sums.count * slope_noise * left;
    step.y = step.x = 0;
    if (yy < least_signal * noise || xx < least_signal * noise) return step;
    yy -= noise;
    xx -= noise;
    if (!solve()) return step;
  }
  if (!(left > 0)) {
    step.yy = step.xx = 1 / 1e-8;  // an exact copy
    return step;
  }
  step.yy = yy / left;
  step.yx = yx / left;
  step.xx = xx / left;
  return step;
}

LineStep measure_line(const Image& frame, const Image& reference, int row, double down, double right,
                      double slope_noise) {
  thread_local std::vector<float> scratch, line, above, below;
  constexpr int margin = sinc_taps / 2;
  const double y = row + down;
  if (y < 0 || y > reference.height - 1) return {};
  reference_line(reference, y, right, scratch, line);
  reference_line(reference, y - 0.5, right, scratch, above);
  reference_line(reference, y + 0.5, right, scratch, below);
  const int first = std::max(margin, int(std::ceil(1 - right))),
            last = std::min(frame.width - margin, int(std::floor(reference.width - 1 - right)));
  const float* recorded = frame.data.data() + std::size_t(row) * frame.width;
  LineSums sums;
  for (int x = first; x < last; ++x) {
    // Slope along the line to fourth order: the line is band-limited well below the pixels.
    const double along = (8 * (double(line[x + 1]) - line[x - 1]) - (double(line[x + 2]) - line[x - 2])) / 12;
    const double values[3] = {double(below[x]) - above[x], along, double(recorded[x]) - line[x]};
    sums.add(values);
  }
  return solved(sums, slope_noise);
}

/// One component of all lines: measured displacement and its variance.
struct Course {
  std::vector<double> value, variance;
};

/// Weighted sums of a local straight line.
struct LocalLine {
  double w = 0, wt = 0, wtt = 0, wv = 0, wtv = 0;
  int known = 0;

  LocalLine(const Course& course, double jitter, double width, int line) {
    const int lines = int(course.value.size()), reach = int(std::ceil(3 * width));
    for (int other = std::max(0, line - reach); other <= std::min(lines - 1, line + reach); ++other) {
      if (course.variance[other] >= unknown) continue;
      const double t = (other - line) / width;
      const double weight = std::exp(-0.5 * t * t) / (course.variance[other] + jitter + 1e-8);
      w += weight;
      wt += weight * t;
      wtt += weight * t * t;
      wv += weight * course.value[other];
      wtv += weight * t * course.value[other];
      ++known;
    }
  }
  double value() const {
    const double determinant = w * wtt - wt * wt;
    return determinant > 1e-6 * w * wtt ? (wtt * wv - wt * wtv) / determinant : wv / w;
  }
};

/// Local straight line through the course at every line, weights 1/(variance + jitter) times a Gaussian; wider where
/// few lines say anything.
std::vector<double> smooth_course(const Course& course, double jitter, double width) {
  const int lines = int(course.value.size());
  std::vector<double> smooth(lines);
  for (int line = 0; line < lines; ++line) {
    for (double wide = width;; wide *= 2) {
      const LocalLine local(course, jitter, wide, line);
      if (local.known < 1.5 * width && 3 * wide < lines) continue;
      smooth[line] = local.known > 0 ? local.value() : course.value[line];
      break;
    }
  }
  return smooth;
}

/// The jitter's variance: what the scatter about the smooth course has beyond the lines' own errors; each line counts
/// by how well it knows. Lines beyond four deviations do not count.
double jitter_variance(const Course& course, const std::vector<double>& smooth, double before) {
  double excess = 0, weights = 0;
  for (std::size_t i = 0; i < smooth.size(); ++i) {
    const double expected = course.variance[i] + before, off = course.value[i] - smooth[i];
    if (course.variance[i] >= unknown || off * off > 16 * (expected + 1e-4)) continue;
    const double weight = 1 / std::pow(expected + 1e-6, 2);
    excess += weight * (off * off - course.variance[i]);
    weights += weight;
  }
  return weights > 0 ? std::max(0.0, excess / weights) : 0;
}

std::vector<double> credible(const Course& course, const LineSmoothing& smoothing, double* jitter_px) {
  std::vector<double> known;
  for (const double variance : course.variance) {
    if (variance < unknown) known.push_back(variance);
  }
  double jitter = 0.01;
  if (known.empty()) return course.value;
  std::vector<double> smooth = smooth_course(course, jitter, smoothing.lines);
  for (int pass = 0; pass < 4; ++pass) {
    jitter = jitter_variance(course, smooth, jitter);
    smooth = smooth_course(course, jitter, smoothing.lines);
  }
  if (jitter_px) *jitter_px = std::sqrt(jitter);
  if (!smoothing.single_lines) return smooth;
  for (std::size_t i = 0; i < smooth.size(); ++i) {
    const double off = course.value[i] - smooth[i], expected = course.variance[i] + jitter;
    if (course.variance[i] >= unknown || off * off > 36 * (expected + 1e-4))
      continue;  // says nothing, or was caught by a neighbouring column: not to be believed
    const double own = off * jitter / (expected + 1e-12);
    smooth[i] += std::clamp(own, -smoothing.largest_px, smoothing.largest_px);
  }
  return smooth;
}

}  // namespace

double LineStep::variance_y() const {
  const double determinant = yy * xx - yx * yx;
  return determinant > 0 ? std::min(unknown, xx / determinant) : unknown;
}

double LineStep::variance_x() const {
  const double determinant = yy * xx - yx * yx;
  return determinant > 0 ? std::min(unknown, yy / determinant) : unknown;
}

std::vector<LineStep> measure_lines(const Image& frame, const Image& reference, const LineShifts& shifts, int stride,
                                    double slope_noise) {
  std::vector<LineStep> steps(frame.height);
  parallel_for((frame.height + stride - 1) / stride, [&](std::int64_t index, int) {
    const int row = int(index) * stride;
    steps[row] = measure_line(frame, reference, row, shifts.y[row], shifts.x[row], slope_noise);
  });
  return steps;
}

double blurred_slope_noise(double blur_px, double frames) {
  return 1 / (8 * std::numbers::pi * std::pow(blur_px, 4) * frames);
}

LineShifts credible_shifts(const LineShifts& before, const std::vector<LineStep>& steps, const LineSmoothing& smoothing,
                           double jitter_px[2]) {
  Course down, right;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    // A step beyond a pixel is outside what a straight line through the reference's slopes can say.
    down.value.push_back(before.y[i] + std::clamp(steps[i].y, -1.0, 1.0));
    right.value.push_back(before.x[i] + std::clamp(steps[i].x, -1.0, 1.0));
    down.variance.push_back(steps[i].variance_y());
    right.variance.push_back(steps[i].variance_x());
  }
  LineShifts result;
  result.y = credible(down, smoothing, jitter_px ? jitter_px : nullptr);
  result.x = credible(right, smoothing, jitter_px ? jitter_px + 1 : nullptr);
  return result;
}

}  // namespace colonnade
