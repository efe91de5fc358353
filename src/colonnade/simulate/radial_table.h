// SPDX-License-Identifier: GPL-3.0-or-later
// A smooth even function of a radius, computed once on nodes that lie dense near zero and ever wider farther out
// (x = scale sinh(u), u equidistant), and interpolated by cubic polynomials.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

namespace colonnade {

template <class T>
class RadialTable {
 public:
  RadialTable() = default;
  /// Calls function(x) for x from 0 to `end`; a few more nodes lie beyond it, so that `end` itself is interpolated.
  template <class Function>
  RadialTable(double end, int nodes, double scale, const Function& function)
      : end_(end), scale_(scale), per_u_(nodes / std::asinh(end / scale)), values_(std::size_t(nodes) + 3) {
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i] = function(scale * std::sinh(double(i) / per_u_));
  }

  double end() const { return end_; }
  /// Zero beyond the end.
  T operator()(double x) const {
    if (x > end_ || values_.empty()) return T(0);
    const double u = std::asinh(x / scale_) * per_u_;
    const int base = int(u);
    const double t = u - base;
    const auto at = [&](int i) { return values_[std::size_t(std::abs(i))]; };
    return at(base - 1) * (-t * (t - 1) * (t - 2) / 6) + at(base) * ((t + 1) * (t - 1) * (t - 2) / 2) +
           at(base + 1) * (-(t + 1) * t * (t - 2) / 2) + at(base + 2) * ((t + 1) * t * (t - 1) / 6);
  }

 private:
  double end_ = 0, scale_ = 1, per_u_ = 1;
  std::vector<T> values_;
};

}  // namespace colonnade
