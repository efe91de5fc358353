// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/height_errors.h"

#include <cmath>
#include <map>

#include "colonnade/core/error.h"

namespace colonnade {

std::vector<std::vector<HeightError>> errors_by_height(const std::vector<std::vector<double>>& truth,
                                                       const std::vector<std::vector<double>>& predicted,
                                                       std::size_t elements) {
  if (truth.size() != predicted.size()) {
    fail("counts of {} columns were predicted but {} are true; match the columns first", predicted.size(),
         truth.size());
  }
  std::vector<std::map<int, HeightError>> sums(elements);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (truth[i].size() != elements || predicted[i].size() != elements) {
      fail("column {} has counts of {} and {} elements; {} are expected", i, truth[i].size(), predicted[i].size(),
           elements);
    }
    for (std::size_t e = 0; e < elements; ++e) {
      const double error = predicted[i][e] - truth[i][e];
      HeightError& sum = sums[e][int(std::lround(truth[i][e]))];
      ++sum.columns;
      sum.mean_absolute += std::abs(error);
      sum.rms += error * error;
      sum.bias += error;
    }
  }
  std::vector<std::vector<HeightError>> errors(elements);
  for (std::size_t e = 0; e < elements; ++e) {
    for (auto& [height, sum] : sums[e]) {
      const double columns = sum.columns;
      errors[e].push_back(
          {height, sum.columns, sum.mean_absolute / columns, std::sqrt(sum.rms / columns), sum.bias / columns});
    }
  }
  return errors;
}

}  // namespace colonnade
