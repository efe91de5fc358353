// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/significance.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"

namespace colonnade {

std::vector<Significance> judge(const std::vector<double>& measured, const std::vector<std::vector<double>>& draws) {
  if (draws.size() < 2) fail("{} draws judge nothing; use 100 or more", draws.size());
  std::vector<Significance> result(measured.size());
  const auto z_of = [&](std::size_t s, double value) {
    return result[s].deviation > 0 ? (value - result[s].expected) / result[s].deviation : 0.0;
  };
  for (std::size_t s = 0; s < measured.size(); ++s) {
    double sum = 0, squares = 0;
    for (const auto& draw : draws) sum += draw[s];
    result[s].expected = sum / double(draws.size());
    for (const auto& draw : draws) squares += std::pow(draw[s] - result[s].expected, 2);
    result[s].deviation = std::sqrt(squares / double(draws.size() - 1));
    result[s].z = z_of(s, measured[s]);
  }
  std::vector<int> farther(measured.size()), farthest(measured.size());
  for (const auto& draw : draws) {
    double most = 0;
    for (std::size_t s = 0; s < measured.size(); ++s) most = std::max(most, std::fabs(z_of(s, draw[s])));
    for (std::size_t s = 0; s < measured.size(); ++s) {
      const double own = std::fabs(result[s].z) * (1 - 1e-12);
      farther[s] += std::fabs(z_of(s, draw[s])) >= own;
      farthest[s] += most >= own;
    }
  }
  for (std::size_t s = 0; s < measured.size(); ++s) {
    result[s].p = (1.0 + farther[s]) / (1.0 + double(draws.size()));
    result[s].p_adjusted = (1.0 + farthest[s]) / (1.0 + double(draws.size()));
  }
  return result;
}

}  // namespace colonnade
