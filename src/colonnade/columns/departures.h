// SPDX-License-Identifier: GPL-3.0-or-later
// What columns hold beyond their share of the mean alloy, and what chance alone would give: the null hypothesis of
// every test of order in a particle. The departure of a column is r = m - N c: its mean counts less its mean total
// times the mean composition c. Estimates are shrunk towards the mean alloy and carry noise, so a null must have gone
// through the same estimation. Two ways of drawing it: departures: the measured departures, each divided by the root
// mean square departure of columns of like total, are
//   shuffled between columns (all elements of a column together) and multiplied by the new column's. They have been
//   through the estimation already; needed is only that departures of a random alloy are independent between columns,
//   and nothing of the stated errors is believed.
// atoms: the particle's atoms are shuffled between columns, each keeping its total, and go through a linear model of
// the
//   estimation that the stated errors define: with V = N (diag c - c c') the covariance of a random alloy and S that
//   stated, both at a given total, the estimate is (V - S) V^-1 r + e with e normal of covariance S - S V^-1 S, which
//   has the covariance V - S that posterior means have by the law of total variance.
// Where the stated errors are right, both agree. Neither knows of errors that neighbouring columns share.
#pragma once

#include <Eigen/Dense>
#include <string>
#include <vector>

#include "colonnade/columns/count_distribution.h"
#include "colonnade/core/random.h"

namespace colonnade {

class Departures {
 public:
  enum class Null { departures, atoms };

  /// Of the columns `which`; the composition c is the mean with `weights` (one per used column, times its total).
  Departures(const std::vector<CountDistribution>& columns, const std::vector<std::size_t>& which,
             const std::vector<double>& weights, Null null = Null::departures);

  const Eigen::MatrixXd& measured() const { return measured_; }  ///< column x element; weighted sums are 0
  const Eigen::VectorXd& totals() const { return totals_; }
  const Eigen::VectorXd& fractions() const { return fractions_; }
  /// One draw under the null hypothesis, centred as the measured ones.
  Eigen::MatrixXd shuffled(Random& random) const;
  /// Root mean square departure of columns of like total, column x element.
  const Eigen::MatrixXd& scale() const { return scale_; }
  /// Per element, 1 - S/V: the part of a random alloy's variance between columns that the estimates show, in [0, 1];
  /// also the factor by which they shrink true departures.
  const Eigen::VectorXd& reliability() const { return reliability_; }
  /// Per element: mean square of the true departures expected from estimates and errors, over that of a random alloy.
  const Eigen::VectorXd& spread() const { return spread_; }

 private:
  void centre(Eigen::MatrixXd& departures) const;
  void measure_scale();
  void model_estimation(const std::vector<CountDistribution>& columns, const std::vector<std::size_t>& which);
  Eigen::MatrixXd shuffled_departures(Random& random) const;
  Eigen::MatrixXd shuffled_atoms(Random& random) const;

  Null null_;
  Eigen::VectorXd totals_, fractions_, weights_, reliability_, spread_;
  Eigen::MatrixXd measured_, scale_;
  std::vector<Eigen::MatrixXd> shrinkage_, noise_;  ///< of the linear model, per column
};

/// "departures" or "atoms"; fails on another word.
Departures::Null null_named(const std::string& name);

}  // namespace colonnade
