// SPDX-License-Identifier: GPL-3.0-or-later
// Made-up particles for tests of statistics: true columns of a simulated nanoparticle, and what an honest Bayesian
// estimator says of them. Signals are linear in the counts with normal noise; the prior is a random alloy of the right
// composition with a broad total: the posterior is then known in closed form.
#pragma once

#include <Eigen/Dense>
#include <string>
#include <vector>

#include "colonnade/columns/count_distribution.h"
#include "colonnade/columns/counts.h"
#include "colonnade/core/random.h"
#include "colonnade/structures/nanoparticle.h"

namespace colonnade {

struct TestParticle {
  std::vector<Point> positions;         ///< nm
  std::vector<std::vector<int>> truth;  ///< column, element
  std::vector<double> fractions;        ///< true ones
};

/// Columns of a particle with at least two atoms.
inline TestParticle test_particle(const NanoparticleOptions& options, Random& random) {
  TestParticle particle;
  particle.fractions.assign(options.elements.size(), 0);
  double atoms = 0;
  for (const TrueColumn& column : true_columns(make_nanoparticle(options, random), options.elements)) {
    int total = 0;
    for (const int count : column.counts) total += count;
    if (total < 2) continue;
    particle.positions.push_back({column.x_A / 10, column.y_A / 10});
    particle.truth.push_back(column.counts);
    for (std::size_t e = 0; e < column.counts.size(); ++e) particle.fractions[e] += column.counts[e];
    atoms += total;
  }
  for (double& fraction : particle.fractions) fraction /= atoms;
  return particle;
}

/// The posterior of every column after signals A n + noise; rows of A are signals.
inline std::vector<CountDistribution> measured(const TestParticle& particle, const Eigen::MatrixXd& signals,
                                               const Eigen::VectorXd& noise, Random& random) {
  const auto elements = Eigen::Index(particle.fractions.size());
  const Eigen::VectorXd c = Eigen::Map<const Eigen::VectorXd>(particle.fractions.data(), elements);
  constexpr double mean_total = 8, spread_of_totals = 8;
  std::vector<CountDistribution> columns;
  for (const auto& counts : particle.truth) {
    Eigen::VectorXd n(elements), y = Eigen::VectorXd::Zero(signals.rows());
    for (Eigen::Index e = 0; e < elements; ++e) n[e] = counts[std::size_t(e)];
    for (Eigen::Index s = 0; s < y.size(); ++s) y[s] = noise[s] * random.normal();
    y += signals * n;
    const Eigen::MatrixXd outer = c * c.transpose();
    const Eigen::MatrixXd prior =
        n.sum() * (Eigen::MatrixXd(c.asDiagonal()) - outer) + spread_of_totals * spread_of_totals * outer;
    const Eigen::MatrixXd of_signals =
        signals * prior * signals.transpose() + Eigen::MatrixXd(noise.cwiseAbs2().asDiagonal());
    const Eigen::MatrixXd gain = prior * signals.transpose() * of_signals.inverse();
    const Eigen::VectorXd mean = mean_total * c + gain * (y - mean_total * signals * c);
    const Eigen::MatrixXd covariance = prior - gain * signals * prior;
    columns.push_back(normal_distribution({mean.data(), mean.data() + elements},
                                          {covariance.data(), covariance.data() + covariance.size()}));
  }
  return columns;
}

/// Every element's own signal (as X-ray maps give) with the same noise in atoms, and one of the total to 0.8 atoms (as
/// an image gives).
inline std::vector<CountDistribution> measured_each(const TestParticle& particle, double noise, Random& random) {
  const auto elements = Eigen::Index(particle.fractions.size());
  Eigen::MatrixXd signals(elements + 1, elements);
  signals << Eigen::MatrixXd::Identity(elements, elements), Eigen::RowVectorXd::Ones(elements);
  Eigen::VectorXd noises = Eigen::VectorXd::Constant(elements + 1, noise);
  noises[elements] = 0.8;
  return measured(particle, signals, noises, random);
}

}  // namespace colonnade
