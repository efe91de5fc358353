// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/separability.h"

#include <algorithm>

#include "colonnade/columns/composition.h"
#include "colonnade/core/error.h"

namespace colonnade {
namespace {

using Group = std::vector<std::size_t>;

/// Posterior over prior variance of the contrast between two groups, from the sums over columns.
double ratio_of(const CountSum& sum, const Group& a, const Group& b) {
  const std::size_t elements = sum.mean.size();
  const auto block = [&](const Group& first, const Group& second) {
    return block_sum(sum.covariance, elements, first, second);
  };
  double atoms_a = 0, atoms_b = 0;
  for (const std::size_t i : a) atoms_a += sum.mean[i];
  for (const std::size_t i : b) atoms_b += sum.mean[i];
  const double total = sum.total();
  if (!(atoms_a > 0 && atoms_b > 0)) return 1;
  const double ca = atoms_a / total, cb = atoms_b / total;
  const double posterior = block(a, a) / (ca * ca) + block(b, b) / (cb * cb) - 2 * block(a, b) / (ca * cb);
  return std::max(0.0, posterior) / (total * (1 / ca + 1 / cb));
}

/// Merges the two groups with the largest ratio; false where no ratio reaches the threshold.
bool merge_worst(const CountSum& sum, std::vector<Group>& groups, double threshold) {
  double worst = -1;
  std::size_t first = 0, second = 0;
  for (std::size_t a = 0; a < groups.size(); ++a) {
    for (std::size_t b = a + 1; b < groups.size(); ++b) {
      const double ratio = ratio_of(sum, groups[a], groups[b]);
      if (ratio > worst) worst = ratio, first = a, second = b;
    }
  }
  if (worst < threshold) return false;
  groups[first].insert(groups[first].end(), groups[second].begin(), groups[second].end());
  std::sort(groups[first].begin(), groups[first].end());
  groups.erase(groups.begin() + std::ptrdiff_t(second));
  return true;
}

}  // namespace

Separability separability(const std::vector<CountDistribution>& columns, std::size_t elements, double threshold) {
  if (!(threshold > 0 && threshold < 1)) fail("a threshold of {} separates nothing; use 0 to 1, e.g. 0.5", threshold);
  const CountSum sum = sum_counts(columns, usable_columns(columns), elements);
  Separability result;
  result.threshold = threshold;
  result.ratios.assign(elements * elements, 0);
  for (std::size_t a = 0; a < elements; ++a) {
    result.groups.push_back({a});
    for (std::size_t b = 0; b < elements; ++b) {
      if (a != b) result.ratios[a * elements + b] = ratio_of(sum, {a}, {b});
    }
  }
  while (result.groups.size() > 1 && merge_worst(sum, result.groups, threshold)) {
  }
  std::sort(result.groups.begin(), result.groups.end());
  return result;
}

std::string group_name(const Group& group, const std::vector<std::string>& elements) {
  std::string name;
  for (const std::size_t element : group) name += (name.empty() ? "" : "+") + elements[element];
  return name;
}

nlohmann::json to_json(const Separability& separability, const std::vector<std::string>& elements) {
  nlohmann::json json{{"threshold", separability.threshold}, {"groups", nlohmann::json::array()}};
  for (const Group& group : separability.groups) {
    nlohmann::json names;
    for (const std::size_t element : group) names.push_back(elements[element]);
    json["groups"].push_back(names);
  }
  for (std::size_t a = 0; a < elements.size(); ++a) {
    for (std::size_t b = a + 1; b < elements.size(); ++b) {
      json["variance_ratios"][elements[a] + "-" + elements[b]] = separability.ratios[a * elements.size() + b];
    }
  }
  return json;
}

}  // namespace colonnade
