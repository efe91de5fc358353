// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/composition.h"

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <numeric>

#include "colonnade/core/error.h"

namespace colonnade {

std::vector<std::size_t> usable_columns(const std::vector<CountDistribution>& columns, double least_atoms) {
  std::vector<std::size_t> which;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const double total = std::accumulate(columns[i].mean.begin(), columns[i].mean.end(), 0.0);
    if (columns[i].flag.empty() && total > 0 && total >= least_atoms) which.push_back(i);
  }
  return which;
}

double CountSum::total() const { return std::accumulate(mean.begin(), mean.end(), 0.0); }

double CountSum::total_deviation() const {
  return std::sqrt(std::max(0.0, std::accumulate(covariance.begin(), covariance.end(), 0.0)));
}

CountSum sum_counts(const std::vector<CountDistribution>& columns, const std::vector<std::size_t>& which,
                    std::size_t elements, const std::vector<double>& common) {
  if (!common.empty() && common.size() != elements * elements) {
    fail("a common covariance of {} numbers does not fit {} elements; give one for each pair", common.size(), elements);
  }
  check_distributions(columns, elements);
  CountSum sum{which.size(), std::vector<double>(elements), std::vector<double>(elements * elements)};
  for (const std::size_t i : which) {
    for (std::size_t a = 0; a < elements; ++a) sum.mean[a] += columns[i].mean[a];
    for (std::size_t k = 0; k < sum.covariance.size(); ++k) sum.covariance[k] += columns[i].covariance[k];
  }
  for (std::size_t k = 0; k < common.size(); ++k) {
    sum.covariance[k] += sum.mean[k / elements] * sum.mean[k % elements] * common[k];
  }
  return sum;
}

double Composition::deviation(std::size_t element) const { return group_deviation({element}); }

double Composition::group_fraction(const std::vector<std::size_t>& group) const {
  double sum = 0;
  for (const std::size_t element : group) sum += fractions[element];
  return sum;
}

double Composition::group_deviation(const std::vector<std::size_t>& group) const {
  return std::sqrt(std::max(0.0, block_sum(covariance, fractions.size(), group, group)));
}

Composition composition_of(const CountSum& sum) {
  const std::size_t elements = sum.mean.size();
  Composition result;
  result.columns = sum.columns;
  result.atoms = sum.total();
  result.atoms_deviation = sum.total_deviation();
  const bool any = result.atoms > 0;
  for (const double atoms : sum.mean) {
    result.fractions.push_back(any ? atoms / result.atoms : std::numeric_limits<double>::quiet_NaN());
  }
  result.covariance.assign(elements * elements, 0);
  if (!any) return result;
  std::vector<double> with_total(elements);  // covariance of each element with the total
  for (std::size_t k = 0; k < sum.covariance.size(); ++k) with_total[k / elements] += sum.covariance[k];
  const double of_total = result.atoms_deviation * result.atoms_deviation;
  for (std::size_t a = 0; a < elements; ++a) {
    for (std::size_t b = 0; b < elements; ++b) {
      const double fa = result.fractions[a], fb = result.fractions[b];
      result.covariance[a * elements + b] =
          (sum.covariance[a * elements + b] - fa * with_total[b] - fb * with_total[a] + fa * fb * of_total) /
          (result.atoms * result.atoms);
    }
  }
  return result;
}

Composition composition_of(const std::vector<CountDistribution>& columns, std::size_t elements,
                           const std::vector<double>& common) {
  return composition_of(sum_counts(columns, usable_columns(columns), elements, common));
}

std::vector<double> prior_common(const CountSum& sum, double relative) {
  if (!(relative >= 0 && std::isfinite(relative))) fail("a relative error of {} is none; use 0 or more", relative);
  using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto elements = Eigen::Index(sum.mean.size());
  std::vector<double> common(sum.covariance.size());
  if (!(sum.total() > 0)) return common;
  const Eigen::VectorXd atoms = Eigen::Map<const Eigen::VectorXd>(sum.mean.data(), elements).cwiseMax(1e-9);
  const Eigen::VectorXd c = atoms / atoms.sum();
  const Eigen::MatrixXd project =
      Eigen::MatrixXd::Identity(elements, elements) - c * Eigen::RowVectorXd::Ones(elements);
  const Eigen::MatrixXd stated =
      project * Eigen::Map<const Rows>(sum.covariance.data(), elements, elements) * project.transpose();
  const Eigen::MatrixXd of_prior = project * (relative * c).cwiseAbs2().asDiagonal() * project.transpose();
  const Eigen::MatrixXd shift = stated * c.cwiseInverse().asDiagonal();
  const Eigen::MatrixXd covariance =
      atoms.cwiseInverse().asDiagonal() * shift * of_prior * shift.transpose() * atoms.cwiseInverse().asDiagonal();
  Eigen::Map<Rows>(common.data(), elements, elements) = covariance;
  return common;
}

std::vector<CountDistribution> grouped(const std::vector<CountDistribution>& columns,
                                       const std::vector<std::vector<std::size_t>>& groups) {
  std::vector<CountDistribution> result;
  for (const auto& column : columns) {
    const std::size_t elements = column.mean.size();
    std::vector<double> mean, covariance;
    for (const auto& group : groups) {
      mean.push_back(column.group_mean(group));
      for (const auto& other : groups) {
        covariance.push_back(block_sum(column.covariance, elements, group, other));
      }
    }
    CountDistribution whole = normal_distribution(mean, covariance);
    for (std::size_t g = 0; g < groups.size(); ++g) {
      if (groups[g].size() == 1) whole.elements[g] = column.elements[groups[g][0]];
    }
    whole.total = column.total;
    whole.surprise = column.surprise;
    whole.flag = column.flag;
    result.push_back(std::move(whole));
  }
  return result;
}

std::vector<double> grouped_common(const std::vector<double>& common, const std::vector<double>& atoms,
                                   const std::vector<std::vector<std::size_t>>& groups) {
  if (common.empty()) return {};
  std::vector<double> result;
  for (const auto& first : groups) {
    for (const auto& second : groups) {
      double sum = 0, all_first = 0, all_second = 0;
      for (const std::size_t a : first) all_first += atoms[a];
      for (const std::size_t b : second) all_second += atoms[b];
      for (const std::size_t a : first) {
        for (const std::size_t b : second) sum += atoms[a] * atoms[b] * common[a * atoms.size() + b];
      }
      result.push_back(all_first * all_second > 0 ? sum / (all_first * all_second) : 0);
    }
  }
  return result;
}

nlohmann::json to_json(const Composition& composition, const std::vector<std::string>& elements) {
  nlohmann::json json{{"columns", composition.columns},
                      {"atoms", composition.atoms},
                      {"atoms_sd", composition.atoms_deviation},
                      {"covariance", composition.covariance}};
  for (std::size_t e = 0; e < elements.size(); ++e) {
    json["elements"][elements[e]] = {{"fraction", composition.fractions[e]}, {"sd", composition.deviation(e)}};
  }
  return json;
}

}  // namespace colonnade
