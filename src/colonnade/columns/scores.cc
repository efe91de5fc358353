// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/scores.h"

#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

using Table = std::vector<std::vector<double>>;

void require_rows(const Table& table, std::size_t entries, const char* name) {
  for (std::size_t row = 0; row < table.size(); ++row) {
    if (table[row].size() != entries)
      fail("{} counts: column {} has {} entries but {} are expected; give one per element", name, row,
           table[row].size(), entries);
    for (double value : table[row])
      if (!std::isfinite(value)) fail("{} counts: column {} holds a value that is not finite", name, row);
  }
}

/// NaN where the truth does not vary.
double determination(const Table& truth, const Table& predicted, std::size_t element) {
  double mean = 0;
  for (const auto& row : truth) mean += row[element] / double(truth.size());
  double squared_errors = 0, squared_spread = 0;
  for (std::size_t row = 0; row < truth.size(); ++row) {
    squared_errors += std::pow(predicted[row][element] - truth[row][element], 2);
    squared_spread += std::pow(truth[row][element] - mean, 2);
  }
  const double rounding = 1e-24 * double(truth.size()) * (1 + mean * mean);
  return squared_spread > rounding ? 1 - squared_errors / squared_spread : std::numeric_limits<double>::quiet_NaN();
}

CountScore score_element(const Table& truth, const Table& predicted, std::size_t element) {
  CountScore score;
  score.columns = int(truth.size());
  score.r2 = determination(truth, predicted, element);
  std::array<int, 4> within{};
  for (std::size_t row = 0; row < truth.size(); ++row) {
    const double error = std::abs(predicted[row][element] - truth[row][element]);
    const double off = std::abs(std::round(predicted[row][element]) - std::round(truth[row][element]));
    score.mean_absolute_error += error / double(truth.size());
    for (int distance = 0; distance < 4; ++distance) within[distance] += off <= distance;
  }
  const double columns = std::max<double>(1, double(truth.size()));
  score.exact = within[0] / columns;
  score.within_1 = within[1] / columns;
  score.within_2 = within[2] / columns;
  score.within_3 = within[3] / columns;
  return score;
}

}  // namespace

std::vector<CountScore> score_counts(const Table& truth, const Table& predicted,
                                     const std::vector<std::string>& elements) {
  if (truth.size() != predicted.size())
    fail("counts of {} columns were predicted but {} are true; match the columns first", predicted.size(),
         truth.size());
  require_rows(truth, elements.size(), "true");
  require_rows(predicted, elements.size(), "predicted");
  std::vector<CountScore> scores;
  for (std::size_t element = 0; element < elements.size(); ++element) {
    scores.push_back(score_element(truth, predicted, element));
    scores.back().element = elements[element];
  }
  return scores;
}

std::vector<CountScore> score_distributions(const Table& truth, const std::vector<CountDistribution>& predicted,
                                            const std::vector<std::string>& elements) {
  check_distributions(predicted, elements.size());
  Table means, likely, within;
  for (const CountDistribution& column : predicted) {
    means.push_back(column.mean);
    likely.emplace_back(), within.emplace_back();
    for (const auto& bars : column.elements) {
      likely.back().push_back(most_likely(bars));
      within.back().push_back(most_likely_within_one(bars));
    }
  }
  auto scores = score_counts(truth, means, elements);
  const auto exact = score_counts(truth, likely, elements), near = score_counts(truth, within, elements);
  for (std::size_t e = 0; e < elements.size(); ++e) {
    CountScore& score = scores[e];
    score.exact = exact[e].exact;
    score.within_1 = near[e].within_1, score.within_2 = near[e].within_2, score.within_3 = near[e].within_3;
    score.deviation = score.coverage_68 = score.coverage_95 = 0;
    for (std::size_t i = 0; i < predicted.size(); ++i) {
      const auto& bars = predicted[i].elements[e];
      const int count = int(std::lround(truth[i][e]));
      score.deviation += variance_of(bars) / double(predicted.size());
      score.coverage_68 += part_inside(count, central_interval(bars, 0.68)) / double(predicted.size());
      score.coverage_95 += part_inside(count, central_interval(bars, 0.95)) / double(predicted.size());
    }
    score.deviation = std::sqrt(score.deviation);
  }
  return scores;
}

std::vector<std::vector<double>> thickness_only(const Table& truth) {
  if (truth.empty()) return {};
  require_rows(truth, truth[0].size(), "true");
  std::vector<double> sums(truth[0].size(), 0), totals(truth.size(), 0);
  double all = 0;
  for (std::size_t row = 0; row < truth.size(); ++row)
    for (std::size_t element = 0; element < sums.size(); ++element) {
      sums[element] += truth[row][element];
      totals[row] += truth[row][element];
      all += truth[row][element];
    }
  Table predicted(truth.size(), std::vector<double>(sums.size(), 0));
  if (all == 0) return predicted;
  for (std::size_t row = 0; row < truth.size(); ++row)
    for (std::size_t element = 0; element < sums.size(); ++element)
      predicted[row][element] = totals[row] * sums[element] / all;
  return predicted;
}

const PublishedScore* published_score(const std::string& element) {
  // Table of columns right and off by one in Ragone et al., Comput. Mater. Sci. 2021, 110905.
  static const std::array<std::pair<const char*, PublishedScore>, 5> scores{
      {{"Pt", {0.50, 0.91}}, {"Ni", {0.33, 0.77}}, {"Pd", {0.35, 0.84}}, {"Co", {0.34, 0.77}}, {"Fe", {0.35, 0.77}}}};
  for (const auto& [name, score] : scores)
    if (element == name) return &score;
  return nullptr;
}

nlohmann::json to_json(const CountScore& score) {
  nlohmann::json json{
      {"element", score.element},  {"columns", score.columns},   {"mean_absolute_error", score.mean_absolute_error},
      {"exact", score.exact},      {"within_1", score.within_1}, {"within_2", score.within_2},
      {"within_3", score.within_3}};
  if (std::isfinite(score.deviation)) {
    json.update(
        {{"deviation", score.deviation}, {"coverage_68", score.coverage_68}, {"coverage_95", score.coverage_95}});
  }
  // JSON has no NaN: null says that the truth does not vary.
  json["r2"] = std::isfinite(score.r2) ? nlohmann::json(score.r2) : nlohmann::json(nullptr);
  return json;
}

}  // namespace colonnade
