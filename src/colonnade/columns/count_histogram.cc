// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/count_histogram.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

constexpr double negligible = 0.005;  // columns; bars beyond the last above it are not kept

double normal_below(double value) { return 0.5 * std::erfc(-value / std::numbers::sqrt2); }

void add(ColumnHistogram& histogram, std::size_t bin, double probability) {
  if (bin >= histogram.expected.size()) {
    histogram.expected.resize(bin + 1);
    histogram.deviation.resize(bin + 1);
  }
  histogram.expected[bin] += probability;
  histogram.deviation[bin] += probability * (1 - probability);  // the variance, until finish()
}

void finish(std::vector<ColumnHistogram>& histograms) {
  std::size_t bins = 1;
  for (auto& histogram : histograms) {
    while (!histogram.expected.empty() && histogram.expected.back() < negligible) histogram.expected.pop_back();
    bins = std::max(bins, histogram.expected.size());
  }
  for (auto& histogram : histograms) {
    histogram.expected.resize(bins);
    histogram.deviation.resize(bins);
    for (double& value : histogram.deviation) value = std::sqrt(std::max(0.0, value));
  }
}

}  // namespace

std::vector<ColumnHistogram> count_histograms(const std::vector<CountDistribution>& columns,
                                              const std::vector<std::size_t>& which,
                                              const std::vector<std::string>& elements) {
  check_distributions(columns, elements.size());
  std::vector<ColumnHistogram> histograms;
  for (std::size_t e = 0; e <= elements.size(); ++e) {
    ColumnHistogram histogram{e < elements.size() ? elements[e] : "total", {}, {}};
    for (const std::size_t i : which) {
      const CountProbabilities& bars = e < elements.size() ? columns[i].elements[e] : columns[i].total;
      for (std::size_t n = 0; n < bars.size(); ++n) add(histogram, n, bars[n]);
    }
    histograms.push_back(std::move(histogram));
  }
  ColumnHistogram total = std::move(histograms.back());
  histograms.pop_back();
  finish(histograms);
  std::vector<ColumnHistogram> last{std::move(total)};
  finish(last);
  histograms.push_back(std::move(last[0]));
  return histograms;
}

Share share_of(const CountDistribution& column, std::size_t element) {
  const std::size_t elements = column.mean.size();
  const double total = std::accumulate(column.mean.begin(), column.mean.end(), 0.0);
  if (!(total > 0)) return {};
  const double share = column.mean[element] / total;
  double with_total = 0;
  for (std::size_t b = 0; b < elements; ++b) with_total += column.covariance[element * elements + b];
  const double of_total = std::accumulate(column.covariance.begin(), column.covariance.end(), 0.0);
  const double own = column.covariance[element * elements + element];
  return {share, std::sqrt(std::max(0.0, own - 2 * share * with_total + share * share * of_total)) / total};
}

std::vector<ColumnHistogram> share_histograms(const std::vector<CountDistribution>& columns,
                                              const std::vector<std::size_t>& which,
                                              const std::vector<std::string>& elements, int bins) {
  if (bins < 1) fail("a histogram of {} bins is none; use 1 or more", bins);
  check_distributions(columns, elements.size());
  std::vector<ColumnHistogram> histograms;
  for (std::size_t e = 0; e < elements.size(); ++e) {
    ColumnHistogram histogram{elements[e], std::vector<double>(bins), std::vector<double>(bins)};
    for (const std::size_t i : which) {
      const Share share = share_of(columns[i], e);
      const double width = std::max(share.deviation, 1e-9);
      double below = 0;
      for (int bin = 0; bin < bins; ++bin) {
        const double edge = double(bin + 1) / bins;
        const double up_to = bin + 1 < bins ? normal_below((edge - share.mean) / width) : 1;
        add(histogram, std::size_t(bin), up_to - below);
        below = up_to;
      }
    }
    for (double& value : histogram.deviation) value = std::sqrt(std::max(0.0, value));
    histograms.push_back(std::move(histogram));
  }
  return histograms;
}

nlohmann::json to_json(const ColumnHistogram& histogram) {
  return {{"name", histogram.name}, {"expected", histogram.expected}, {"sd", histogram.deviation}};
}

}  // namespace colonnade
