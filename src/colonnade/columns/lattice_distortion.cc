// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/lattice_distortion.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/image/line_shifts.h"
#include "colonnade/image/sinc_sampling.h"
#include "colonnade/image/undistort.h"

namespace colonnade {
namespace {

// Settling is looked for with these decay lengths, as fractions of a line.
constexpr double settling_lengths[] = {1.0 / 64, 1.0 / 16, 1.0 / 4};
constexpr double huber = 2;
constexpr double ridge = 1e-3;  ///< of the columns' count: keeps terms that nothing determines at 0
constexpr int fit_rounds = 12;

/// Courses over the lines (both axes) and along them (x only).
class SmoothField {
 public:
  SmoothField(int height, int width, int terms) : height_(height), width_(width), terms_(terms) {}

  Eigen::VectorXd drift_row(double y) const {
    Eigen::VectorXd row(terms_);
    for (int k = 0; k < terms_; ++k) row[k] = std::cos(std::numbers::pi * (k + 1) * (y + 0.5) / height_);
    return row;
  }
  Eigen::VectorXd settling_row(double x) const {
    Eigen::VectorXd row(std::size(settling_lengths));
    for (std::size_t k = 0; k < std::size(settling_lengths); ++k) {
      row[Eigen::Index(k)] = std::exp(-x / (settling_lengths[k] * width_));
    }
    return row;
  }

  /// Residuals: where the lattice says minus where the column is, at the columns' places; robust, an affine part
  /// besides that is thrown away (the lattice fit has taken the affine part of the distortion already).
  void fit(const std::vector<Point>& at, const std::vector<Point>& residual) {
    down_ = axis(at, residual, false);
    right_ = axis(at, residual, true);
  }

  Point operator()(double y, double x) const {
    const Eigen::VectorXd over = drift_row(y), along = settling_row(x);
    const Eigen::Index n = terms_;
    const Eigen::Vector3d plane(1, 2 * x / width_ - 1, 2 * y / height_ - 1);
    return {over.dot(right_.head(n)) + along.dot(right_.segment(n, along.size())) + plane.dot(right_.tail(3)),
            over.dot(down_.head(n)) + plane.dot(down_.tail(3))};
  }

 private:
  Eigen::VectorXd axis(const std::vector<Point>& at, const std::vector<Point>& residual, bool right) const {
    const Eigen::Index n = terms_, settling = right ? Eigen::Index(std::size(settling_lengths)) : 0,
                       size = n + settling + 3;
    const auto count = Eigen::Index(at.size());
    Eigen::MatrixXd rows(count, size);
    Eigen::VectorXd values(count), weights = Eigen::VectorXd::Ones(count);
    for (Eigen::Index i = 0; i < count; ++i) {
      const Point& p = at[std::size_t(i)];
      rows.row(i).head(n) = drift_row(p.y).transpose();
      if (right) rows.row(i).segment(n, settling) = settling_row(p.x).transpose();
      rows.row(i).tail(3) << 1, 2 * p.x / width_ - 1, 2 * p.y / height_ - 1;
      values[i] = right ? residual[std::size_t(i)].x : residual[std::size_t(i)].y;
    }
    Eigen::VectorXd solution;
    for (int round = 0; round < fit_rounds; ++round) {
      const Eigen::MatrixXd normal = rows.transpose() * weights.asDiagonal() * rows +
                                     ridge * Eigen::MatrixXd::Identity(size, size) * double(count);
      solution = normal.ldlt().solve(rows.transpose() * weights.cwiseProduct(values));
      const Eigen::VectorXd off = (values - rows * solution).cwiseAbs();
      std::vector<double> sizes(off.data(), off.data() + off.size());
      std::nth_element(sizes.begin(), sizes.begin() + count / 2, sizes.end());
      const double scale = std::max(1e-6, 1.4826 * sizes[std::size_t(count / 2)]);
      for (Eigen::Index i = 0; i < count; ++i) weights[i] = 1 / std::max(1.0, off[i] / (huber * scale));
    }
    return solution;
  }

