// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/pixel_calibration.h"

#include <Eigen/Dense>
#include <cmath>
#include <numbers>
#include <optional>

#include "colonnade/core/error.h"
#include "colonnade/core/units.h"

namespace colonnade {
namespace {

using Eigen::Matrix2d;

constexpr double largest_mismatch = 0.08;
// A cell of another size is considered where the expected pixel size is missed by more than this.
constexpr double expected_within = 0.15;
constexpr int largest_step = 3;   ///< of integer matrices between equivalent bases
constexpr int largest_cells = 4;  ///< ratio of the cells' areas
constexpr double degrees = 180 / std::numbers::pi;

/// Rows are vectors.
Matrix2d rows(const Point& a, const Point& b) {
  Matrix2d matrix;
  matrix << a.x, a.y, b.x, b.y;
  return matrix;
}

struct Match {
  Matrix2d whole_image = Matrix2d::Identity(), whole_crystal = Matrix2d::Identity();  ///< integers
  double mismatch = 0, scale_A = 0, cells = 1;
};

/// Pixels (row vectors) to Angstrom.
Matrix2d transform(const Matrix2d& image, const Matrix2d& crystal, const Match& match) {
  return (match.whole_image * image).inverse() * (match.whole_crystal * crystal);
}

double strain(const Matrix2d& transform) {
  const Eigen::JacobiSVD<Matrix2d> svd(transform);
  return std::sqrt(svd.singularValues()[0] / svd.singularValues()[1]) - 1;
}

/// Integer matrices of a determinant, in Hermite's form: every sublattice of that index once.
std::vector<Matrix2d> sublattices(int index) {
  std::vector<Matrix2d> all;
  for (int p = 1; p <= index; ++p) {
    if (index % p != 0) continue;
    const int other = index / p;
    for (int s = 0; s < other; ++s) {
      Matrix2d form;
      form << p, s, 0, other;
      all.push_back(form);
    }
  }
  return all;
}

/// The best match of one lattice with the other over all equivalent bases.
void search(const Matrix2d& image, const Matrix2d& crystal, const Matrix2d& sub_image, const Matrix2d& sub_crystal,
            std::optional<Match>& best) {
  const auto basis_of = [](const Matrix2d& lattice) {
    const LatticeBasis short_one = reduced({{lattice(0, 0), lattice(0, 1)}, {lattice(1, 0), lattice(1, 1)}});
    return rows(short_one.a, short_one.b);
  };
  // Integer matrices that give the reduced bases of the sublattices.
  const auto integers = [](const Matrix2d& from, const Matrix2d& to) {
    Matrix2d whole = to * from.inverse();
    for (int i = 0; i < 4; ++i) whole.data()[i] = std::round(whole.data()[i]);
    return whole;
  };
  const Matrix2d short_image = basis_of(sub_image * image), short_crystal = basis_of(sub_crystal * crystal);
  for (int p = -largest_step; p <= largest_step; ++p)
    for (int q = -largest_step; q <= largest_step; ++q)
      for (int r = -largest_step; r <= largest_step; ++r)
        for (int s = -largest_step; s <= largest_step; ++s) {
          if (std::abs(p * s - q * r) != 1) continue;
          Matrix2d turn;
          turn << p, q, r, s;
          Match match;
          match.whole_image = integers(image, short_image);
          match.whole_crystal = integers(crystal, turn * short_crystal);
          const Matrix2d map = transform(image, crystal, match);
          match.mismatch = strain(map);
          match.scale_A = std::sqrt(std::abs(map.determinant()));
          match.cells = match.whole_crystal.determinant() / match.whole_image.determinant();
          match.cells = std::abs(match.cells);
          // Of equally good ones prefer no mirror and the smaller turn.
          const double order = match.mismatch + (map.determinant() < 0 ? 1e-9 : 0);
          const bool better = !best || order < best->mismatch - 1e-12;
          if (better) best = match;
        }
}

Match matched(const Matrix2d& image, const Matrix2d& crystal, double expected_A) {
  const auto fits = [&](const std::optional<Match>& match) {
    return match && match->mismatch < largest_mismatch &&
           (expected_A <= 0 || std::abs(match->scale_A / expected_A - 1) < expected_within);
  };
  const Matrix2d same = Matrix2d::Identity();
  std::optional<Match> equal;
  search(image, crystal, same, same, equal);
  if (fits(equal)) return *equal;
  std::optional<Match> other;
  for (int index = 2; index <= largest_cells && expected_A > 0; ++index) {
    for (const Matrix2d& sub : sublattices(index)) {
      std::optional<Match> finer, coarser;
      search(image, crystal, sub, same, finer);
      search(image, crystal, same, sub, coarser);
      for (const auto& match : {finer, coarser}) {
        if (fits(match) && (!other || match->mismatch < other->mismatch)) other = match;
      }
    }
  }
  if (other) return *other;
  if (equal && equal->mismatch < largest_mismatch) return *equal;  // the expected size is wrong, not the cell
  const auto side = [](const Matrix2d& m, int row) { return m.row(row).norm(); };
  const auto angle = [&](const Matrix2d& m) {
    return std::acos(m.row(0).dot(m.row(1)) / side(m, 0) / side(m, 1)) * degrees;
  };
  fail(
      "the image's cell ({:.2f} x {:.2f} px, {:.1f} deg) has not the shape of the crystal's along this zone axis "
      "({:.3f} x {:.3f} A, {:.1f} deg); check --crystal and --zone",
      side(image, 0), side(image, 1), angle(image), side(crystal, 0), side(crystal, 1), angle(crystal));
}

/// What is asked of the map from pixels to Angstrom.
struct Measures {
  double size_nm, x_nm, y_nm, anisotropy, shear_deg;
};
Measures measures(const Matrix2d& map) {
  const double x = map.row(0).norm() / angstrom_per_nm, y = map.row(1).norm() / angstrom_per_nm;
  const double along = map.row(0).dot(map.row(1)) / (map.row(0).norm() * map.row(1).norm());
  return {std::sqrt(std::abs(map.determinant())) / angstrom_per_nm, x, y, y / x - 1, std::acos(along) * degrees - 90};
}

}  // namespace

nlohmann::json PixelCalibration::to_json() const {
  return {{"pixel_size_nm", pixel_size_nm},
          {"pixel_size_error_nm", pixel_size_error_nm},
          {"x_nm", x_nm},
          {"y_nm", y_nm},
          {"anisotropy", anisotropy},
          {"anisotropy_error", anisotropy_error},
          {"shear_deg", shear_deg},
          {"shear_error_deg", shear_error_deg},
          {"rotation_deg", rotation_deg},
          {"mismatch", mismatch},
          {"cells", cells}};
}

PixelCalibration calibrate_pixel(const LatticeFit& fit, const ProjectedLattice& crystal, double expected_nm) {
  const Matrix2d image = rows(fit.basis.a, fit.basis.b);
  const Matrix2d ideal = rows({crystal.a[0], crystal.a[1]}, {crystal.b[0], crystal.b[1]});
  const Match match = matched(image, ideal, expected_nm * angstrom_per_nm);
  const Matrix2d map = transform(image, ideal, match);
  const Measures at = measures(map);
  // Slopes of the measures with each of ax, ay, bx, by; then errors by the covariance.
  double slopes[3][4];
  for (int p = 0; p < 4; ++p) {
    const double step = 1e-4 * image.norm();
    Matrix2d moved = image;
    moved(p / 2, p % 2) += step;
    const Measures then = measures(transform(moved, ideal, match));
    slopes[0][p] = (then.size_nm - at.size_nm) / step;
    slopes[1][p] = (then.anisotropy - at.anisotropy) / step;
    slopes[2][p] = (then.shear_deg - at.shear_deg) / step;
  }
  const auto error = [&](const double* slope) {
    double variance = 0;
    for (int p = 0; p < 4; ++p) {
      for (int q = 0; q < 4; ++q) variance += slope[p] * fit.covariance[p][q] * slope[q];
    }
    return std::sqrt(std::max(variance, 0.0));
  };
  PixelCalibration result;
  result.pixel_size_nm = at.size_nm;
  result.pixel_size_error_nm = error(slopes[0]);
  result.x_nm = at.x_nm;
  result.y_nm = at.y_nm;
  result.anisotropy = at.anisotropy;
  result.anisotropy_error = error(slopes[1]);
  result.shear_deg = at.shear_deg;
  result.shear_error_deg = error(slopes[2]);
  result.mismatch = match.mismatch;
  result.cells = match.cells;
  // The map turned (and mirrored, where it is) so that x stays x: QR of its transpose.
  const double size_A = at.size_nm * angstrom_per_nm;
  const double angle = (at.shear_deg + 90) / degrees;
  result.to_square = {
      {{at.x_nm / at.size_nm, at.y_nm / at.size_nm * std::cos(angle)}, {0, at.y_nm / at.size_nm * std::sin(angle)}}};
  const Eigen::RowVector2d first = ideal.row(0) * map.inverse() * size_A;
  result.rotation_deg = std::atan2(first[1], first[0]) * degrees;
  return result;
}

}  // namespace colonnade
