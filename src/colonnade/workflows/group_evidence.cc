// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/group_evidence.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/core/random.h"

namespace colonnade {

namespace {

constexpr double least = 1e-12;  // of a probability: nothing is certain

void normalise(std::vector<double>& logarithms) {
  const double top = *std::max_element(logarithms.begin(), logarithms.end());
  double sum = 0;
  for (double& value : logarithms) sum += value = std::exp(value - top);
  for (double& value : logarithms) value /= sum;
}

std::size_t drawn(const std::vector<double>& shares, Random& random) {
  double rest = random.uniform();
  for (std::size_t i = 0; i < shares.size(); ++i) {
    rest -= shares[i];
    if (rest < 0 && shares[i] > 0) return i;
  }
  return std::size_t(std::max_element(shares.begin(), shares.end()) - shares.begin());
}

}  // namespace

GroupEvidence::GroupEvidence(std::vector<std::vector<double>> look_shares) : shares_(std::move(look_shares)) {
  if (shares_.empty() || shares_.front().empty()) fail("no groups or no looks to decide between");
  look_prior_.assign(shares_.front().size(), 0);
  for (const auto& row : shares_) {
    if (row.size() != look_prior_.size()) fail("groups with different numbers of looks");
    for (std::size_t look = 0; look < row.size(); ++look) look_prior_[look] += row[look] / double(shares_.size());
  }
}

std::vector<double> GroupEvidence::probabilities(const std::vector<std::vector<double>>& log_look_probabilities) const {
  std::vector<double> groups(shares_.size(), 0);
  for (const auto& pattern : log_look_probabilities) {
    if (pattern.size() != look_prior_.size())
      fail("a pattern with {} looks among {}", pattern.size(), look_prior_.size());
    for (std::size_t g = 0; g < groups.size(); ++g) {
      double sum = 0;
      for (std::size_t look = 0; look < pattern.size(); ++look)
        sum += shares_[g][look] * std::exp(pattern[look]) / std::max(look_prior_[look], least);
      groups[g] += std::log(std::max(sum, least));
    }
  }
  normalise(groups);
  return groups;
}

std::vector<double> GroupEvidence::of_known_looks(const std::vector<std::size_t>& looks) const {
  std::vector<double> groups(shares_.size(), 0);
  for (std::size_t g = 0; g < groups.size(); ++g)
    for (const std::size_t look : looks) groups[g] += std::log(std::max(shares_[g][look], least));
  normalise(groups);
  return groups;
}

double GroupEvidence::best_possible(int patterns, int trials, std::uint64_t seed) const {
  double right = 0;
  if (patterns == 1) {
    for (std::size_t look = 0; look < look_prior_.size(); ++look) {
      double largest = 0;
      for (const auto& row : shares_) largest = std::max(largest, row[look]);
      right += largest / double(shares_.size());
    }
    return right;
  }
  for (int trial = 0; trial < trials; ++trial) {
    Random random = Random(seed).stream(std::uint64_t(trial));
    const std::size_t group = random.below(shares_.size());
    std::vector<std::size_t> looks;
    for (int i = 0; i < patterns; ++i) looks.push_back(drawn(shares_[group], random));
    // The expectation of being right, given the looks: smoother than counting who is right.
    const auto chances = of_known_looks(looks);
    right += *std::max_element(chances.begin(), chances.end());
  }
  return right / trials;
}

}  // namespace colonnade
