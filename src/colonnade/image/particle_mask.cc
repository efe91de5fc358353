// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/particle_mask.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "colonnade/core/error.h"
#include "colonnade/image/filter.h"

namespace colonnade {
namespace {

// Between bright and dark, in deviations of the dark (an even slope has 2.7); and how much lattice there may be
// outside, as a share of that inside.
constexpr double least_contrast = 4, largest_lattice_outside = 0.35;
constexpr double fine_px = 1;  ///< blurs noise, not columns
constexpr double least_outside = 0.04, least_inside = 0.01;
constexpr int rounds = 4, patches = 6;
// The outline is drawn at so many deviations of the outside above the surface, at least at this share of the contrast.
constexpr double edge_deviations = 3.5, edge_share = 0.3;
constexpr double smallest_part = 0.02;  ///< of the largest part of the particle
// A higher degree is taken where it lowers the error of left-out patches by this factor.
constexpr double worth_a_degree = 0.93;

using Mask = std::vector<std::uint8_t>;

double median_of(std::vector<float> values) {
  const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double deviation_of(const std::vector<float>& values, double middle) {
  std::vector<float> off;
  for (const float value : values) off.push_back(std::abs(value - float(middle)));
  return 1.4826 * median_of(off);
}

/// Values on a coarse grid, one per blurring width: what the surface is fitted to.
struct Point {
  int y, x;
  double value;
};

std::vector<double> terms(int degree, double y, double x) {
  std::vector<double> all;
  for (int total = 0; total <= degree; ++total) {
    for (int power = 0; power <= total; ++power) all.push_back(std::pow(x, total - power) * std::pow(y, power));
  }
  return all;
}

struct Surface {
  int degree = 0, height = 1, width = 1;
  Eigen::VectorXd coefficients;
  Eigen::MatrixXd covariance;
  Eigen::VectorXd row(double y, double x) const {
    const std::vector<double> all = terms(degree, 2 * y / height - 1, 2 * x / width - 1);
    return Eigen::Map<const Eigen::VectorXd>(all.data(), std::ptrdiff_t(all.size()));
  }
  double at(double y, double x) const { return row(y, x).dot(coefficients); }
  /// Along a line, coefficients of the powers of 2 x/width - 1.
  std::vector<double> line(double y) const {
    std::vector<double> along(degree + 1, 0.0);
    Eigen::Index k = 0;
    for (int total = 0; total <= degree; ++total) {
      for (int power = 0; power <= total; ++power) {
        along[total - power] += coefficients[k++] * std::pow(2 * y / height - 1, power);
      }
    }
    return along;
  }
  int patch(const Point& p) const { return p.y * patches / height * patches + p.x * patches / width; }
};

/// The points' terms, values and weights, to fit them with or without some.
struct Equations {
  Eigen::MatrixXd rows;
  Eigen::VectorXd values, weights;
  std::vector<int> patch;

  Equations(const std::vector<Point>& points, const Surface& surface)
      : rows(points.size(), surface.row(0, 0).size()), values(points.size()), weights(points.size()) {
    weights.setOnes();
    for (std::size_t i = 0; i < points.size(); ++i) {
      const auto k = Eigen::Index(i);
      rows.row(k) = surface.row(points[i].y, points[i].x).transpose();
      values[k] = points[i].value;
      patch.push_back(surface.patch(points[i]));
    }
  }
  Eigen::MatrixXd normal() const {
    const double ridge = 1e-9 * double(values.size());
    return rows.transpose() * weights.asDiagonal() * rows + ridge * Eigen::MatrixXd::Identity(rows.cols(), rows.cols());
  }
  Eigen::VectorXd right() const { return rows.transpose() * weights.cwiseProduct(values); }
};

/// Robust least squares (Huber); the covariance from the patches' sums.
Surface fit_surface(const std::vector<Point>& points, int degree, int height, int width, Equations* kept = nullptr) {
  Surface surface{degree, height, width, {}, {}};
  Equations equations(points, surface);
  Eigen::MatrixXd normal;
  Eigen::VectorXd off;
  for (int round = 0; round < 8; ++round) {
    normal = equations.normal();
    surface.coefficients = normal.ldlt().solve(equations.right());
    off = equations.values - equations.rows * surface.coefficients;
    std::vector<float> sizes;
    for (const double value : off) sizes.push_back(float(value));
    const double scale = std::max(1e-12, deviation_of(sizes, 0));
    for (Eigen::Index i = 0; i < off.size(); ++i) {
      equations.weights[i] = 1 / std::max(1.0, std::abs(off[i]) / (1.345 * scale));
    }
  }
  std::map<int, Eigen::VectorXd> sums;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto k = Eigen::Index(i);
    sums.try_emplace(equations.patch[i], Eigen::VectorXd::Zero(normal.rows())).first->second +=
        equations.weights[k] * off[k] * equations.rows.row(k).transpose();
  }
  Eigen::MatrixXd meat = Eigen::MatrixXd::Zero(normal.rows(), normal.rows());
  for (const auto& [patch, sum] : sums) meat += sum * sum.transpose();
  const Eigen::MatrixXd inverse = normal.inverse();
  const auto many = double(sums.size());
  surface.covariance = inverse * meat * inverse * (many > 1 ? many / (many - 1) : 1);
  if (kept) *kept = std::move(equations);
  return surface;
}

/// Mean absolute error of every patch as foretold by the others.
double foretelling_error(const std::vector<Point>& points, int degree, int height, int width) {
  Equations all({}, Surface{degree, height, width, {}, {}});
  fit_surface(points, degree, height, width, &all);
  const Eigen::MatrixXd normal = all.normal();
  const Eigen::VectorXd right = all.right();
  std::map<int, std::vector<Eigen::Index>> by_patch;
  for (std::size_t i = 0; i < points.size(); ++i) by_patch[all.patch[i]].push_back(Eigen::Index(i));
  double sum = 0;
  for (const auto& [patch, members] : by_patch) {
    Eigen::MatrixXd without = normal;
    Eigen::VectorXd rest = right;
    for (const Eigen::Index i : members) {
      const Eigen::VectorXd row = all.rows.row(i).transpose();
      without -= all.weights[i] * row * row.transpose();
      rest -= all.weights[i] * all.values[i] * row;
    }
    const Eigen::VectorXd coefficients = without.ldlt().solve(rest);
    for (const Eigen::Index i : members) sum += std::abs(all.values[i] - all.rows.row(i).dot(coefficients));
  }
  return sum / double(points.size());
}

Surface best_surface(const std::vector<Point>& points, int largest_degree, int height, int width) {
  int degree = 0;
  double error = foretelling_error(points, 0, height, width);
  for (int next = 1; next <= largest_degree; ++next) {
    if (points.size() < 6 * terms(next, 0, 0).size()) break;
    const double then = foretelling_error(points, next, height, width);
    if (then < worth_a_degree * error) degree = next, error = then;
  }
  return fit_surface(points, degree, height, width);
}

/// Parts of the mask joined by sides; pixels of parts smaller than `least` (share of the largest) are turned over.
void drop_small_parts(Mask& mask, int height, int width, std::uint8_t kind, double least, bool keep_at_border) {
  std::vector<int> part(mask.size(), -1);
  std::vector<std::size_t> sizes;
  std::vector<bool> at_border;
  std::vector<int> open;
  for (std::size_t seed = 0; seed < mask.size(); ++seed) {
    if (mask[seed] != kind || part[seed] >= 0) continue;
    const int number = int(sizes.size());
    sizes.push_back(0);
    at_border.push_back(false);
    open = {int(seed)};
    part[seed] = number;
    while (!open.empty()) {
      const int at = open.back();
      open.pop_back();
      ++sizes.back();
      const int y = at / width, x = at % width;
      if (y == 0 || x == 0 || y == height - 1 || x == width - 1) at_border.back() = true;
      const auto visit = [&](int next) {
        if (mask[next] == kind && part[next] < 0) part[next] = number, open.push_back(next);
      };
      if (y > 0) visit(at - width);
      if (y + 1 < height) visit(at + width);
      if (x > 0) visit(at - 1);
      if (x + 1 < width) visit(at + 1);
    }
  }
  if (sizes.empty()) return;
  const double limit = least * double(*std::max_element(sizes.begin(), sizes.end()));
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (part[i] < 0) continue;
    const bool keep = keep_at_border ? bool(at_border[part[i]]) : double(sizes[part[i]]) >= limit;
    if (!keep) mask[i] = std::uint8_t(1 - kind);
  }
}

struct Split {
  double low = 0, high = 0, low_deviation = 0;
  bool clear = false;
};

/// Dark and bright by repeated splitting in the middle of the two medians.
Split split(const Image& smooth) {
  const Extremes ends = extremes(smooth);
  double threshold = 0.5 * (double(ends.low) + ends.high);
  Split result;
  for (int round = 0; round < 30; ++round) {
    std::vector<float> low, high;
    for (const float value : smooth.data) (value > threshold ? high : low).push_back(value);
    if (low.empty() || high.empty()) return result;
    result.low = median_of(low);
    result.high = median_of(high);
    result.low_deviation = deviation_of(low, result.low);
    const double share = double(low.size()) / double(smooth.data.size());
    result.clear = result.high - result.low > least_contrast * result.low_deviation && share > least_outside &&
                   share < 1 - least_inside;
    threshold = 0.5 * (result.low + result.high);
  }
  return result;
}

/// How strong the pattern of columns is around each pixel: the root of the local power between the noise's scale and
/// the blur's, less what the noise (seen by differences of the sixth order along the lines) makes of it.
Image lattice_strength(const Image& image, const Image& smooth, double blur) {
  Image power = gaussian_filter(image, fine_px), noise = image;
  for (std::size_t i = 0; i < power.data.size(); ++i) power.data[i] = std::pow(power.data[i] - smooth.data[i], 2.0F);
  constexpr int weights[7] = {1, -6, 15, -20, 15, -6, 1};
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      double sum = 0;
      const int first = std::clamp(x - 3, 0, image.width - 7);
      for (int k = 0; k < 7; ++k) sum += weights[k] * double(image.at(y, first + k));
      noise.at(y, x) = float(sum * sum / 924);
    }
  }
  power = gaussian_filter(power, blur);
  noise = gaussian_filter(noise, blur);
  const auto share = float(1 / (4 * std::numbers::pi * fine_px * fine_px));  // of white noise that the fine blur leaves
  for (std::size_t i = 0; i < power.data.size(); ++i) {
    power.data[i] = std::sqrt(std::max(0.0F, power.data[i] - share * noise.data[i]));
  }
  return power;
}

