// SPDX-License-Identifier: GPL-3.0-or-later
// How well any estimator can count, by Monte Carlo: signals are drawn for columns whose counts are known, as the
// response says (what the counts leave open, and counting noise), and the exact posterior counts them again.
//
// Two bounds. The oracle is told the true total of every column and everything about its neighbours and the alloy. The
// other, of the image alone, is told neither its own total nor the neighbours' composition; of the alloy it knows the
// fractions that the experimenter knows (with X-rays: all, as they tell it). But it predicts a column's thickness from
// the true totals around it, which no image tells, so that the best estimator stays a little below.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "colonnade/columns/scores.h"
#include "colonnade/columns/signal_response.h"
#include "colonnade/core/random.h"

namespace colonnade {

struct BoundScores {
  std::vector<CountScore> oracle, image, thickness_only;  ///< per element
  int columns = 0;
};

/// Of columns whose counts are known: their sections are not read; doses are those of the signals' kinds.
/// `fractions`: of the alloy, as known before; empty: equal.
BoundScores count_bound(const std::vector<KnownColumns>& fields, const SignalResponse& response, std::uint64_t seed,
                        const std::vector<double>& fractions = {});

/// What the response expects of all columns, scatter and noise left out: [column][signal]. Neighbours spill into each
/// other, so it is found by repetition.
std::vector<std::vector<double>> expected_sections(const KnownColumns& field, const SignalResponse::At& response);
/// The same with scatter and counting noise drawn. X-rays and dim signals are drawn as Poisson counts.
std::vector<std::vector<double>> drawn_sections(const KnownColumns& field, const SignalResponse::At& response,
                                                Random& random);

}  // namespace colonnade
