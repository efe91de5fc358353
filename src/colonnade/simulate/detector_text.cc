// SPDX-License-Identifier: GPL-3.0-or-later
// Detectors from text.
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "colonnade/core/error.h"
#include "colonnade/simulate/detector.h"

namespace colonnade {

namespace {

constexpr int most_segments = 64;
constexpr std::string_view moments_name = "CoM";

struct Preset {
  std::string_view name;
  double inner, outer;  ///< in convergence semi-angles
};

constexpr std::array presets = {Preset{"BF", 0, 0.5},    Preset{"ABF", 0.5, 1},     Preset{"LAADF", 1.1, 2},
                                Preset{"MAADF", 2, 3.5}, Preset{"HAADF", 3.5, 6.0}, Preset{moments_name, 0, 3}};

std::optional<double> parse_number(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The part of `text` behind a separator, which is cut off; none: nothing.
std::optional<std::string_view> cut_off(std::string_view& text, char separator) {
  const auto place = text.rfind(separator);
  if (place == std::string_view::npos) return std::nullopt;
  const auto behind = text.substr(place + 1);
  text = text.substr(0, place);
  return behind;
}

[[noreturn]] void refuse(const std::string& text) {
  fail("detector '{}' is not a range of angles; write {}", text, detector_help);
}

std::optional<AnnularDetector> preset_of(const std::string& text, double semiangle_mrad) {
  for (const Preset& preset : presets) {
    if (text != preset.name) continue;
    if (!(semiangle_mrad > 0)) {
      fail("detector '{}' is given in semi-angles, and none is known here; write its range in mrad, e.g. {}:60-100",
           text, text);
    }
    AnnularDetector detector;
    detector.name = text;
    detector.inner_mrad = preset.inner * semiangle_mrad;
    detector.outer_mrad = preset.outer * semiangle_mrad;
    return detector;
  }
  return std::nullopt;
}

std::vector<AnnularDetector> segments_of(const AnnularDetector& ring, int count, double start_deg) {
  std::vector<AnnularDetector> segments;
  for (int i = 0; i < count; ++i) {
    AnnularDetector segment = ring;
    segment.name += std::to_string(i + 1);
    segment.start_deg = start_deg + 360.0 * i / count;
    segment.span_deg = 360.0 / count;
    segments.push_back(segment);
  }
  return segments;
}

std::vector<AnnularDetector> moments_of(const AnnularDetector& ring) {
  std::vector<AnnularDetector> moments(2, ring);
  moments[0].name += "x";
  moments[0].moment = DetectorMoment::x;
  moments[1].name += "y";
  moments[1].moment = DetectorMoment::y;
  return moments;
}

std::vector<AnnularDetector> parse(const std::string& text, double semiangle_mrad) {
  if (const auto preset = preset_of(text, semiangle_mrad)) {
    return text == moments_name ? moments_of(*preset) : std::vector{*preset};
  }
  std::string_view range = text;
  AnnularDetector ring;
  const auto colon = range.rfind(':');
  if (colon == 0) refuse(text);
  if (colon != std::string_view::npos) range.remove_prefix(colon + 1);
  const auto start_text = cut_off(range, '@'), count_text = cut_off(range, '/');
  const auto dash = range.find('-', 1);
  if (dash == std::string_view::npos) refuse(text);
  const auto inner = parse_number(range.substr(0, dash)), outer = parse_number(range.substr(dash + 1));
  if (!inner || !outer || (start_text && !count_text)) refuse(text);
  ring.name = colon == std::string::npos ? fmt::format("ADF {}-{}", *inner, *outer) : text.substr(0, colon);
  ring.inner_mrad = *inner;
  ring.outer_mrad = *outer;
  if (!count_text) return ring.name == moments_name ? moments_of(ring) : std::vector{ring};
  const auto count = parse_number(*count_text), start = parse_number(start_text.value_or("0"));
  if (!count || !start || !std::isfinite(*start)) refuse(text);
  if (!(*count >= 2 && *count <= most_segments && *count == std::floor(*count))) {
    fail("detector '{}' has {} segments; give a whole number from 2 to {}", text, *count, most_segments);
  }
  if (colon == std::string::npos) ring.name += " ";
  return segments_of(ring, int(*count), *start);
}

}  // namespace

const char* const detector_help =
    "inner-outer in mrad, e.g. 60-100 or HAADF:60-100; DPC:10-25/4@45 for four segments from 45 degrees; CoM:0-60 for "
    "first moments; or one of BF, ABF, LAADF, MAADF, HAADF, CoM, which follow the semi-angle";

AnnularDetector parse_detector(const std::string& text, double semiangle_mrad) {
  const auto detectors = parse_detectors({text}, semiangle_mrad);
  if (detectors.size() != 1) fail("detector '{}' stands for {} detectors; give one here", text, detectors.size());
  return detectors.front();
}

std::vector<AnnularDetector> parse_detectors(const std::vector<std::string>& texts, double semiangle_mrad) {
  std::vector<AnnularDetector> detectors;
  for (const auto& text : texts) {
    for (const auto& detector : parse(text, semiangle_mrad)) detectors.push_back(detector);
  }
  check_detectors(detectors);
  return detectors;
}

}  // namespace colonnade
