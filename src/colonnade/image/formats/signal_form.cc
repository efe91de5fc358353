// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/signal_form.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/core/units.h"

namespace colonnade {

namespace {

struct Counts {
  std::vector<const SignalAxis*> navigation, signal;
  bool in_order = true;  ///< navigation before signal
};

/// Axes with more than one entry; of those of one entry the last two stay, as an image may be a single row.
Counts count_axes(const StoredSignal& record) {
  Counts counts;
  for (std::size_t i = 0; i < record.axes.size(); ++i) {
    const SignalAxis& axis = record.axes[i];
    if (axis.size == 1 && i + 2 < record.axes.size()) continue;
    if (axis.navigation && !counts.signal.empty()) counts.in_order = false;
    (axis.navigation ? counts.navigation : counts.signal).push_back(&axis);
  }
  if (counts.signal.empty()) counts.signal.swap(counts.navigation);  // a value at each point of a scan is an image
  return counts;
}

std::int64_t product(const std::vector<const SignalAxis*>& axes) {
  std::int64_t count = 1;
  for (const SignalAxis* axis : axes) count *= axis->size;
  return count;
}

std::string sizes(const std::vector<const SignalAxis*>& axes) {
  std::vector<std::string> texts;
  for (const SignalAxis* axis : axes) texts.push_back(std::to_string(axis->size));
  return fmt::format("{}", fmt::join(texts, " x "));
}

/// "EELS, " where the metadata say what a spectrum is of.
std::string spectrum_kind(const StoredSignal& record) {
  const auto type = record.metadata.value(nlohmann::json::json_pointer("/Signal/signal_type"), nlohmann::json());
  if (!type.is_string() || type.get<std::string>().empty()) return "";
  const std::string name = type.get<std::string>();
  return (name.starts_with("EDS") ? std::string("EDS") : name) + ", ";
}

/// The element whose map it is; empty for anything else.
std::string mapped_element(const StoredSignal& record) {
  const auto elements = record.metadata.value(nlohmann::json::json_pointer("/Sample/elements"), nlohmann::json());
  return elements.is_array() && elements.size() == 1 && elements[0].is_string() ? elements[0].get<std::string>() : "";
}

bool is_angular(const std::vector<const SignalAxis*>& axes) {
  return std::any_of(axes.begin(), axes.end(),
                     [](const SignalAxis* axis) { return kind_of_unit(axis->unit) == UnitKind::reciprocal; });
}

bool is_spatial(const std::vector<const SignalAxis*>& axes) {
  return std::all_of(axes.begin(), axes.end(),
                     [](const SignalAxis* axis) { return kind_of_unit(axis->unit) == UnitKind::length; });
}

std::string lower_case(const std::string& text) {
  std::string lower;
  for (const unsigned char letter : text) {
    if (!std::isspace(letter) && letter != '[' && letter != ']' && letter != '_' && letter != '\0') {
      lower += char(std::tolower(letter));
    }
  }
  return lower;
}

}  // namespace

UnitKind kind_of_unit(const std::string& unit) {
  const std::string name = lower_case(unit);
  static constexpr std::array blank{"", "px", "pixel", "pixels", "<undefined>", "undefined", "none", "unknown", "n/a"};
  if (std::find(blank.begin(), blank.end(), name) != blank.end()) return UnitKind::none;
  if (nm_per_unit(unit) > 0) return UnitKind::length;
  static constexpr std::array angles{"mrad", "rad", "\xC2\xB5rad", "urad", "deg", "degree", "degrees", "\xC2\xB0"};
  if (std::find(angles.begin(), angles.end(), name) != angles.end()) return UnitKind::reciprocal;
  if (name.starts_with("1/") && nm_per_unit(name.substr(2)) > 0) return UnitKind::reciprocal;
  for (const std::string ending : {"^-1", "^{-1}", "-1", "\u207B\u00B9", "**-1", "^(-1)"}) {
    const bool ends = name.ends_with(ending);
    if (ends && nm_per_unit(name.substr(0, name.size() - ending.size())) > 0) return UnitKind::reciprocal;
  }
  return UnitKind::other;
}

SignalForm form_of(const StoredSignal& record) {
  const Counts counts = count_axes(record);
  if (!counts.in_order) return SignalForm::other;
  const std::size_t points = counts.navigation.size();
  if (counts.signal.size() == 1) {
    if (points > 0) return SignalForm::spectrum_image;
    return SignalForm::spectrum;
  }
  if (counts.signal.size() != 2) return SignalForm::other;
  if (is_angular(counts.signal)) return points == 0 ? SignalForm::pattern : SignalForm::patterns;
  if (points == 0) return SignalForm::image;
  return points == 1 || is_spatial(counts.signal) ? SignalForm::frames : SignalForm::patterns;
}

std::string describe_form(const StoredSignal& record) {
  const Counts counts = count_axes(record);
  const std::string element = mapped_element(record);
  switch (form_of(record)) {
    case SignalForm::image:
      return element.empty() ? "an image" : "a map of " + element;
    case SignalForm::frames:
      return fmt::format("{} frames of an image", product(counts.navigation));
    case SignalForm::pattern:
      return "a diffraction pattern";
    case SignalForm::patterns:
      return fmt::format("diffraction patterns at {} points", sizes(counts.navigation));
    case SignalForm::spectrum:
      return fmt::format("a spectrum ({}{} channels)", spectrum_kind(record), counts.signal[0]->size);
    case SignalForm::spectrum_image:
      return fmt::format("{} ({}{} channels at {} points)",
                         counts.navigation.size() > 1 ? "a spectrum image" : "a line of spectra", spectrum_kind(record),
                         counts.signal[0]->size, sizes(counts.navigation));
    case SignalForm::other:
      break;
  }
  std::vector<const SignalAxis*> all = counts.navigation;
  all.insert(all.end(), counts.signal.begin(), counts.signal.end());
  return fmt::format("data of {} dimensions ({})", all.size(), sizes(all));
}

std::string type_name(SampleType type) {
  static constexpr std::array names{"boolean", "int8",  "uint8",  "int16",   "uint16",  "int32",
                                    "uint32",  "int64", "uint64", "float16", "float32", "float64"};
  return names.at(std::size_t(type));
}

PixelSize pixel_size(const StoredSignal& record, const std::string& where) {
  const std::string stated = record.metadata.value("scale_source", "");
  const std::string kind = record.metadata.value("format", "the file") + "'s axes";
  if (record.axes.size() < 2) return {0, "none in the file", false};
  const SignalAxis &down = record.axes[record.axes.size() - 2], &across = record.axes.back();
  const double size = std::abs(across.scale);
  PixelSize result{0, stated.empty() ? "none in the file" : stated, stated.starts_with("guess")};
  double nm = nm_per_unit(across.unit), nm_down = nm_per_unit(down.unit);
  const UnitKind unit = kind_of_unit(across.unit);
  const bool blank = unit == UnitKind::none && !lower_case(across.unit).starts_with("p");
  if (blank && size >= 1e-3 && size <= 5 && size != 1) {
    nm = nm_down = 1;
    result.guessed = true;
    result.source = fmt::format("guess: {} without a unit taken as nm", kind);
  } else if (nm > 0 && stated.empty()) {
    result.source = fmt::format("{} (unit {})", kind, across.unit);
  } else if (unit == UnitKind::reciprocal) {
    result.source = fmt::format("none: the unit '{}' is no length but one of a diffraction pattern", across.unit);
  } else if (unit == UnitKind::other) {
    result.source = fmt::format("none: the unit '{}' is no length", across.unit);
  }
  const double x = size * nm, y = std::abs(down.scale) * nm_down;
  if (!(x > 0) || !std::isfinite(x)) return result;
  if (!(std::abs(x - y) <= 0.005 * x)) {
    fail("{}: pixels of {:.6g} x {:.6g} nm are not square; resample the image first", where, x, y);
  }
  result.nm = x;
  return result;
}

}  // namespace colonnade
