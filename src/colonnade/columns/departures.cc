// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/departures.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

constexpr int window_at_least = 20;  // columns of like total, for their mean square departure
constexpr double tiny = 1e-12;

/// Covariance of the departures of one column at a given total: P S P' with P = 1 - c 1'.
Eigen::MatrixXd without_total(const CountDistribution& column, const Eigen::VectorXd& fractions) {
  const Eigen::Index elements = fractions.size();
  using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::MatrixXd stated = Eigen::Map<const Rows>(column.covariance.data(), elements, elements);
  const Eigen::MatrixXd project =
      Eigen::MatrixXd::Identity(elements, elements) - fractions * Eigen::RowVectorXd::Ones(elements);
  return project * stated * project.transpose();
}

/// Indices of columns by total, thin ones first.
std::vector<int> by_total(const Eigen::VectorXd& totals) {
  std::vector<int> order(totals.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return totals[a] < totals[b]; });
  return order;
}

/// Every atom's element, as many of each as the fractions say.
std::vector<int> all_atoms(int total, const Eigen::VectorXd& fractions, Random& random) {
  std::vector<int> atoms;
  for (Eigen::Index e = 0; e < fractions.size(); ++e) {
    atoms.insert(atoms.end(), std::size_t(std::max(0.0, std::floor(total * fractions[e]))), int(e));
  }
  while (std::ssize(atoms) < total) {  // what rounding down has left
    double u = random.uniform() * fractions.cwiseMax(0).sum();
    Eigen::Index e = 0;
    while (e + 1 < fractions.size() && (u -= std::max(0.0, fractions[e])) >= 0) ++e;
    atoms.push_back(int(e));
  }
  random.shuffle(atoms);
  return atoms;
}

}  // namespace

Departures::Departures(const std::vector<CountDistribution>& columns, const std::vector<std::size_t>& which,
                       const std::vector<double>& weights, Null null)
    : null_(null) {
  if (which.empty() || weights.size() != which.size()) {
    fail("departures of {} columns with {} weights; give columns, and a weight for each", which.size(), weights.size());
  }
  const auto count = Eigen::Index(which.size());
  const auto elements = Eigen::Index(columns[which[0]].mean.size());
  check_distributions(columns, std::size_t(elements));
  weights_ = Eigen::Map<const Eigen::VectorXd>(weights.data(), count);
  if (!(weights_.minCoeff() >= 0 && weights_.sum() > 0)) weights_.setOnes();
  measured_.resize(count, elements);
  for (Eigen::Index i = 0; i < count; ++i) {
    measured_.row(i) = Eigen::Map<const Eigen::RowVectorXd>(columns[which[i]].mean.data(), elements);
  }
  totals_ = measured_.rowwise().sum();
  fractions_ = (weights_.transpose() * measured_).transpose() / weights_.dot(totals_);
  measured_ -= totals_ * fractions_.transpose();
  measure_scale();
  model_estimation(columns, which);
}

void Departures::centre(Eigen::MatrixXd& departures) const {
  const Eigen::RowVectorXd excess = weights_.transpose() * departures / weights_.dot(totals_);
  departures -= totals_ * excess;
}

/// Over a running window of a fifth of the columns, ordered by total: mean of r^2 / N, times the column's own N.
void Departures::measure_scale() {
  const auto count = measured_.rows();
  const auto order = by_total(totals_);
  const Eigen::Index window = std::min<Eigen::Index>(count, std::max<Eigen::Index>(window_at_least, count / 5));
  Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(count + 1, measured_.cols());
  for (Eigen::Index k = 0; k < count; ++k) {
    sums.row(k + 1) = sums.row(k) + measured_.row(order[k]).cwiseAbs2() / std::max(tiny, totals_[order[k]]);
  }
  scale_.resize(count, measured_.cols());
  for (Eigen::Index k = 0; k < count; ++k) {
    const Eigen::Index first = std::clamp<Eigen::Index>(k - window / 2, 0, count - window);
    const Eigen::RowVectorXd mean_square = (sums.row(first + window) - sums.row(first)) / double(window);
    scale_.row(order[k]) = (mean_square * totals_[order[k]]).cwiseMax(tiny).cwiseSqrt();
  }
}