double blur_px(const Image& image, const ParticleMaskOptions& options) {
  const double side = std::min(image.height, image.width);
  const double wanted = image.pixel_size_nm > 0 ? options.blur_nm / image.pixel_size_nm : side / 30;
  return std::clamp(wanted, 2.0, side / 12);
}

/// Points outside, away from the particle by one blurring width more than the mask, which the blur has spread.
std::vector<Point> outside_points(const Image& smooth, const Mask& mask, double blur) {
  const int step = std::max(2, int(blur)), margin = int(1.5 * blur);
  std::vector<Point> points;
  for (int y = step / 2; y < smooth.height; y += step) {
    for (int x = step / 2; x < smooth.width; x += step) {
      bool free = true;
      for (const int j : {-margin, 0, margin}) {
        for (const int i : {-margin, 0, margin}) {
          const int row = std::clamp(y + j, 0, smooth.height - 1), column = std::clamp(x + i, 0, smooth.width - 1);
          free = free && mask[std::size_t(row) * smooth.width + column] == 0;
        }
      }
      if (free) points.push_back({y, x, smooth.at(y, x)});
    }
  }
  return points;
}

/// How far the particle stands above the background, blurred.
double median_above(const Image& smooth, const ParticleMask& mask) {
  std::vector<float> above;
  for (std::size_t i = 0; i < smooth.data.size(); ++i) {
    if (mask.inside[i] != 0) above.push_back(smooth.data[i] - mask.background.data[i]);
  }
  return above.empty() ? 0 : median_of(above);
}

