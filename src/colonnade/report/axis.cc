// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/axis.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "colonnade/report/svg.h"

namespace colonnade {
namespace {

constexpr double largest = 1e300;

std::string with_minus(std::string text) {
  if (text.starts_with('-')) text.replace(0, 1, text.find_first_of("123456789") == std::string::npos ? "" : "−");
  return text;
}

std::string superscript(int number) {
  static const std::vector<std::string> digits = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string out = number < 0 ? "⁻" : "";
  for (const char digit : std::to_string(std::abs(number))) out += digits[digit - '0'];
  return out;
}

Span widened(Span span) {
  if (span.empty()) return {0, 1, false};
  const double size = std::max(std::abs(span.low), std::abs(span.high));
  if (span.high - span.low > 1e-9 * size) return span;
  const double margin = size == 0 ? 1 : span.whole ? std::max(1.0, 0.1 * size) : 0.1 * size;
  return {span.low == 0 ? 0 : span.low - margin, span.high + margin, span.whole};
}

Ticks linear_ticks(double low, double high, double step) {
  Ticks ticks;
  const double first = std::ceil(low / step - 1e-6), last = std::floor(high / step + 1e-6);
  for (double i = first; i <= last && ticks.values.size() < 100; ++i) ticks.values.push_back(i * step);
  const double size = std::max(std::abs(low), std::abs(high));
  const int magnitude = int(std::floor(std::log10(size) + 1e-9));
  const int exponent = magnitude >= 5 || magnitude < -3 ? 3 * int(std::floor(magnitude / 3.0)) : 0;
  const double unit = std::pow(10.0, exponent);
  const int decimals = std::clamp(-int(std::floor(std::log10(step / unit) + 1e-9)), 0, 12);
  for (const double value : ticks.values)
    ticks.labels.push_back(with_minus(fmt::format("{:.{}f}", value / unit, decimals)));
  if (exponent != 0) ticks.factor = "×10" + superscript(exponent);
  return ticks;
}

/// As round_step, but up or down, whichever is nearer by ratio.
double nearest_step(double step) {
  const double above = round_step(step), below = round_step(above / 2.6);
  return above / step <= step / below ? above : below;
}

Axis linear_axis(const Span& span, const AxisOptions& options) {
  double step = nearest_step((span.high - span.low) / std::max(1, options.ticks));
  if (span.whole) step = std::max(step, 1.0);
  const double margin = options.rounded ? 0 : options.margin * (span.high - span.low);
  Axis axis{.low = span.low - margin, .high = span.high + margin};
  if (options.rounded) {
    axis.low = step * std::floor(span.low / step + 1e-9);
    axis.high = step * std::ceil(span.high / step - 1e-9);
  }
  axis.ticks = linear_ticks(axis.low, axis.high, step);
  return axis;
}

std::string power_label(double value) {
  if (value > 0.99e-3 && value < 1.01e4) return format_value(value);
  const int exponent = int(std::floor(std::log10(value) + 1e-9));
  const int mantissa = int(std::lround(value / std::pow(10.0, exponent)));
  return (mantissa == 1 ? "" : fmt::format("{}×", mantissa)) + "10" + superscript(exponent);
}

Axis logarithmic_axis(const Span& span, const AxisOptions& options) {
  Axis axis{.low = span.low, .high = span.high, .logarithmic = true};
  const int first = int(std::floor(std::log10(span.low) + 1e-9)), last = int(std::ceil(std::log10(span.high) - 1e-9));
  const bool subdivided = last - first <= 2;
  if (options.rounded && !subdivided) {
    axis.low = std::pow(10.0, first);
    axis.high = std::pow(10.0, last);
  }
  const int stride = std::max(1, (last - first + options.ticks - 1) / std::max(1, options.ticks));
  for (int decade = first; decade <= last; decade += stride) {
    for (const int mantissa : subdivided ? std::vector<int>{1, 2, 5} : std::vector<int>{1}) {
      const double value = mantissa * std::pow(10.0, decade);
      if (value < axis.low * (1 - 1e-9) || value > axis.high * (1 + 1e-9)) continue;
      axis.ticks.values.push_back(value);
      axis.ticks.labels.push_back(power_label(value));
    }
  }
  const double step = nearest_step((axis.high - axis.low) / std::max(1, options.ticks));
  if (axis.ticks.values.size() < 2) axis.ticks = linear_ticks(axis.low, axis.high, step);
  return axis;
}

}  // namespace

double round_step(double step) {
  const double power = std::pow(10.0, std::floor(std::log10(step)));
  for (const double mantissa : {1.0, 2.0, 5.0}) {
    if (step <= mantissa * power * (1 + 1e-9)) return mantissa * power;
  }
  return 10 * power;
}

std::string format_value(double value) {
  if (!std::isfinite(value)) return "no value";
  return with_minus(fmt::format("{:.4g}", value));
}

void Span::include(double value) {
  if (!(std::abs(value) <= largest)) return;
  low = std::min(low, value);
  high = std::max(high, value);
  whole = whole && value == std::round(value);
}

void Span::include(const std::vector<double>& values) {
  for (const double value : values) include(value);
}

double Axis::operator()(double value) const {
  const double fraction = logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
  return start_px + fraction * (end_px - start_px);
}

bool Axis::shows(double value) const { return std::abs(value) <= largest && (!logarithmic || value > 0); }

double Axis::widest_label(double font_size) const {
  double widest = 0;
  for (const auto& label : ticks.labels) widest = std::max(widest, text_width(label, font_size));
  return widest;
}

Axis make_axis(const Span& span, const AxisOptions& options) {
  if (!options.logarithmic || span.empty() || span.low <= 0) return linear_axis(widened(span), options);
  if (span.high / span.low > 1.001) return logarithmic_axis(span, options);
  return logarithmic_axis({span.low / 2, span.high * 2, span.whole}, options);
}

}  // namespace colonnade
