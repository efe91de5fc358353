// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/count_bound.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "colonnade/columns/count_posterior.h"
#include "colonnade/columns/local_composition.h"
#include "colonnade/columns/thickness_surface.h"
#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/structures/alloy.h"

namespace colonnade {
namespace {

using Table = std::vector<std::vector<double>>;
constexpr int repetitions = 30;

Table counts_of(const KnownColumns& field) {
  Table counts;
  for (const auto& row : field.counts) counts.emplace_back(row.begin(), row.end());
  return counts;
}

/// What the columns give, neighbours spilling into each other, found by repetition.
Table with_spill(const KnownColumns& field, const SignalResponse::At& response, const Table& counts) {
  Table own(counts.size(), std::vector<double>(response.signals()));
  for (std::size_t i = 0; i < own.size(); ++i) response.own(counts[i].data(), own[i].data());
  Table sections = own;
  for (int turn = 0; turn < repetitions; ++turn) {
    Table next = own;
    for (std::size_t i = 0; i < own.size(); ++i) {
      const double total = std::accumulate(counts[i].begin(), counts[i].end(), 0.0);
      const auto sums = neighbour_sum(sections, field.signals.neighbours[i], response.signals());
      for (std::size_t s = 0; s < sums.size(); ++s) next[i][s] += response.spill(s, total, sums[s]);
    }
    sections = std::move(next);
  }
  return sections;
}

Eigen::MatrixXd mixing_of(const SignalResponse::At& response) {
  const Eigen::Index signals = Eigen::Index(response.signals());
  Eigen::MatrixXd correlation(signals, signals);
  for (Eigen::Index a = 0; a < signals; ++a) {
    for (Eigen::Index b = 0; b < signals; ++b) correlation(a, b) = response.correlation(a, b);
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> parts(correlation);
  return parts.eigenvectors() * parts.eigenvalues().cwiseMax(0.0).cwiseSqrt().asDiagonal();
}

/// Everything that both bounds know of a field.
struct Known {
  std::vector<double> alloy;
  Table counts, fractions, clean, drawn;
  LocalOrder order;
  std::vector<Estimate> from_others;
  std::vector<double> doses;
};

Known known_of(const KnownColumns& field, const SignalResponse::At& at, const std::vector<double>& nominal,
               Random random) {
  Known known;
  known.counts = counts_of(field);
  std::vector<double> alloy(at.elements(), 1e-3);
  std::vector<Estimate> totals;
  for (const auto& row : known.counts) {
    totals.push_back({std::accumulate(row.begin(), row.end(), 0.0), 0});
    for (std::size_t e = 0; e < alloy.size(); ++e) alloy[e] += row[e];
  }
  const double all = std::accumulate(alloy.begin(), alloy.end(), 0.0);
  for (double& fraction : alloy) fraction /= all;
  known.order = order_of(alloy, known.counts, field.signals.neighbours);
  known.fractions = local_fractions(alloy, known.counts, field.signals.neighbours, known.order.kinship);
  known.alloy = with_x_rays(field.signals.kinds) ? alloy : nominal;
  known.from_others =
      predict_from_others(field.signals.positions_nm, totals, fit_surface(field.signals.positions_nm, totals));
  known.clean = expected_sections(field, at);
  known.drawn = drawn_sections(field, at, random);
  for (const SignalKind& kind : field.signals.kinds) known.doses.push_back(kind.dose_per_nm2);
  return known;
}

ColumnEvidence evidence_of(const KnownColumns& field, const SignalResponse::At& at, const Known& known, std::size_t i,
                           const Table& around) {
  return {known.drawn[i], neighbour_sum(around, field.signals.neighbours[i], at.signals()), known.doses};
}

CountDistribution by_oracle(const KnownColumns& field, const SignalResponse::At& at, const Known& known, std::size_t i,
                            Random random) {
  const double total = std::accumulate(known.counts[i].begin(), known.counts[i].end(), 0.0);
  const CountPrior prior{total, 0, known.fractions[i], known.order.concentration};
  return exact_posterior(at, evidence_of(field, at, known, i, known.clean), prior, random);
}

/// What an image leaves to be known: the order is that under which the signals are likeliest.
struct ByImage {
  Table fractions;
  double concentration = 0;
};

CountPrior image_prior(const Known& known, std::size_t i, const std::vector<double>& fractions, double concentration) {
  return {std::max(known.from_others[i].value, 0.5), known.from_others[i].variance, fractions, concentration};
}

ByImage by_image(const KnownColumns& field, const SignalResponse::At& at, const Known& known) {
  ByImage best;
  double most = -std::numeric_limits<double>::infinity();
  const std::int64_t columns = std::ssize(known.counts);
  Table atoms(columns);
  std::vector<double> evidence(columns);
  const auto posterior = [&](std::size_t i, const std::vector<double>& fractions, double concentration) {
    return normal_posterior(at, evidence_of(field, at, known, i, known.drawn),
                            image_prior(known, i, fractions, concentration));
  };
  double last = -1;
  for (const LocalOrder& order : possible_orders(with_x_rays(field.signals.kinds))) {
    if (order.concentration != last) {
      last = order.concentration;
      parallel_for(columns, [&](std::int64_t i, int) { atoms[i] = posterior(i, known.alloy, last).mean; });
    }
    const Table fractions = local_fractions(known.alloy, atoms, field.signals.neighbours, order.kinship);
    parallel_for(columns, [&](std::int64_t i, int) {
      evidence[i] = posterior(i, fractions[i], order.concentration).log_evidence;
    });
    const double sum = std::accumulate(evidence.begin(), evidence.end(), log_prior(order));
    if (sum > most) most = sum, best = {fractions, order.concentration};
  }
  return best;
}

}  // namespace

Table expected_sections(const KnownColumns& field, const SignalResponse::At& response) {
  return with_spill(field, response, counts_of(field));
}

Table drawn_sections(const KnownColumns& field, const SignalResponse::At& response, Random& random) {
  const Table expected = expected_sections(field, response);
  Table sections = expected;
  const Eigen::MatrixXd mixing = mixing_of(response);
  std::vector<double> own(response.signals());
  Eigen::VectorXd normal(mixing.cols());
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const std::vector<double> counts(field.counts[i].begin(), field.counts[i].end());
    const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
    const auto sums = neighbour_sum(expected, field.signals.neighbours[i], own.size());
    response.own(counts.data(), own.data());
    for (double& value : normal) value = random.normal();
    const Eigen::VectorXd mixed = mixing * normal;
    for (std::size_t s = 0; s < own.size(); ++s) {
      double& section = sections[i][s];
      section += response.scatter(s, own[s], response.spill(s, total, sums[s])) * mixed(Eigen::Index(s));
      section = counted_section(section, field.signals.kinds[s].dose_per_nm2, random);
    }
  }
  return sections;
}

BoundScores count_bound(const std::vector<KnownColumns>& fields, const SignalResponse& response, std::uint64_t seed,
                        const std::vector<double>& fractions) {
  const auto nominal = checked_fractions(response.elements(), fractions);
  Table truth;
  std::vector<CountDistribution> oracle, image;
  for (std::size_t f = 0; f < fields.size(); ++f) {
    const KnownColumns& field = fields[f];
    const SignalResponse::At at = response.only(names_of(field.signals.kinds)).at(field.signals.conditions);
    const Random random = Random(seed).stream(f);
    const Known known = known_of(field, at, nominal, random.stream(0));
    const ByImage seen = by_image(field, at, known);
    std::vector<CountDistribution> with(field.counts.size()), without(field.counts.size());
    parallel_for(std::ssize(with), [&](std::int64_t i, int) {
      if (!field.signals.whole[i]) return;
      with[i] = by_oracle(field, at, known, i, random.stream(2 * i + 1));
      without[i] =
          exact_posterior(at, evidence_of(field, at, known, i, known.drawn),
                          image_prior(known, i, seen.fractions[i], seen.concentration), random.stream(2 * i + 2));
    });
    for (std::size_t i = 0; i < with.size(); ++i) {
      if (!field.signals.whole[i]) continue;
      truth.push_back(known.counts[i]);
      oracle.push_back(std::move(with[i]));
      image.push_back(std::move(without[i]));
    }
  }
  if (truth.empty()) fail("no column lies wholly inside its field; give larger fields");
  BoundScores scores;
  scores.columns = int(truth.size());
  scores.oracle = score_distributions(truth, oracle, response.elements());
  scores.image = score_distributions(truth, image, response.elements());
  scores.thickness_only = score_counts(truth, thickness_only(truth), response.elements());
  return scores;
}

}  // namespace colonnade
