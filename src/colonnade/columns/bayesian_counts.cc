// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/bayesian_counts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "colonnade/columns/interval_calibration.h"
#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"
#include "colonnade/structures/alloy.h"
#include "colonnade/structures/elements.h"

namespace colonnade {
namespace {

constexpr int composition_steps = 5, thickness_passes = 2;
constexpr double surprising = 5;  // standard deviations per signal beyond which the model does not explain a column

using Posteriors = std::vector<NormalPosterior>;

/// The inference for one particle.
class Inference {
 public:
  Inference(const ColumnSignals& signals, const SignalResponse& response, const BayesianOptions& options)
      : signals_(signals), response_(response), options_(options) {
    alloy_.fractions = checked_fractions(response.elements(), options.fractions);
    alloy_.gain = options.absolute_gain;
    before_ = alloy_.fractions;
    at_ = response.at(signals.conditions, options.absolute_gain);
    for (std::size_t i = 0; i < signals.size(); ++i) evidence_.push_back(evidence_of(signals, i));
  }
  BayesianCounts run();

 private:
  void find_thickness();
  CountPrior prior(std::size_t column, const std::vector<double>& fractions, double concentration) const;
  Posteriors posteriors(const std::vector<std::vector<double>>& fractions, double concentration) const;
  std::vector<std::vector<double>> fractions(double kinship) const;
  void find_composition();
  void find_order();
  double prior_atoms() const;
  void widen_for_gain(CountDistribution& column) const;

  const ColumnSignals& signals_;
  const SignalResponse& response_;
  const BayesianOptions& options_;
  SignalResponse::At at_;
  std::vector<ColumnEvidence> evidence_;
  std::vector<double> before_;
  std::vector<Estimate> thickness_;  ///< of each column, as its neighbours predict it
  Posteriors plain_;                 ///< with the alloy's composition for all columns
  AlloyState alloy_;
};

/// Totals as each column's own signals say, then as the columns around predict them.
void Inference::find_thickness() {
  std::vector<Estimate> own(signals_.size());
  const double largest = most_atoms(response_);
  for (std::size_t i = 0; i < own.size(); ++i) {
    own[i] = {total_by_signals(response_, at_, evidence_[i], alloy_.fractions, largest), 4};
  }
  thickness_ = predict_from_others(signals_.positions_nm, own, {});
  for (int pass = 0; pass < thickness_passes; ++pass) {
    parallel_for(std::ssize(own), [&](std::int64_t i, int) {
      own[i] = own_total(at_, evidence_[i], thickness_[i].value, alloy_.fractions, alloy_.order.concentration);
    });
    alloy_.surface = fit_surface(signals_.positions_nm, own);
    thickness_ = predict_from_others(signals_.positions_nm, own, alloy_.surface);
  }
}

CountPrior Inference::prior(std::size_t column, const std::vector<double>& fractions, double concentration) const {
  return {std::max(thickness_[column].value, 0.5), thickness_[column].variance, fractions, concentration};
}

/// `fractions`: one row for all columns, or one for each.
Posteriors Inference::posteriors(const std::vector<std::vector<double>>& fractions, double concentration) const {
  Posteriors result(signals_.size());
  parallel_for(std::ssize(result), [&](std::int64_t i, int) {
    const auto& own = fractions.size() == 1 ? fractions[0] : fractions[i];
    result[i] = normal_posterior(at_, evidence_[i], prior(i, own, concentration));
  });
  return result;
}

/// With the neighbours as found with the alloy's composition.
std::vector<std::vector<double>> Inference::fractions(double kinship) const {
  std::vector<std::vector<double>> atoms;
  for (const NormalPosterior& column : plain_) atoms.push_back(column.mean);
  return local_fractions(alloy_.fractions, atoms, signals_.neighbours, kinship);
}

/// As many atoms, seen before, would give fractions this certainty (Dirichlet).
double Inference::prior_atoms() const {
  double sum = 0;
  for (const double f : before_) sum += (1 - f) / std::max(f, 1e-6);
  const double spread = std::max(options_.composition_spread, 1e-4);
  return std::max(1.0, sum / double(before_.size()) / (spread * spread) - 1);
}

/// Expectation-maximisation of the alloy's fractions.
void Inference::find_composition() {
  for (int step = 0; step < composition_steps; ++step) {
    plain_ = posteriors({alloy_.fractions}, alloy_.order.concentration);
    std::vector<double> atoms = before_;
    double all = 0;
    for (double& a : atoms) a *= prior_atoms();
    // Atoms of one column come together where columns differ: they tell less of the alloy.
    for (std::size_t i = 0; i < plain_.size(); ++i) {
      const double total = std::max(plain_[i].total, 1.0);
      const double worth = std::isfinite(alloy_.order.concentration)
                               ? (alloy_.order.concentration + 1) / (alloy_.order.concentration + total)
                               : 1;
      for (std::size_t e = 0; e < atoms.size(); ++e) atoms[e] += worth * std::max(0.0, plain_[i].mean[e]);
    }
    for (const double a : atoms) all += a;
    for (std::size_t e = 0; e < atoms.size(); ++e) alloy_.fractions[e] = atoms[e] / all;
  }
}

/// How columns differ from the alloy, and follow their neighbours: by the evidence of all signals, each column's under
/// what the others say of its thickness and composition. A surface that is rough and columns that differ look much
/// alike, so thickness is found anew for each concentration.
void Inference::find_order() {
  double most = -std::numeric_limits<double>::infinity(), last = -1;
  LocalOrder best;
  for (const LocalOrder& order : possible_orders(with_x_rays(signals_.kinds))) {
    if (order.concentration != last) {
      last = alloy_.order.concentration = order.concentration;
      find_thickness();
      plain_ = posteriors({alloy_.fractions}, order.concentration);
    }
    double evidence = log_prior(order);
    for (const auto& p : posteriors(fractions(order.kinship), order.concentration)) evidence += p.log_evidence;
    if (evidence > most) most = evidence, best = order;
  }
  alloy_.order = best;
  find_thickness();
  plain_ = posteriors({alloy_.fractions}, alloy_.order.concentration);
}

/// A gain that is wrong by a part makes all counts wrong by about that part.
void Inference::widen_for_gain(CountDistribution& column) const {
  if (!(options_.gain_spread > 0)) return;
  auto covariance = column.covariance;
  const std::size_t elements = column.mean.size();
  for (std::size_t a = 0; a < elements; ++a) {
    for (std::size_t b = 0; b < elements; ++b) {
      covariance[a * elements + b] += options_.gain_spread * options_.gain_spread * column.mean[a] * column.mean[b];
    }
  }
  const double surprise = column.surprise;
  column = normal_distribution(column.mean, covariance);
  column.surprise = surprise;
}

BayesianCounts Inference::run() {
  // Annular signals alone cannot tell a thicker particle from a heavier alloy: the composition stays as given.
  const bool x_rays = with_x_rays(signals_.kinds);
  if (x_rays) {
    find_thickness();
    find_composition();
  }
  find_order();
  if (x_rays) find_composition();
  const auto local = fractions(alloy_.order.kinship);
  BayesianCounts result;
  result.columns.resize(signals_.size());
  const Random random(options_.seed);
  parallel_for(std::ssize(result.columns), [&](std::int64_t i, int) {
    CountDistribution& column = result.columns[i];
    column = exact_posterior(at_, evidence_[i], prior(i, local[i], alloy_.order.concentration), random.stream(i));
    column = widened(column, response_.widening(signals_.kinds));
    widen_for_gain(column);
    column.flag = flag_of(signals_, i, column, response_);
  });
  result.alloy = alloy_;
  return result;
}

}  // namespace

void BayesianOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section + ".";
  table.add(prefix + "fractions", &fractions, "",
            "Atomic fractions of the alloy as far as known, in the elements' order; empty: equal");
  table.add(prefix + "fraction_spread", &composition_spread, "", "Relative standard deviation of these fractions");
  table.add(prefix + "gain", &absolute_gain, "", "Factor of the image's intensity against calculation");
  table.add(prefix + "gain_spread", &gain_spread, "", "Relative standard deviation of that factor");
}