  int height_, width_, terms_;
  Eigen::VectorXd down_, right_;
};

double rms(const std::vector<Point>& points) {
  double sum = 0;
  for (const Point& p : points) sum += 0.5 * (p.x * p.x + p.y * p.y);
  return points.empty() ? 0 : std::sqrt(sum / double(points.size()));
}

/// u(p) = M (p + r(p)) - p about the image's middle, with r the smooth field (none: 0) and M to square pixels.
Displacements displaced(const Image& image, const std::array<std::array<double, 2>, 2>& m, const SmoothField* field) {
  Displacements u{std::vector<float>(image.data.size()), std::vector<float>(image.data.size())};
  const double cy = 0.5 * (image.height - 1), cx = 0.5 * (image.width - 1);
  parallel_for(image.height, [&](std::int64_t y, int) {
    for (int x = 0; x < image.width; ++x) {
      Point at{x - cx, double(y) - cy};
      if (field) {
        const Point moved = (*field)(double(y), x);
        at = {at.x + moved.x, at.y + moved.y};
      }
      const std::size_t i = std::size_t(y) * image.width + x;
      u.x[i] = float(m[0][0] * at.x + m[0][1] * at.y - (x - cx));
      u.y[i] = float(m[1][0] * at.x + m[1][1] * at.y - (double(y) - cy));
    }
  });
  return u;
}

double rms_of(const Displacements& u) {
  double sum = 0;
  for (std::size_t i = 0; i < u.x.size(); ++i) sum += 0.5 * (double(u.x[i]) * u.x[i] + double(u.y[i]) * u.y[i]);
  return u.x.empty() ? 0 : std::sqrt(sum / double(u.x.size()));
}

double rms_difference(const Displacements& a, const Displacements& b) {
  Displacements off = a;
  for (std::size_t i = 0; i < off.x.size(); ++i) off.x[i] -= b.x[i], off.y[i] -= b.y[i];
  return rms_of(off);
}

Displacements with_lines(const Displacements& smooth, const LineShifts& lines, int width) {
  Displacements u = smooth;
  for (std::size_t i = 0; i < u.x.size(); ++i) {
    const std::size_t line = i / std::size_t(width);
    u.x[i] += float(lines.x[line]);
    u.y[i] += float(lines.y[line]);
  }
  return u;
}

/// Each line against the cell-averaged image, scanned with the smooth part.
void add_rows(const Image& image, const LatticeBasis& basis, const DistortionOptions& options,
              LatticeDistortion& result) {
  const Displacements smooth = result.displacements;
  LineShifts lines(image.height, 0, 0);
  LineSmoothing smoothing;
  smoothing.largest_px = 2;
  double jitter[2] = {};
  for (int round = 0; round < options.rounds; ++round) {
    const Image right = scan_undistorted(image, with_lines(smooth, lines, image.width), 0);
    const Image reference =
        scan_distorted(cell_average(right, basis, options.cells), image.height, image.width, smooth);
    lines = credible_shifts(lines, measure_lines(image, reference, lines), smoothing, jitter);
  }
  result.displacements = with_lines(smooth, lines, image.width);
  result.jitter_y_px = jitter[0];
  result.jitter_x_px = jitter[1];
  result.rows_px = rms_difference(result.displacements, smooth);
}

}  // namespace

void DistortionOptions::check() const {
  if (kind != "affine" && kind != "smooth" && kind != "rows") {
    fail("distortion to take out is '{}'; it must be affine, smooth or rows", kind);
  }
  if (drift_terms < 1 || drift_terms > 50) fail("{} terms of drift are outside 1 to 50", drift_terms);
  if (cells < 1 || cells > 50) fail("an average over {} cells is outside 1 to 50", cells);
  if (rounds < 1 || rounds > 50) fail("{} rounds are outside 1 to 50", rounds);
}

LatticeDistortion measure_distortion(const Image& image, const std::vector<Column>& columns, const LatticeFit& fit,
                                     const std::optional<PixelCalibration>& calibration,
                                     const DistortionOptions& options) {
  options.check();
  if (!calibration && options.kind == "affine") {
    fail("affine distortion can be told only against a known crystal; name it with --crystal and --zone");
  }
  std::array<std::array<double, 2>, 2> square{{{1, 0}, {0, 1}}};
  if (calibration) square = calibration->to_square;
  LatticeDistortion result;
  std::vector<Point> at, residual;
  for (std::size_t k = 0; k < columns.size(); ++k) {
    if (fit.index[k].site < 0) continue;
    const Point place = fit.place(fit.index[k]);
    const Point off{place.x - columns[k].x_px, place.y - columns[k].y_px};
    if (std::hypot(off.x, off.y) > 0.4 * std::hypot(fit.basis.a.x, fit.basis.a.y)) continue;
    at.push_back({columns[k].x_px, columns[k].y_px});
    residual.push_back(off);
  }
  result.before_px = result.after_px = rms(residual);
  const Displacements affine = displaced(image, square, nullptr);
  result.displacements = affine;
  result.affine_px = rms_of(affine);
  if (options.kind == "affine") return result;
  SmoothField field(image.height, image.width, options.drift_terms);
  field.fit(at, residual);
  for (std::size_t k = 0; k < at.size(); ++k) {
    const Point moved = field(at[k].y, at[k].x);
    residual[k] = {residual[k].x - moved.x, residual[k].y - moved.y};
  }
  result.after_px = rms(residual);
  result.displacements = displaced(image, square, &field);
  result.smooth_px = rms_difference(result.displacements, affine);
  if (options.kind == "smooth") return result;
  const auto to_square = [&](const Point& p) {
    return Point{square[0][0] * p.x + square[0][1] * p.y, square[1][0] * p.x + square[1][1] * p.y};
  };
  add_rows(image, {to_square(fit.basis.a), to_square(fit.basis.b)}, options, result);
  return result;
}

Image cell_average(const Image& image, const LatticeBasis& basis, int cells) {
  Image result = image;
  for (const Point& step : {basis.a, basis.b}) {
    const Image before = result;
    std::vector<float> sum(before.data), count(before.data.size(), 1.0F);
    for (int k = -cells; k <= cells; ++k) {
      if (k == 0) continue;
      const double down = k * step.y, right = k * step.x;
      const Image moved = sinc_shift(before, down, right);
      const int top = std::max(0, int(std::ceil(-down))),
                bottom = std::min(image.height, int(std::floor(image.height - down))),
                left = std::max(0, int(std::ceil(-right))),
                end = std::min(image.width, int(std::floor(image.width - right)));
      for (int y = top; y < bottom; ++y) {
        for (int x = left; x < end; ++x) {
          const std::size_t i = std::size_t(y) * image.width + x;
          sum[i] += moved.data[i];
          count[i] += 1;
        }
      }
    }
    for (std::size_t i = 0; i < sum.size(); ++i) result.data[i] = sum[i] / count[i];
  }
  return result;
}

nlohmann::json LatticeDistortion::to_json() const {
  return {{"before_px", before_px}, {"after_px", after_px},       {"affine_px", affine_px},    {"smooth_px", smooth_px},
          {"rows_px", rows_px},     {"jitter_y_px", jitter_y_px}, {"jitter_x_px", jitter_x_px}};
}

}  // namespace colonnade
