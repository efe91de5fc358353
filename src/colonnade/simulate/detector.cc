// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/detector.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "colonnade/core/error.h"

namespace colonnade {

namespace {

// How much of an arc `width` degrees wide around an azimuth lies in the detector's segment, 0 to 1.
double share_of_segment(const AnnularDetector& detector, double azimuth_deg, double width_deg) {
  if (detector.span_deg >= 360) return 1;
  const double middle = std::remainder(azimuth_deg - detector.start_deg, 360);
  double share = 0;
  // The arc's low end lies within [-360, 180]: it or its copy a turn above can meet the segment [0, span).
  for (const double low : {middle - width_deg / 2, middle - width_deg / 2 + 360}) {
    share += std::max(0.0, std::min(low + width_deg, detector.span_deg) - std::max(low, 0.0));
  }
  return share / width_deg;
}

}  // namespace

nlohmann::json AnnularDetector::record() const {
  nlohmann::json record = {{"name", name}, {"inner_mrad", inner_mrad}, {"outer_mrad", outer_mrad}};
  if (span_deg < 360) {
    record["start_deg"] = start_deg;
    record["span_deg"] = span_deg;
  }
  if (moment != DetectorMoment::none) record["first_moment"] = moment == DetectorMoment::x ? "x, mrad" : "y, mrad";
  if (sensitivity) record["sensitivity"] = "measured";
  return record;
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
    if (!(detector.span_deg > 0 && detector.span_deg <= 360) || !std::isfinite(detector.start_deg)) {
      fail("detector '{}' spans {} degrees from {}; give a width above 0 and up to 360", detector.name,
           detector.span_deg, detector.start_deg);
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
  const double mrad = 1e3 * wavelength_A, angle = mrad * k;
  double weight = 0, width_deg = 360;
  if (k == 0) {
    weight = detector.collects(0) ? 1 : 0;
  } else {
    const double step = mrad * std::hypot(kx / grid.length_x_A(), ky / grid.length_y_A()) / k;
    weight = !soft ? double(detector.collects(angle))
                   : std::clamp((angle - detector.inner_mrad) / step + 0.5, 0.0, 1.0) *
                         std::clamp((detector.outer_mrad - angle) / step + 0.5, 0.0, 1.0);
    // Across the ring a step of the grid is this wide.
    const double across = mrad * std::hypot(ky / grid.length_x_A(), kx / grid.length_y_A()) / k;
    width_deg = std::min(360.0, across / angle * 180 / std::numbers::pi);
  }
  if (weight == 0) return 0;
  weight *= share_of_segment(detector, std::atan2(ky, kx) * 180 / std::numbers::pi, width_deg);
  if (detector.sensitivity) weight *= detector.sensitivity->at(mrad * kx, mrad * ky);
  if (detector.moment == DetectorMoment::x) weight *= mrad * kx;
  if (detector.moment == DetectorMoment::y) weight *= mrad * ky;
  return weight;
}

}  // namespace colonnade
