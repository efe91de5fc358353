// SPDX-License-Identifier: GPL-3.0-or-later
// Least squares of an image by a sum of 2-D Gaussians with their own heights and positions, one width and a background:
// constant (the model of De Backer et al., Ultramicroscopy 171, 104, 2016) or a cubic spline on a coarse grid.
// Gaussians and background factor into x and y, so every element of the normal matrix is a product of sums along one
// axis: a step costs a few operations per pixel of a column. Lengths in pixels.
#pragma once

#include <Eigen/Dense>
#include <Eigen/SparseCore>
#include <utility>
#include <vector>

#include "colonnade/columns/point_grid.h"
#include "colonnade/image/image.h"

namespace colonnade {

struct GaussianParameters {
  std::vector<Point> places;
  std::vector<double> heights;
  double width = 0;
  std::vector<double> background;  ///< one number, or one per node of the coarse grid
};

class GaussianSum {
 public:
  /// Keeps a reference to the image. Each Gaussian may move up to `reach` (one entry per Gaussian) from its start.
  /// `node_distance` is about that of the background's nodes; 0: a constant background.
  GaussianSum(const Image& image, std::vector<Point> start, std::vector<double> reach, double node_distance = 0);

  /// Heights and background at the given width, positions at their start; returns the sum of squares left.
  double solve_heights(double width, GaussianParameters& parameters);
  /// Levenberg-Marquardt on everything; the width stays within the limits. Returns the sum of squares left.
  double refine(GaussianParameters& parameters, double smallest_width, double largest_width);

 private:
  /// One Gaussian along one axis over its window: e^(-u^2/2s^2), and that times u and u^2; u from the centre.
  struct Profile {
    int first = 0;
    std::vector<double> value, times_u, times_uu;
    int last() const { return first + int(value.size()) - 1; }
  };
  struct Gaussian {
    Profile x, y;
  };
  /// Normal equations with the width (first) and the background as a border of the sparse matrix of all else.
  struct Normal {
    Eigen::SparseMatrix<double> matrix;
    Eigen::MatrixXd border, corner;
    Eigen::VectorXd gradient, corner_gradient;
  };
  struct Change {
    Eigen::VectorXd own, shared;
  };

  Profile profile(double centre, double width, int size) const;
  static std::vector<Profile> splines(int size, double distance);
  double moment(const Gaussian& shape, const std::vector<double>& field) const;
  Eigen::Vector3d moments(const Gaussian& shape, const std::vector<double>& field) const;
  void prepare(const GaussianParameters& parameters);
  /// Residual image and the model's derivative by the width; returns the sum of squares. prepare() comes first.
  double residual(const GaussianParameters& parameters);
  std::vector<std::pair<int, int>> overlapping(const GaussianParameters& parameters) const;
  Normal normal_equations(const GaussianParameters& parameters) const;
  void fill_matrix(const GaussianParameters& parameters, Normal& normal) const;
  void fill_border(const GaussianParameters& parameters, Normal& normal) const;
  void fill_corner(Normal& normal) const;
  static bool solve(const Eigen::SparseMatrix<double>& matrix, const Normal& normal, Change& change);
  bool step(const Normal& normal, double damping, const GaussianParameters& from, GaussianParameters& to) const;
  void bound(double smallest_width, double largest_width, GaussianParameters& to) const;

  const Image& image_;
  std::vector<Point> start_;
  std::vector<double> reach_;
  std::vector<Gaussian> gaussians_, nodes_;
  std::vector<double> residual_, by_width_;
};

}  // namespace colonnade
