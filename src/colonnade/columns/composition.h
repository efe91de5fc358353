// SPDX-License-Identifier: GPL-3.0-or-later
// Sums of counts over columns, and the atomic fractions they give, with errors (first-order propagation).
// Errors of different columns are taken as independent; what all columns share (an estimator's bias, the composition it
// was told beforehand, the detector's scale) is `common`: covariances of the elements' relative errors, element x
// element; empty: none, and then the errors are the least they can be.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/columns/count_distribution.h"

namespace colonnade {

/// Columns without a flag and with at least `least_atoms` in the mean: those that statistics use.
std::vector<std::size_t> usable_columns(const std::vector<CountDistribution>& columns, double least_atoms = 0);

struct CountSum {
  std::size_t columns = 0;
  std::vector<double> mean, covariance;  ///< per element; element x element
  double total() const;
  double total_deviation() const;
};

/// Fails where `common` is neither empty nor one number per pair of elements.
CountSum sum_counts(const std::vector<CountDistribution>& columns, const std::vector<std::size_t>& which,
                    std::size_t elements, const std::vector<double>& common = {});

struct Composition {
  std::size_t columns = 0;
  double atoms = 0, atoms_deviation = 0;
  std::vector<double> fractions;   ///< NaN where there are no atoms
  std::vector<double> covariance;  ///< of the fractions; its rows sum to 0
  double deviation(std::size_t element) const;
  double group_fraction(const std::vector<std::size_t>& group) const;
  double group_deviation(const std::vector<std::size_t>& group) const;
};

/// Fractions f_a = N_a / N, their covariance J C J' with J_ab = (delta_ab - f_a) / N.
Composition composition_of(const CountSum& sum);
/// Of all usable columns.
Composition composition_of(const std::vector<CountDistribution>& columns, std::size_t elements,
                           const std::vector<double>& common = {});

/// `common` of estimates that lean on a composition told to the estimator beforehand, which may be off by the relative
/// standard deviation in every element (then scaled to sum up to 1). Where the data say nothing, that error passes into
/// the counts; where they say all, none of it: a column's posterior mean of prior N c and covariance V = N (diag c - c
/// c') shifts by S V^-1 N dc = S diag(1/c) dc, S being its posterior covariance at a given total.
std::vector<double> prior_common(const CountSum& sum, double relative);

/// The same columns with the elements of each group counted together (their counts' distribution: normal).
std::vector<CountDistribution> grouped(const std::vector<CountDistribution>& columns,
                                       const std::vector<std::vector<std::size_t>>& groups);
/// `common` of such columns: relative errors of the groups' sums, weighted by the elements' numbers of atoms.
std::vector<double> grouped_common(const std::vector<double>& common, const std::vector<double>& atoms,
                                   const std::vector<std::vector<std::size_t>>& groups);

nlohmann::json to_json(const Composition& composition, const std::vector<std::string>& elements);

}  // namespace colonnade
