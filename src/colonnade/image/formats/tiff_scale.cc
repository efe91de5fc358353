// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/tiff_scale.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "colonnade/core/error.h"
#include "colonnade/core/units.h"

namespace colonnade {

namespace {

constexpr double nm_per_inch = 25.4e6, nm_per_cm = 1e7;
constexpr double smallest_pixel_nm = 1e-4, largest_pixel_nm = 1e4;

void append_utf8(std::string& text, unsigned code) {
  if (code < 0x80) {
    text += char(code);
  } else if (code < 0x800) {
    text += char(0xC0 | code >> 6);
    text += char(0x80 | (code & 0x3F));
  } else {
    text += char(0xE0 | code >> 12);
    text += char(0x80 | (code >> 6 & 0x3F));
    text += char(0x80 | (code & 0x3F));
  }
}

/// Units as UTF-8: ImageJ writes the micro sign as the six characters \u00B5, older programs in Latin-1.
std::string decode_unit(const std::string& raw) {
  std::string text;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const auto byte = static_cast<unsigned char>(raw[i]);
    unsigned code = 0;
    const char* const digits = raw.data() + i + 2;
    if (raw.compare(i, 2, "\\u") == 0 && i + 6 <= raw.size() &&
        std::from_chars(digits, digits + 4, code, 16).ptr == digits + 4) {
      append_utf8(text, code);
      i += 5;
    } else if (byte == 0xC2 || byte == 0xC3 || byte == 0xCE || byte == 0xE2) {
      text += raw[i];  // the first byte of UTF-8's micro sign, mu, Angstrom and ring
      while (i + 1 < raw.size() && (static_cast<unsigned char>(raw[i + 1]) & 0xC0) == 0x80) text += raw[++i];
    } else if (byte >= 0x80) {
      append_utf8(text, byte);
    } else {
      text += raw[i];
    }
  }
  return text;
}

double square_side(double x, double y, const std::string& where) {
  if (std::abs(x - y) > 0.005 * x) {
    fail("{}: pixels of {:.6g} x {:.6g} nm are not square; resample the image first", where, x, y);
  }
  return x;
}

bool is_plausible(double pixel_size_nm) {
  return pixel_size_nm >= smallest_pixel_nm && pixel_size_nm <= largest_pixel_nm;
}

/// Sizes of a pixel in units of 1/resolution; nothing where the file states none.
std::optional<double> resolution_step(const TiffScaleClues& clues, double nm_per_step, const std::string& where) {
  const double x = clues.x_resolution.value_or(0), y = clues.y_resolution.value_or(x);
  if (!(x > 0) || !(y > 0) || !std::isfinite(x) || !std::isfinite(y)) return std::nullopt;
  return square_side(nm_per_step / x, nm_per_step / y, where);
}

std::optional<TiffScale> imagej_scale(const TiffScaleClues& clues, const std::string& where) {
  if (!clues.description.starts_with("ImageJ=")) return std::nullopt;
  const std::string unit = decode_unit(description_value(clues.description, "unit"));
  const double nm = unit.empty() ? 0 : nm_per_unit(unit);
  if (nm <= 0) return std::nullopt;
  const auto size = resolution_step(clues, nm, where);
  if (!size || !is_plausible(*size)) return std::nullopt;
  return TiffScale{*size, fmt::format("ImageJ description (unit {}) and XResolution", unit), false};
}

std::optional<TiffScale> dm_scale(const TiffScaleClues& clues, const std::string& where) {
  if (!clues.dm_scale_x || !(*clues.dm_scale_x > 0)) return std::nullopt;
  const std::string unit = decode_unit(clues.dm_unit);
  const double nm = nm_per_unit(unit);
  if (nm <= 0) {
    return TiffScale{0, fmt::format("none: DigitalMicrograph's tags give the unit '{}', which is no length", unit),
                     false};
  }
  const double size = square_side(*clues.dm_scale_x * nm, clues.dm_scale_y.value_or(*clues.dm_scale_x) * nm, where);
  return TiffScale{size, fmt::format("DigitalMicrograph's tags (unit {})", unit), false};
}

/// Dots per inch (or per cm) that printers and cameras write: whole numbers, also when turned into the other unit.
bool is_print_resolution(double resolution) {
  for (const double dots : {resolution, resolution * 2.54, resolution / 2.54}) {
    if (std::abs(dots - std::round(dots)) < 2e-3 && dots >= 1) return true;
  }
  return false;
}

TiffScale plain_scale(const TiffScaleClues& clues, const std::string& where) {
  const double x = clues.x_resolution.value_or(0);
  if (!(x > 0)) return {0, "none in the file", false};
  const double nm_per_step = clues.resolution_unit == 2 ? nm_per_inch : clues.resolution_unit == 3 ? nm_per_cm : 0;
  const auto stated = nm_per_step > 0 ? resolution_step(clues, nm_per_step, where) : std::nullopt;
  if (stated && is_plausible(*stated)) return {*stated, "XResolution and ResolutionUnit", false};
  const auto guess = resolution_step(clues, 1.0, where);
  const double smallest_guess_nm = 0.001, largest_guess_nm = 5;
  const bool atomic = guess && *guess >= smallest_guess_nm && *guess <= largest_guess_nm;
  if (!atomic || is_print_resolution(x)) {
    return {0, fmt::format("none: XResolution {:.6g} names no length that can be trusted", x), false};
  }
  const char* const unit = clues.resolution_unit == 2 ? "inch" : clues.resolution_unit == 3 ? "cm" : "nothing";
  return {*guess, fmt::format("guess: XResolution {:.6g} taken as pixels per nm (ResolutionUnit says {})", x, unit),
          true};
}

}  // namespace

std::string description_value(const std::string& description, const std::string& key) {
  const std::string mark = key + "=";
  for (std::size_t at = 0; at < description.size();) {
    const auto end = std::min(description.find('\n', at), description.size());
    if (description.compare(at, mark.size(), mark) == 0) {
      std::string value = description.substr(at + mark.size(), end - at - mark.size());
      if (!value.empty() && value.back() == '\r') value.pop_back();
      return value;
    }
    at = end + 1;
  }
  return {};
}

TiffScale find_tiff_scale(const TiffScaleClues& clues, const std::string& where) {
  if (const auto scale = imagej_scale(clues, where)) return *scale;
  if (const auto scale = dm_scale(clues, where)) return *scale;
  return plain_scale(clues, where);
}

}  // namespace colonnade
