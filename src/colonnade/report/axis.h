// SPDX-License-Identifier: GPL-3.0-or-later
// Axes: from a range of values to px, with ticks at round numbers (1, 2 or 5 times a power of ten).
#pragma once

#include <limits>
#include <string>
#include <vector>

namespace colonnade {

/// The smallest step of 1, 2 or 5 times a power of ten that is not below `step` > 0.
double round_step(double step);

/// A number for people: about four significant digits, a true minus sign, no exponent where it can be avoided.
std::string format_value(double value);

/// The range of what was included; NaN, infinities and absurd magnitudes (over 1e300) are passed over.
struct Span {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  bool whole = true;  ///< all values so far were integers

  void include(double value);
  void include(const std::vector<double>& values);
  bool empty() const { return low > high; }
};

struct Ticks {
  std::vector<double> values;
  std::vector<std::string> labels;
  std::string factor;  ///< "×10³" where labels are divided by it, else empty
};

struct AxisOptions {
  int ticks = 6;             ///< about how many
  bool logarithmic = false;  ///< needs a positive span
  bool rounded = true;       ///< ends lie on ticks
  double margin = 0;         ///< where not rounded: free space at both ends, in parts of the span
};

struct Axis {
  double low = 0, high = 1;
  bool logarithmic = false;
  Ticks ticks;
  double start_px = 0, end_px = 1;  ///< where low and high are drawn

  double operator()(double value) const;
  /// Finite, and drawable on this kind of axis.
  bool shows(double value) const;
  double widest_label(double font_size) const;
};

/// An axis that holds the span; a span without extent is widened, an empty one gives [0, 1].
Axis make_axis(const Span& span, const AxisOptions& options = {});

}  // namespace colonnade
