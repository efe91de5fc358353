// SPDX-License-Identifier: GPL-3.0-or-later
// What the signals of one column say of its counts, by Bayes' rule: prior times likelihood (signal_response.h).
// The normal approximation (an iterated extended Kalman update) costs microseconds and serves to find the particle's
// composition and thickness; the exact posterior is summed over all counts in its reach, or, where these are too many,
// over counts drawn from the normal approximation and weighted by the exact posterior (importance sampling).
#pragma once

#include <limits>
#include <vector>

#include "colonnade/columns/count_distribution.h"
#include "colonnade/columns/signal_response.h"
#include "colonnade/columns/thickness_surface.h"
#include "colonnade/core/random.h"

namespace colonnade {

/// Before the signals are seen: a normal total (variance 0: known), and atoms whose elements are drawn from fractions
/// that themselves vary from column to column (Dirichlet-multinomial; a large concentration: one at a time, at random).
struct CountPrior {
  double total = 10, total_variance = 100;
  std::vector<double> fractions;
  double concentration = std::numeric_limits<double>::infinity();
};

/// The signals of one column.
struct ColumnEvidence {
  std::vector<double> sections_nm2, neighbour_sums_nm2;
  std::vector<double> doses_per_nm2;  ///< 0: no counting noise
};

ColumnEvidence evidence_of(const ColumnSignals& signals, std::size_t column);

struct NormalPosterior {
  std::vector<double> mean, covariance;  ///< of the counts
  double total = 0, total_variance = 0;
  double log_evidence = 0;  ///< of the signals under the prior
  double distance = 0;      ///< of the signals from what the prior expects, in standard deviations per signal
};

/// `updates`: how often it is linearised, first at the prior's mean.
NormalPosterior normal_posterior(const SignalResponse::At& response, const ColumnEvidence& evidence,
                                 const CountPrior& prior, int updates = 4);

/// Exact but for what lies beyond 4.5 standard deviations, or for the draws: those of `random`, used only where more
/// than `most_counts` combinations are possible.
CountDistribution exact_posterior(const SignalResponse::At& response, const ColumnEvidence& evidence,
                                  const CountPrior& prior, Random random, int most_counts = 6000);

/// The total for which the sum over annular signals (X-rays where there is none) is what is expected of these
/// fractions, between 0 and `largest`.
double total_by_signals(const SignalResponse& response, const SignalResponse::At& at, const ColumnEvidence& evidence,
                        const std::vector<double>& fractions, double largest);

/// What the signals of a column alone say of its total. Linearised, and with the errors, of the total that is expected
/// there: errors taken from what was measured would make columns that look thin count more.
Estimate own_total(const SignalResponse::At& response, const ColumnEvidence& evidence, double expected,
                   const std::vector<double>& fractions, double concentration);

/// Atoms in a column beyond which no total is looked for.
double most_atoms(const SignalResponse& response);

}  // namespace colonnade