void finish(const Surface& surface, const std::vector<Point>& points, ParticleMask& result) {
  Image& background = result.background;
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(surface.coefficients.size());
  double inside = 0, sampled = 0;
  constexpr int step = 4;  // of the mean over the particle
  for (int y = 0; y < background.height; ++y) {
    const std::vector<double> along = surface.line(y);
    for (int x = 0; x < background.width; ++x) {
      const double u = 2.0 * x / background.width - 1;
      double value = 0;
      for (std::size_t k = along.size(); k-- > 0;) value = value * u + along[k];
      background.at(y, x) = float(value);
      if (result.inside[std::size_t(y) * background.width + x] == 0) continue;
      inside += 1;
      if (y % step == 0 && x % step == 0) sum += surface.row(y, x), sampled += 1;
    }
  }
  double squares = 0;
  for (const Point& p : points) squares += std::pow(p.value - surface.at(p.y, p.x), 2);
  result.roughness = std::sqrt(squares / double(points.size()));
  result.degree = surface.degree;
  result.share = inside / double(result.inside.size());
  if (sampled > 0) {
    sum /= sampled;
    result.level = sum.dot(surface.coefficients);
    result.level_error = std::sqrt(std::max(0.0, sum.dot(surface.covariance * sum)));
  }
}

}  // namespace

