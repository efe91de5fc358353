// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/read_pattern.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "colonnade/core/error.h"
#include "colonnade/core/units.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/formats/signal_form.h"

namespace colonnade {
namespace {

bool is_micrograph(const StoredSignal& signal) {
  const SignalForm form = form_of(signal);
  return form == SignalForm::image || form == SignalForm::frames;
}

/// The one asked for, or the first that can be read and has two axes.
StoredSignal chosen(const std::filesystem::path& path, const std::string& wanted) {
  std::vector<StoredSignal> signals = read_signals(path);
  for (std::size_t i = 0; i < signals.size(); ++i) {
    const StoredSignal& signal = signals[i];
    const bool asked = wanted.empty() ? signal.refusal.empty() && !signal.secondary && signal.axes.size() >= 2
                                      : signal.title == wanted || std::to_string(i + 1) == wanted;
    if (!asked) continue;
    if (!signal.refusal.empty()) fail("{}: '{}' cannot be read: {}", path.string(), signal.title, signal.refusal);
    if (signal.axes.size() < 2) fail("{}: '{}' is no pattern; it has one axis", path.string(), signal.title);
    return std::move(signals[i]);
  }
  fail("{}: holds no pattern{}; see colonnade convert --list", path.string(),
       wanted.empty() ? "" : " named '" + wanted + "'");
}

}  // namespace

double per_A_in_unit(const std::string& unit) {
  std::string name;
  std::copy_if(unit.begin(), unit.end(), std::back_inserter(name), [](char c) { return c != '$' && c != ' '; });
  double nm = 0;
  if (name.starts_with("1/")) nm = nm_per_unit(name.substr(2));
  for (const std::string ending : {"^-1", "^{-1}", "**-1", "^(-1)", "\u207B\u00B9"}) {
    if (name.ends_with(ending)) nm = nm_per_unit(name.substr(0, name.size() - ending.size()));
  }
  return nm > 0 ? 1 / (angstrom_per_nm * nm) : 0;
}

RecordedPattern read_pattern(const std::filesystem::path& path, const std::string& wanted, int number) {
  const StoredSignal signal = chosen(path, wanted);
  const std::size_t axes = signal.axes.size();
  RecordedPattern out;
  const SignalAxis &y = signal.axes[axes - 2], &x = signal.axes[axes - 1];
  if (is_micrograph(signal)) {
    out.image = read_image(path, {wanted, number > 1 ? number : 0});
  } else {
    std::int64_t inner = 1, count = 1;
    for (std::size_t i = 0; i + 2 < axes; ++i) (i == 0 ? count : inner) *= signal.axes[i].size;
    if (number < 1 || number > count * inner)
      fail("{}: pattern {} is asked for; it holds {}", path.string(), number, count * inner);
    out.image = Image(int(y.size), int(x.size));
    const std::int64_t at = axes == 2 ? 0 : (number - 1) % inner * y.size * x.size;
    const auto values = axes == 2 ? signal.read(0, y.size) : signal.read((number - 1) / inner, 1);
    std::copy_n(values.begin() + at, out.image.data.size(), out.image.data.begin());
    out.image.metadata = signal.metadata;
  }
  out.per_px = std::abs(x.scale) * per_A_in_unit(x.unit);
  if (out.per_px > 0 && std::abs(std::abs(y.scale) * per_A_in_unit(y.unit) / out.per_px - 1) > 0.01)
    fail("{}: pixels of {} by {} {} are not square", path.string(), y.scale, x.scale, x.unit);
  out.image.pixel_size_nm = 0;
  return out;
}

}  // namespace colonnade
