// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/particle_model.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "colonnade/core/error.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/elements.h"

namespace colonnade {
namespace {

using Vector = Eigen::VectorXd;
using Matrix = Eigen::MatrixXd;

Matrix covariance_of(const CountDistribution& column) {
  const auto size = std::ptrdiff_t(column.mean.size());
  return Eigen::Map<const Matrix>(column.covariance.data(), size, size);
}

/// The mean and covariance of the counts where their sum is known to be `total`.
void condition_on(double total, Vector& mean, Matrix& covariance) {
  const Vector with_sum = covariance.rowwise().sum();
  const double variance = with_sum.sum();
  if (variance > 1e-9) {
    mean += with_sum * ((total - mean.sum()) / variance);
    covariance -= with_sum * with_sum.transpose() / variance;
  }
  mean = mean.cwiseMax(0);
  mean *= mean.sum() > 0 ? total / mean.sum() : 0;
}

/// The odds of rounding up: those of both whole numbers where the deviation is below half an atom, else those that keep
/// the mean.
double log_odds_up(double part, double deviation) {
  constexpr double least = 1e-9;
  part = std::clamp(part, least, 1 - least);
  if (deviation >= 0.5) return std::log(part / (1 - part));
  return std::clamp((2 * part - 1) / (2 * std::max(1e-3, deviation * deviation)), -40.0, 40.0);
}

/// Chances between 0 and 1 with these odds to each other that sum up to `wanted`.
std::vector<double> chances_with_sum(const std::vector<double>& log_odds, double wanted) {
  double low = -200, high = 200;
  std::vector<double> chances(log_odds.size());
  for (int turn = 0; turn < 100; ++turn) {
    const double shift = 0.5 * (low + high);
    double sum = 0;
    for (std::size_t e = 0; e < chances.size(); ++e) sum += chances[e] = 1 / (1 + std::exp(-(log_odds[e] + shift)));
    (sum < wanted ? low : high) = shift;
  }
  return chances;
}

/// Rounds each up or down; their sum stays `total` (systematic sampling of those that are rounded up).
std::vector<int> rounded(const Vector& mean, const Matrix& covariance, int total, Random& random) {
  std::vector<int> counts;
  std::vector<double> odds;
  for (std::ptrdiff_t e = 0; e < mean.size(); ++e) {
    counts.push_back(int(std::floor(mean[e] + 1e-9)));
    odds.push_back(log_odds_up(mean[e] - counts.back(), std::sqrt(std::max(0.0, covariance(e, e)))));
  }
  const int left = total - std::accumulate(counts.begin(), counts.end(), 0);
  if (left <= 0) return counts;
  const auto chances = chances_with_sum(odds, left);
  double sum = random.uniform();
  for (std::size_t e = 0; e < counts.size(); ++e) {
    const double before = std::floor(sum);
    sum += chances[e];
    // The chances sum up to `left` but for rounding errors; the last element takes what these leave.
    const int up = std::min(1, int(std::floor(sum) - before));
    counts[e] += up;
  }
  int missing = total - std::accumulate(counts.begin(), counts.end(), 0);
  for (std::size_t e = counts.size(); e-- > 0 && missing != 0;) {
    const int change = std::clamp(missing, -counts[e], 1);
    counts[e] += change;
    missing -= change;
  }
  return counts;
}

int whole_total(double mean) { return std::max(1, int(std::lround(mean))); }

/// A column's atoms from low to high, as indices into its elements.
std::vector<int> stacked(const std::vector<int>& counts, const std::string& stacking, Random& random) {
  std::vector<std::pair<double, int>> atoms;
  for (std::size_t e = 0; e < counts.size(); ++e) {
    const double start = random.uniform();
    for (int i = 0; i < counts[e]; ++i) atoms.emplace_back((i + start) / counts[e], int(e));
  }
  std::vector<int> order;
  if (stacking == "mixed") std::sort(atoms.begin(), atoms.end());
  for (const auto& atom : atoms) order.push_back(atom.second);
  if (stacking == "random") random.shuffle(order);
  return order;
}

}  // namespace

void ParticleModelOptions::describe(OptionTable& table, const std::string& section) {
  table.add(section + ".model_counts", &counts, "",
            "Whole numbers of atoms in the 3-D model: likely, or drawn (as the errors allow)");
  table.add(section + ".model_stacking", &stacking, "", "Order of a column's atoms along the beam: random or mixed");
}

void ParticleModelOptions::check() const {
  if (counts != "likely" && counts != "drawn") fail("--model-counts is '{}'; it must be likely or drawn", counts);
  if (stacking != "random" && stacking != "mixed") {
    fail("--model-stacking is '{}'; it must be random or mixed", stacking);
  }
}

std::vector<int> likely_counts(const CountDistribution& column, Random& random) {
  const int total = whole_total(mean_of(column.total));
  Vector mean = Eigen::Map<const Vector>(column.mean.data(), std::ptrdiff_t(column.mean.size())).cwiseMax(0);
  Matrix covariance = covariance_of(column);
  condition_on(total, mean, covariance);
  return rounded(mean, covariance, total, random);
}

std::vector<int> drawn_counts(const CountDistribution& column, Random& random) {
  Vector mean = Eigen::Map<const Vector>(column.mean.data(), std::ptrdiff_t(column.mean.size()));
  const Eigen::SelfAdjointEigenSolver<Matrix> parts(covariance_of(column));
  Vector free(mean.size());
  for (std::ptrdiff_t k = 0; k < free.size(); ++k) {
    free[k] = std::sqrt(std::max(0.0, parts.eigenvalues()[k])) * random.normal();
  }
  mean = (mean + parts.eigenvectors() * free).cwiseMax(0);
  const int total = whole_total(mean.sum());
  mean *= mean.sum() > 0 ? total / mean.sum() : 0;
  return rounded(mean, Matrix::Identity(mean.size(), mean.size()), total, random);
}

ParticleModel build_particle_model(const std::vector<Point>& places_A, const std::vector<CountDistribution>& columns,
                                   const std::vector<std::string>& elements, const ParticleModelOptions& options) {
  options.check();
  if (columns.empty() || places_A.size() != columns.size()) {
    fail("{} places and {} counted columns make no model", places_A.size(), columns.size());
  }
  check_distributions(columns, elements.size());
  const ColumnLattice lattice = column_lattice(options.crystal, options.lattice_A, options.zone_axis);
  ParticleModel model;
  model.shifts = column_shifts(places_A, lattice);
  const Random random(options.seed);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    Random own = random.stream(i);
    model.counts.push_back(options.counts == "drawn" ? drawn_counts(columns[i], own) : likely_counts(columns[i], own));
    const auto order = stacked(model.counts.back(), options.stacking, own);
    const double shift = model.shifts.shifts[i], middle = 0.5 * (double(order.size()) - 1);
    const double first = std::floor(0.5 - middle - shift) + shift;
    for (std::size_t k = 0; k < order.size(); ++k) {
      const int number = element(elements[std::size_t(order[k])]).number;
      model.structure.atoms.push_back({number, {places_A[i].x, places_A[i].y, (first + double(k)) * lattice.period_A}});
      model.columns.push_back(int(i));
    }
  }
  model.structure.metadata = {{"crystal", options.crystal},
                              {"zone_axis", parse_zone_axis(options.zone_axis)},
                              {"lattice_A", options.lattice_A},
                              {"period_A", lattice.period_A},
                              {"counts", options.counts},
                              {"stacking", options.stacking},
                              {"seed", options.seed},
                              {"rotation_deg", model.shifts.rotation_deg},
                              {"neighbours", model.shifts.bonds},
                              {"neighbours_out_of_step", model.shifts.broken}};
  return model;
}

}  // namespace colonnade