void ParticleMaskOptions::check() const {
  if (!(blur_nm > 0)) fail("the particle's outline cannot be found with a blur of {} nm; it must be above 0", blur_nm);
  if (largest_degree < 0 || largest_degree > 5) fail("a background of degree {} is outside 0 to 5", largest_degree);
}

ParticleMask find_particle(const Image& image, const ParticleMaskOptions& options) {
  options.check();
  require_finite(image, "finding the particle");
  ParticleMask result;
  result.background = image;
  result.background.title = "background";
  std::fill(result.background.data.begin(), result.background.data.end(), 0.0F);
  result.inside.assign(image.data.size(), 1);
  result.fills = true;
  if (std::min(image.height, image.width) < 32) return result;
  const double blur = blur_px(image, options);
  const Image smooth = gaussian_filter(image, blur);
  const Image lattice = lattice_strength(image, smooth, blur);
  const Split brightness = split(smooth), pattern = split(lattice);
  const bool by_pattern = pattern.clear && pattern.low < largest_lattice_outside * pattern.high;
  const bool crystal = pattern.high > 0 && pattern.low >= largest_lattice_outside * pattern.high;
  if (!by_pattern && (crystal || !brightness.clear)) return result;
  const double half = 0.5 * (pattern.low + pattern.high);
  Mask mask(image.data.size());
  for (std::size_t i = 0; i < mask.size(); ++i) {
    mask[i] = by_pattern ? lattice.data[i] > half
                         : smooth.data[i] > brightness.low + edge_share * (brightness.high - brightness.low);
  }
  for (int round = 0; round < rounds; ++round) {
    drop_small_parts(mask, image.height, image.width, 1, smallest_part, false);
    drop_small_parts(mask, image.height, image.width, 0, 0, true);
    const std::vector<Point> points = outside_points(smooth, mask, blur);
    if (points.size() < 12) return result;
    const Surface surface = best_surface(points, options.largest_degree, image.height, image.width);
    result.inside = mask;
    result.fills = false;
    finish(surface, points, result);
    const double contrast = median_above(smooth, result);
    const double edge = std::max(edge_deviations * result.roughness, edge_share * contrast);
    Mask next(mask.size());
    for (std::size_t i = 0; i < mask.size(); ++i) {
      next[i] = smooth.data[i] - result.background.data[i] > edge;
    }
    if (round + 1 < rounds) mask = std::move(next);
  }
  return result;
}

Image without_background(const Image& image, const ParticleMask& mask) {
  if (mask.background.data.size() != image.data.size()) fail("the background is of another image");
  Image result = image;
  for (std::size_t i = 0; i < result.data.size(); ++i) result.data[i] -= mask.background.data[i];
  return result;
}

nlohmann::json ParticleMask::to_json() const {
  return {{"fills_image", fills},       {"share", share},        {"degree", degree}, {"level", level},
          {"level_error", level_error}, {"roughness", roughness}};
}

}  // namespace colonnade
