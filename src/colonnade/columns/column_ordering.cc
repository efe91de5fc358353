// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/column_ordering.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "colonnade/columns/composition.h"
#include "colonnade/columns/departures.h"
#include "colonnade/columns/neighbour_columns.h"
#include "colonnade/core/error.h"
#include "colonnade/core/parallel.h"

namespace colonnade {
namespace {

constexpr std::size_t fewest_columns = 10, fewest_pairs = 10;
constexpr double least_reliability = 0.2;  // of a pair; below, dividing by it would only show noise

using Pairs = std::vector<std::pair<int, int>>;

/// Each column's sum over its neighbours, column x element.
Eigen::MatrixXd neighbour_sums(const Eigen::MatrixXd& values, const Pairs& pairs) {
  Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(values.rows(), values.cols());
  for (Eigen::Index e = 0; e < values.cols(); ++e) {
    const double* from = values.col(e).data();
    double* to = sums.col(e).data();
    for (const auto& [i, j] : pairs) to[i] += from[j], to[j] += from[i];
  }
  return sums;
}

/// Alpha of every pair of elements (a <= b), then Moran's I of every element.
std::vector<double> statistics(const Departures& frame, const Eigen::MatrixXd& departures, const Pairs& pairs,
                               double products_of_totals) {
  const auto elements = departures.cols();
  const Eigen::MatrixXd sums = departures.transpose() * neighbour_sums(departures, pairs);
  std::vector<double> values;
  for (Eigen::Index a = 0; a < elements; ++a) {
    for (Eigen::Index b = a; b < elements; ++b) {
      const double random = frame.fractions()[a] * frame.fractions()[b] * products_of_totals;
      values.push_back(random != 0 ? -sums(a, b) / random : 0);
    }
  }
  Eigen::MatrixXd standard = departures.cwiseQuotient(frame.scale());
  standard.rowwise() -= standard.colwise().mean();
  const Eigen::MatrixXd around = neighbour_sums(standard, pairs);
  for (Eigen::Index a = 0; a < elements; ++a) {
    const double squares = standard.col(a).squaredNorm() / double(standard.rows());
    const double of_pairs = standard.col(a).dot(around.col(a)) / (2 * double(pairs.size()));
    values.push_back(squares > 0 ? of_pairs / squares : 0);
  }
  return values;
}

std::vector<std::vector<double>> draws_of(const Departures& frame, const Pairs& pairs, double products_of_totals,
                                          const OrderingOptions& options) {
  std::vector<std::vector<double>> draws(options.shuffles);
  const Random parent(options.seed);
  parallel_for(options.shuffles, [&](std::int64_t k, int) {
    Random random = parent.stream(std::uint64_t(k));
    draws[k] = statistics(frame, frame.shuffled(random), pairs, products_of_totals);
  });
  return draws;
}

/// The part of the statistics from `first` on, judged as a family of its own.
std::vector<Significance> judge_part(const std::vector<double>& measured, const std::vector<std::vector<double>>& draws,
                                     std::size_t first, std::size_t last) {
  std::vector<std::vector<double>> part;
  for (const auto& draw : draws) part.emplace_back(draw.begin() + long(first), draw.begin() + long(last));
  return judge({measured.begin() + long(first), measured.begin() + long(last)}, part);
}

void fill(ColumnOrdering& result, const Departures& frame, const std::vector<double>& measured,
          const std::vector<std::vector<double>>& draws) {
  const auto elements = std::size_t(frame.fractions().size());
  const std::size_t of_pairs = elements * (elements + 1) / 2;
  const auto pairs = judge_part(measured, draws, 0, of_pairs);
  const auto own = judge_part(measured, draws, of_pairs, of_pairs + elements);
  const Eigen::VectorXd& reliability = frame.reliability();
  for (std::size_t a = 0; a < elements; ++a) {
    for (std::size_t b = a; b < elements; ++b) {
      const std::size_t k = result.pairs.size();
      const double factor = reliability[long(a)] * reliability[long(b)];
      const double scale = factor >= least_reliability ? 1 / factor : std::numeric_limits<double>::quiet_NaN();
      result.pairs.push_back({a, b, measured[k], scale * measured[k], scale * pairs[k].deviation, pairs[k]});
    }
    result.elements.push_back({a, measured[of_pairs + a], own[a], reliability[long(a)], frame.spread()[long(a)]});
  }
}

}  // namespace

void OrderingOptions::describe(OptionTable& table, const std::string& section) {
  table.add(section + ".shuffles", &shuffles, "", "Random alloys that the order between columns is judged against");
  table.add(section + ".neighbour_reach", &reach, "",
            "Columns are neighbours within this many times the distance of nearest ones");
  table.add(section + ".least_atoms", &least_atoms, "", "Thinner columns are left out of tests of order");
  table.add(
      section + ".random_alloy", &null, "",
      "departures (measured departures from the mean alloy, shuffled) or atoms (shuffled, then blurred as stated)");
}

void OrderingOptions::check() const {
  if (shuffles < 19 || shuffles > 1000000) fail("--shuffles is {}; use 19 to 1000000, e.g. 999", shuffles);
  if (!(reach >= 1 && reach < 10)) fail("--neighbour-reach is {}; use 1 to 10, e.g. 1.3", reach);
  if (!(least_atoms >= 0 && std::isfinite(least_atoms))) fail("--least-atoms is {}; use 0 or more", least_atoms);
  null_named(null);
}

const PairOrder& ColumnOrdering::pair(std::size_t a, std::size_t b) const {
  for (const PairOrder& order : pairs) {
    if (order.a == std::min(a, b) && order.b == std::max(a, b)) return order;
  }
  fail("there is no order between elements {} and {}", a + 1, b + 1);
}

double ColumnOrdering::smallest_p() const {
  double p = 1;
  for (const PairOrder& order : pairs) p = std::min(p, order.chance.p_adjusted);
  return p;
}

ColumnOrdering column_ordering(const std::vector<Point>& positions, const std::vector<CountDistribution>& columns,
                               const OrderingOptions& options) {
  options.check();
  if (positions.size() != columns.size()) {
    fail("{} positions for {} columns; give one for each", positions.size(), columns.size());
  }
  ColumnOrdering result;
  const auto which = usable_columns(columns, options.least_atoms);
  std::vector<Point> places;
  for (const std::size_t i : which) places.push_back(positions[i]);
  const Pairs pairs = neighbour_pairs(places, options.reach);
  result.columns = which.size();
  result.neighbour_pairs = pairs.size();
  result.shuffles = options.shuffles;
  if (!which.empty() && columns[which[0]].mean.size() < 2) result.without = "there is only one element to order";
  if (which.size() < fewest_columns || pairs.size() < fewest_pairs) {
    result.without = fmt::format("{} columns with {} pairs of neighbours are too few", which.size(), pairs.size());
  }
  if (!result.without.empty()) return result;
  std::vector<double> weights(which.size());
  Eigen::VectorXd totals(long(which.size()));
  for (std::size_t i = 0; i < which.size(); ++i) {
    const auto& mean = columns[which[i]].mean;
    totals[long(i)] = Eigen::Map<const Eigen::VectorXd>(mean.data(), long(mean.size())).sum();
  }
  double products_of_totals = 0;
  for (const auto& [i, j] : pairs) {
    weights[i] += totals[j];
    weights[j] += totals[i];
    products_of_totals += 2 * totals[i] * totals[j];
  }
  const Departures frame(columns, which, weights, null_named(options.null));
  const auto measured = statistics(frame, frame.measured(), pairs, products_of_totals);
  fill(result, frame, measured, draws_of(frame, pairs, products_of_totals, options));
  return result;
}

nlohmann::json to_json(const ColumnOrdering& ordering, const std::vector<std::string>& elements) {
  nlohmann::json json{
      {"columns", ordering.columns}, {"neighbour_pairs", ordering.neighbour_pairs}, {"shuffles", ordering.shuffles}};
  if (!ordering.without.empty()) json["without"] = ordering.without;
  const auto chance = [](const Significance& s) {
    return nlohmann::json{
        {"random_mean", s.expected}, {"random_sd", s.deviation}, {"z", s.z}, {"p", s.p}, {"p_adjusted", s.p_adjusted}};
  };
  for (const PairOrder& order : ordering.pairs) {
    auto entry = chance(order.chance);
    entry["alpha"] = order.alpha;
    entry["alpha_corrected"] = order.corrected;
    entry["alpha_corrected_sd"] = order.corrected_deviation;
    json["warren_cowley"][elements[order.a] + "-" + elements[order.b]] = entry;
  }
  for (const Aggregation& own : ordering.elements) {
    auto entry = chance(own.chance);
    entry["moran"] = own.moran;
    entry["reliability"] = own.reliability;
    entry["spread_along_beam"] = own.spread;
    json["aggregation"][elements[own.element]] = entry;
  }
  return json;
}

}  // namespace colonnade