void Departures::model_estimation(const std::vector<CountDistribution>& columns,
                                  const std::vector<std::size_t>& which) {
  const auto elements = fractions_.size();
  Eigen::VectorXd random = Eigen::VectorXd::Zero(elements), stated = random, squares = random;
  for (Eigen::Index i = 0; i < totals_.size(); ++i) {
    const Eigen::MatrixXd errors = without_total(columns[which[i]], fractions_);
    random += totals_[i] * fractions_.cwiseProduct((1 - fractions_.array()).matrix());
    stated += errors.diagonal();
    squares += measured_.row(i).transpose().cwiseAbs2();
    if (null_ != Null::atoms) continue;
    const Eigen::VectorXd root = (totals_[i] * fractions_).cwiseMax(tiny).cwiseSqrt();
    const Eigen::MatrixXd whitened = root.cwiseInverse().asDiagonal() * errors * root.cwiseInverse().asDiagonal();
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> modes(whitened);
    const Eigen::ArrayXd part = modes.eigenvalues().array().max(0).min(1);
    const auto transform = [&](const Eigen::ArrayXd& factors) -> Eigen::MatrixXd {
      return root.asDiagonal() * modes.eigenvectors() * factors.matrix().asDiagonal() *
             modes.eigenvectors().transpose() * root.cwiseInverse().asDiagonal();
    };
    shrinkage_.push_back(transform(1 - part));
    noise_.push_back(transform((part * (1 - part)).sqrt()) * root.asDiagonal());
  }
  random = random.cwiseMax(tiny);
  reliability_ = (1 - stated.array() / random.array()).max(0).min(1);
  spread_ = (squares + stated).cwiseQuotient(random);
}

Eigen::MatrixXd Departures::shuffled_departures(Random& random) const {
  std::vector<int> order(measured_.rows());
  std::iota(order.begin(), order.end(), 0);
  random.shuffle(order);
  Eigen::MatrixXd drawn(measured_.rows(), measured_.cols());
  for (Eigen::Index i = 0; i < drawn.rows(); ++i) {
    drawn.row(i) = measured_.row(order[i]).cwiseProduct(scale_.row(i)).cwiseQuotient(scale_.row(order[i]));
  }
  return drawn;
}

Eigen::MatrixXd Departures::shuffled_atoms(Random& random) const {
  const auto elements = fractions_.size();
  int total = 0;
  for (Eigen::Index i = 0; i < totals_.size(); ++i) total += int(std::lround(totals_[i]));
  const std::vector<int> atoms = all_atoms(total, fractions_, random);
  Eigen::MatrixXd drawn(measured_.rows(), elements);
  std::size_t next = 0;
  for (Eigen::Index i = 0; i < drawn.rows(); ++i) {
    const int own = int(std::lround(totals_[i]));
    Eigen::VectorXd counts = -own * fractions_, chance(elements);
    for (int n = 0; n < own; ++n) counts[atoms[next++]] += 1;
    for (Eigen::Index e = 0; e < elements; ++e) chance[e] = random.normal();
    drawn.row(i) = (shrinkage_[i] * counts + noise_[i] * chance).transpose();
  }
  return drawn;
}

Eigen::MatrixXd Departures::shuffled(Random& random) const {
  Eigen::MatrixXd drawn = null_ == Null::atoms ? shuffled_atoms(random) : shuffled_departures(random);
  centre(drawn);
  return drawn;
}

Departures::Null null_named(const std::string& name) {
  if (name == "departures") return Departures::Null::departures;
  if (name == "atoms") return Departures::Null::atoms;
  fail("there is no null hypothesis '{}'; use departures or atoms", name);
}

}  // namespace colonnade
