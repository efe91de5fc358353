// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/detector.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "colonnade/core/error.h"

namespace colonnade {

namespace {

std::optional<double> parse_number(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

AnnularDetector parse_detector(const std::string& text) {
  const auto colon = text.rfind(':');
  const std::string range = colon == std::string::npos ? text : text.substr(colon + 1);
  const auto dash = range.find('-', 1);
  std::optional<double> inner, outer;
  if (dash != std::string::npos) {
    inner = parse_number(std::string_view(range).substr(0, dash));
    outer = parse_number(std::string_view(range).substr(dash + 1));
  }
  if (!inner || !outer || colon == 0) {
    fail("detector '{}' is not a range of angles; write inner-outer in mrad, e.g. 60-100 or HAADF:60-100", text);
  }
  AnnularDetector detector;
  detector.name = colon == std::string::npos ? fmt::format("ADF {}-{}", *inner, *outer) : text.substr(0, colon);
  detector.inner_mrad = *inner;
  detector.outer_mrad = *outer;
  check_detectors({detector});
  return detector;
}

std::vector<AnnularDetector> parse_detectors(const std::vector<std::string>& texts) {
  std::vector<AnnularDetector> detectors;
  for (const auto& text : texts) detectors.push_back(parse_detector(text));
  check_detectors(detectors);
  return detectors;
}

void check_detectors(const std::vector<AnnularDetector>& detectors) {
  if (detectors.empty()) fail("no detector is given; name at least one range of angles in mrad, e.g. HAADF:60-100");
  std::set<std::string> names;
  for (const auto& detector : detectors) {
    if (!names.insert(detector.name).second) {
      fail("two detectors are called '{}'; give each its own name, e.g. {}2:60-100", detector.name, detector.name);
    }
    const bool ordered = detector.inner_mrad >= 0 && detector.inner_mrad < detector.outer_mrad;
    if (!ordered || !std::isfinite(detector.outer_mrad)) {
      fail("detector '{}' spans {} to {} mrad; inner must be at least 0 and below outer", detector.name,
           detector.inner_mrad, detector.outer_mrad);
    }
  }
}

void check_reach(const std::vector<AnnularDetector>& detectors, const WaveGrid& grid, double wavelength_A) {
  const double largest = 1e3 * wavelength_A * grid.band_end();
  for (const auto& detector : detectors) {
    if (detector.outer_mrad <= largest * (1 + 1e-12)) continue;
    fail("detector '{}' reaches {} mrad and the grid carries {:.1f} mrad at most; use a sampling of {:.4f} A or finer",
         detector.name, detector.outer_mrad, largest,
         std::max(grid.pitch_x_A, grid.pitch_y_A) * largest / detector.outer_mrad);
  }
}

double detector_weight(const AnnularDetector& detector, const WaveGrid& grid, int row, int column, double wavelength_A,
                       bool soft) {
  const double kx = grid.kx(column), ky = grid.ky(row), k = std::hypot(kx, ky);
  const double angle = 1e3 * wavelength_A * k;
  if (!soft || k == 0) return detector.collects(angle) ? 1 : 0;
  const double step = 1e3 * wavelength_A * std::hypot(kx / grid.length_x_A(), ky / grid.length_y_A()) / k;
  return std::clamp((angle - detector.inner_mrad) / step + 0.5, 0.0, 1.0) *
         std::clamp((detector.outer_mrad - angle) / step + 0.5, 0.0, 1.0);
}

}  // namespace colonnade
