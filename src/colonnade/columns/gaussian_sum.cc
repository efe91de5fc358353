// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/gaussian_sum.h"

#include <Eigen/Dense>
#include <Eigen/SparseCholesky>
#include <algorithm>
#include <cmath>

#include "colonnade/core/parallel.h"

namespace colonnade {
namespace {

// A Gaussian ends at this many widths (3e-7 of its height); pairs farther apart than the second number (overlap below
// e^-9) are left out of the normal matrix, which changes the path to the minimum but not the minimum.
constexpr double window_widths = 5.5, pair_widths = 6;
constexpr int steps_at_most = 40;
constexpr int pieces_at_most = 16;  // of an uneven background, along each axis
// The fit ends where a step gains less than this fraction of the squares: far below what noise does to them.
constexpr double settled_fraction = 1e-6;

double dot(const std::vector<double>& a, int first_a, const std::vector<double>& b, int first_b) {
  const int first = std::max(first_a, first_b);
  const int end = std::min(first_a + int(a.size()), first_b + int(b.size()));
  double sum = 0;
  for (int i = first; i < end; ++i) sum += a[i - first_a] * b[i - first_b];
  return sum;
}

double cubic_spline(double t) {
  const double a = std::abs(t);
  if (a >= 2) return 0;
  return a < 1 ? 2.0 / 3 - a * a + 0.5 * a * a * a : (2 - a) * (2 - a) * (2 - a) / 6;
}

double median_magnitude(std::vector<double> values) {
  for (double& value : values) value = std::abs(value);
  const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

GaussianSum::GaussianSum(const Image& image, std::vector<Point> start, std::vector<double> reach, double node_distance)
    : image_(image),
      start_(std::move(start)),
      reach_(std::move(reach)),
      residual_(image.data.size()),
      by_width_(image.data.size()) {
  const std::vector<Profile> along_x = splines(image.width, node_distance),
                             along_y = splines(image.height, node_distance);
  for (const Profile& y : along_y)
    for (const Profile& x : along_x) nodes_.push_back({x, y});
}

/// Cubic B-splines that sum to 1 from the first pixel to the last; one constant where there is no distance.
std::vector<GaussianSum::Profile> GaussianSum::splines(int size, double distance) {
  const int pieces = distance > 0 ? std::min(pieces_at_most, int(std::lround((size - 1) / distance))) : 0;
  if (pieces == 0) return {{0, std::vector<double>(size, 1.0), {}, {}}};
  const double step = double(size - 1) / pieces;
  std::vector<Profile> all;
  for (int node = -1; node <= pieces + 1; ++node) {
    Profile spline;
    spline.first = std::max(0, int(std::floor((node - 2) * step)));
    const int last = std::min(size - 1, int(std::ceil((node + 2) * step)));
    for (int i = spline.first; i <= last; ++i) spline.value.push_back(cubic_spline(i / step - node));
    all.push_back(std::move(spline));
  }
  return all;
}

GaussianSum::Profile GaussianSum::profile(double centre, double width, int size) const {
  const double reach = window_widths * width;
  Profile profile;
  profile.first = std::clamp(int(std::ceil(centre - reach)), 0, size - 1);
  const int last = std::clamp(int(std::floor(centre + reach)), profile.first, size - 1);
  for (int i = profile.first; i <= last; ++i) {
    const double u = i - centre, value = std::exp(-0.5 * u * u / (width * width));
    profile.value.push_back(value);
    profile.times_u.push_back(value * u);
    profile.times_uu.push_back(value * u * u);
  }
  return profile;
}

/// Sum of a field times the product of the profiles.
double GaussianSum::moment(const Gaussian& shape, const std::vector<double>& field) const {
  double sum = 0;
  for (std::size_t row = 0; row < shape.y.value.size(); ++row) {
    const double* line = field.data() + (std::size_t(shape.y.first) + row) * image_.width + shape.x.first;
    double along = 0;
    for (std::size_t k = 0; k < shape.x.value.size(); ++k) along += line[k] * shape.x.value[k];
    sum += along * shape.y.value[row];
  }
  return sum;
}

/// Sums of a field times the Gaussian, and that times u along x and along y.
Eigen::Vector3d GaussianSum::moments(const Gaussian& shape, const std::vector<double>& field) const {
  Eigen::Vector3d sums(0, 0, 0);
  for (std::size_t row = 0; row < shape.y.value.size(); ++row) {
    const double* line = field.data() + (std::size_t(shape.y.first) + row) * image_.width + shape.x.first;
    double value = 0, by_u = 0;
    for (std::size_t k = 0; k < shape.x.value.size(); ++k) {
      value += line[k] * shape.x.value[k];
      by_u += line[k] * shape.x.times_u[k];
    }
    sums += Eigen::Vector3d(value * shape.y.value[row], by_u * shape.y.value[row], value * shape.y.times_u[row]);
  }
  return sums;
}

void GaussianSum::prepare(const GaussianParameters& parameters) {
  gaussians_.resize(start_.size());
  for (std::size_t i = 0; i < start_.size(); ++i)
    gaussians_[i] = {profile(parameters.places[i].x, parameters.width, image_.width),
                     profile(parameters.places[i].y, parameters.width, image_.height)};
}

double GaussianSum::residual(const GaussianParameters& parameters) {
  std::copy(image_.data.begin(), image_.data.end(), residual_.begin());
  std::fill(by_width_.begin(), by_width_.end(), 0.0);
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    const auto& [x, y] = nodes_[node];
    for (std::size_t row = 0; row < y.value.size(); ++row) {
      double* left = residual_.data() + (std::size_t(y.first) + row) * image_.width + x.first;
      const double height = parameters.background[node] * y.value[row];
      for (std::size_t k = 0; k < x.value.size(); ++k) left[k] -= height * x.value[k];
    }
  }
  const double cube = std::pow(parameters.width, 3);
  for (std::size_t i = 0; i < gaussians_.size(); ++i) {
    const auto& [x, y] = gaussians_[i];
    for (std::size_t row = 0; row < y.value.size(); ++row) {
      const std::size_t start = (std::size_t(y.first) + row) * image_.width + x.first;
      double* left = residual_.data() + start;
      double* derivative = by_width_.data() + start;
      const double height = parameters.heights[i] * y.value[row], slope = parameters.heights[i] / cube;
      const double along_x = slope * y.value[row], along_y = slope * y.times_uu[row];
      for (std::size_t k = 0; k < x.value.size(); ++k) {
        left[k] -= height * x.value[k];
        derivative[k] += along_x * x.times_uu[k] + along_y * x.value[k];
      }
    }
  }
  double sum = 0;
  for (double value : residual_) sum += value * value;
  return sum;
}

std::vector<std::pair<int, int>> GaussianSum::overlapping(const GaussianParameters& parameters) const {
  const PointGrid grid(parameters.places, pair_widths * parameters.width);
  std::vector<std::pair<int, int>> pairs;
  for (std::size_t i = 0; i < parameters.places.size(); ++i)
    for (int j : grid.within(parameters.places[i], pair_widths * parameters.width))
      if (j <= int(i)) pairs.emplace_back(int(i), j);
  return pairs;
}

/// Rows 3i, 3i+1, 3i+2: height, x and y of Gaussian i. Only the lower triangle of blocks.
void GaussianSum::fill_matrix(const GaussianParameters& parameters, Normal& normal) const {
  const double square = parameters.width * parameters.width;
  const std::vector<std::pair<int, int>> pairs = overlapping(parameters);
  std::vector<Eigen::Triplet<double>> entries(pairs.size() * 9);
  parallel_for(std::int64_t(pairs.size()), [&](std::int64_t p, int) {
    const auto [i, j] = pairs[p];
    const Gaussian &a = gaussians_[i], &b = gaussians_[j];
    // Sums of products of the factors along each axis; 0: the Gaussian, 1: times u.
    const double x00 = dot(a.x.value, a.x.first, b.x.value, b.x.first);
    const double x01 = dot(a.x.value, a.x.first, b.x.times_u, b.x.first);
    const double x10 = dot(a.x.times_u, a.x.first, b.x.value, b.x.first);
    const double x11 = dot(a.x.times_u, a.x.first, b.x.times_u, b.x.first);
    const double y00 = dot(a.y.value, a.y.first, b.y.value, b.y.first);
    const double y01 = dot(a.y.value, a.y.first, b.y.times_u, b.y.first);
    const double y10 = dot(a.y.times_u, a.y.first, b.y.value, b.y.first);
    const double y11 = dot(a.y.times_u, a.y.first, b.y.times_u, b.y.first);
    const double first = parameters.heights[i] / square, second = parameters.heights[j] / square;
    const double block[3][3] = {{x00 * y00, second * x01 * y00, second * x00 * y01},
                                {first * x10 * y00, first * second * x11 * y00, first * second * x10 * y01},
                                {first * x00 * y10, first * second * x01 * y10, first * second * x00 * y11}};
    for (int row = 0; row < 3; ++row)
      for (int column = 0; column < 3; ++column)
        entries[p * 9 + row * 3 + column] = {3 * i + row, 3 * j + column, block[row][column]};
  });
  const int size = 3 * int(start_.size());
  normal.matrix.resize(size, size);
  normal.matrix.setFromTriplets(entries.begin(), entries.end());
}

/// The gradient of each Gaussian's own parameters and their products with the width and the background.
void GaussianSum::fill_border(const GaussianParameters& parameters, Normal& normal) const {
  const double square = parameters.width * parameters.width;
  normal.border.setZero(3 * std::ptrdiff_t(start_.size()), 1 + std::ptrdiff_t(nodes_.size()));
  normal.gradient.resize(3 * std::ptrdiff_t(start_.size()));
  parallel_for(std::int64_t(start_.size()), [&](std::int64_t i, int) {
    const auto& [x, y] = gaussians_[i];
    const Eigen::Vector3d scale(1, parameters.heights[i] / square, parameters.heights[i] / square);
    normal.gradient.segment<3>(3 * i) = scale.cwiseProduct(moments(gaussians_[i], residual_));
    normal.border.col(0).segment<3>(3 * i) = scale.cwiseProduct(moments(gaussians_[i], by_width_));
    for (std::size_t node = 0; node < nodes_.size(); ++node) {
      const auto& [spline_x, spline_y] = nodes_[node];
      const double in_x = dot(x.value, x.first, spline_x.value, spline_x.first);
      const double in_y = dot(y.value, y.first, spline_y.value, spline_y.first);
      const Eigen::Vector3d sums(in_x * in_y, dot(x.times_u, x.first, spline_x.value, spline_x.first) * in_y,
                                 in_x * dot(y.times_u, y.first, spline_y.value, spline_y.first));
      normal.border.col(1 + std::ptrdiff_t(node)).segment<3>(3 * i) = scale.cwiseProduct(sums);
    }
  });
}

void GaussianSum::fill_corner(Normal& normal) const {
  const std::ptrdiff_t size = 1 + std::ptrdiff_t(nodes_.size());
  normal.corner.setZero(size, size);
  normal.corner_gradient.setZero(size);
  for (std::size_t i = 0; i < residual_.size(); ++i) {
    normal.corner(0, 0) += by_width_[i] * by_width_[i];
    normal.corner_gradient[0] += by_width_[i] * residual_[i];
  }
  for (std::ptrdiff_t a = 1; a < size; ++a) {
    const Gaussian& node = nodes_[a - 1];
    normal.corner(0, a) = normal.corner(a, 0) = moment(node, by_width_);
    normal.corner_gradient[a] = moment(node, residual_);
    for (std::ptrdiff_t b = 1; b <= a; ++b) {
      const Gaussian& other = nodes_[b - 1];
      normal.corner(a, b) = normal.corner(b, a) = dot(node.x.value, node.x.first, other.x.value, other.x.first) *
                                                  dot(node.y.value, node.y.first, other.y.value, other.y.first);
    }
  }
}

GaussianSum::Normal GaussianSum::normal_equations(const GaussianParameters& parameters) const {
  Normal normal;
  fill_matrix(parameters, normal);
  fill_border(parameters, normal);
  fill_corner(normal);
  return normal;
}

/// Solves the bordered system by the Schur complement of the sparse matrix (its lower triangle is read).
bool GaussianSum::solve(const Eigen::SparseMatrix<double>& matrix, const Normal& normal, Change& change) {
  const Eigen::SimplicialLDLT<Eigen::SparseMatrix<double>, Eigen::Lower> solver(matrix);
  if (solver.info() != Eigen::Success || !(solver.vectorD().minCoeff() > 0)) return false;
  const Eigen::VectorXd free = solver.solve(normal.gradient);
  const Eigen::MatrixXd bordered = solver.solve(normal.border);
  const Eigen::MatrixXd corner = normal.corner - normal.border.transpose() * bordered;
  const Eigen::LDLT<Eigen::MatrixXd> small(corner);
  if (small.info() != Eigen::Success) return false;
  change.shared = small.solve(normal.corner_gradient - normal.border.transpose() * free);
  change.own = free - bordered * change.shared;
  return change.own.allFinite() && change.shared.allFinite();
}

bool GaussianSum::step(const Normal& normal, double damping, const GaussianParameters& from,
                       GaussianParameters& to) const {
  // A thousandth of what a Gaussian of the usual height has on the diagonal keeps vanishing ones from flying off.
  const double least = 1e-6 * std::pow(median_magnitude(from.heights) / from.width, 2) + 1e-300;
  Normal damped = normal;
  for (int k = 0; k < damped.matrix.rows(); ++k) {
    double& entry = damped.matrix.coeffRef(k, k);
    entry += damping * entry + (k % 3 == 0 ? 1e-12 : least);
  }
  damped.corner(0, 0) += damping * damped.corner(0, 0) + 1e-300;
  for (std::ptrdiff_t k = 1; k < damped.corner.rows(); ++k) damped.corner(k, k) *= 1 + 1e-10;
  Change change;
  if (!solve(damped.matrix, damped, change)) return false;
  to = from;
  to.width += std::clamp(change.shared[0], -0.3 * from.width, 0.3 * from.width);
  for (std::size_t node = 0; node < nodes_.size(); ++node)
    to.background[node] += change.shared[1 + std::ptrdiff_t(node)];
  for (std::size_t i = 0; i < start_.size(); ++i) {
    const std::ptrdiff_t row = 3 * std::ptrdiff_t(i);
    to.heights[i] += change.own[row];
    to.places[i].x += std::clamp(change.own[row + 1], -from.width, from.width);
    to.places[i].y += std::clamp(change.own[row + 2], -from.width, from.width);
  }
  return true;
}

void GaussianSum::bound(double smallest_width, double largest_width, GaussianParameters& to) const {
  to.width = std::clamp(to.width, smallest_width, largest_width);
  for (std::size_t i = 0; i < start_.size(); ++i) {
    to.heights[i] = std::max(0.0, to.heights[i]);
    const double dx = to.places[i].x - start_[i].x, dy = to.places[i].y - start_[i].y;
    const double shrink = std::min(1.0, reach_[i] / std::max(std::hypot(dx, dy), 1e-300));
    to.places[i] = {start_[i].x + shrink * dx, start_[i].y + shrink * dy};
  }
}

double GaussianSum::solve_heights(double width, GaussianParameters& parameters) {
  parameters = {start_, std::vector<double>(start_.size(), 1.0), width, std::vector<double>(nodes_.size(), 0.0)};
  prepare(parameters);
  std::fill(parameters.heights.begin(), parameters.heights.end(), 0.0);
  residual(parameters);
  Normal normal = normal_equations(parameters);
  // At height 0 the derivatives by position and width vanish; a 1 in their place leaves them as they are. Without these
  // zeros two thirds of the unknowns stand alone, and tens of thousands of columns are solved 20 times as fast.
  normal.matrix.prune([](int row, int column, double value) { return row == column || value != 0; });
  for (int k = 0; k < normal.matrix.rows(); ++k) normal.matrix.coeffRef(k, k) += k % 3 == 0 ? 1e-12 : 1;
  normal.corner(0, 0) += 1;
  for (std::ptrdiff_t k = 1; k < normal.corner.rows(); ++k) normal.corner(k, k) *= 1 + 1e-10;
  Change change;
  if (!solve(normal.matrix, normal, change)) return residual(parameters);
  for (std::size_t i = 0; i < start_.size(); ++i)
    parameters.heights[i] = std::max(0.0, change.own[3 * std::ptrdiff_t(i)]);
  for (std::size_t node = 0; node < nodes_.size(); ++node)
    parameters.background[node] = change.shared[1 + std::ptrdiff_t(node)];
  return residual(parameters);
}

double GaussianSum::refine(GaussianParameters& parameters, double smallest_width, double largest_width) {
  prepare(parameters);
  double squares = residual(parameters), damping = 1e-3;
  for (int turn = 0; turn < steps_at_most; ++turn) {
    const Normal normal = normal_equations(parameters);
    GaussianParameters next;
    double left = squares;
    bool better = false;
    for (int attempt = 0; attempt < 12 && !better; ++attempt) {
      if (step(normal, damping, parameters, next)) {
        bound(smallest_width, largest_width, next);
        prepare(next);
        left = residual(next);
        better = left < squares;
      }
      damping *= better ? 0.1 : 8;
    }
    if (!better) break;
    const bool settled = squares - left < settled_fraction * squares;
    std::swap(parameters, next);
    squares = left;
    damping = std::max(damping, 1e-9);
    if (settled) return squares;
  }
  prepare(parameters);
  return residual(parameters);
}

}  // namespace colonnade