void BayesianOptions::check() const {
  if (!(composition_spread > 0 && composition_spread <= 10)) {
    fail("--fraction-spread is {}; give a relative deviation above 0, such as 0.1", composition_spread);
  }
  if (!(absolute_gain > 0 && std::isfinite(absolute_gain))) fail("--gain is {}; give a factor above 0", absolute_gain);
  if (!(gain_spread >= 0 && gain_spread < 10))
    fail("--gain-spread is {}; give a relative deviation of 0 or more", gain_spread);
}

nlohmann::json AlloyState::to_json(const std::vector<std::string>& elements) const {
  nlohmann::json json{
      {"kinship", order.kinship},
      {"gain", gain},
      {"thickness",
       {{"amplitude", surface.amplitude}, {"length_nm", surface.length_nm}, {"roughness", surface.roughness}}}};
  for (std::size_t e = 0; e < elements.size(); ++e) json["fractions"][elements[e]] = fractions[e];
  json["concentration"] =
      std::isfinite(order.concentration) ? nlohmann::json(order.concentration) : nlohmann::json("random alloy");
  return json;
}

std::string flag_of(const ColumnSignals& signals, std::size_t i, const CountDistribution& column,
                    const SignalResponse& response) {
  std::string setting;
  if (!signals.whole[i]) return "edge of the image";
  if (column.surprise > surprising) return "signals that the model does not explain";
  if (mean_of(column.total) > 1.1 * response.largest_total()) return "thicker than calibrated";
  if (response.outside(signals.conditions, setting) > 0.1) return setting + " outside the calibration";
  return "";
}

BayesianCounts count_by_physics(const ColumnSignals& signals, const SignalResponse& response,
                                const BayesianOptions& options) {
  options.check();
  // In one fixed order inside, so that the order of the elements changes nothing but the order of the result.
  std::vector<std::string> sorted = response.elements();
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return element(a).number > element(b).number; });
  BayesianOptions inside = options;
  const auto given = checked_fractions(response.elements(), options.fractions);
  const auto place = element_places(response.elements(), sorted, "the response");
  inside.fractions = given;
  for (std::size_t e = 0; e < given.size(); ++e) inside.fractions[place[e]] = given[e];
  const SignalResponse ordered = response.only(names_of(signals.kinds)).for_elements(sorted);
  BayesianCounts counts = Inference(signals, ordered, inside).run();
  const auto found = counts.alloy.fractions;
  for (std::size_t e = 0; e < place.size(); ++e) counts.alloy.fractions[e] = found[place[e]];
  for (auto& column : counts.columns) column = reordered(column, place);
  return counts;
}

}  // namespace colonnade
