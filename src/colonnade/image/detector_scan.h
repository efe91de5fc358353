// SPDX-License-Identifier: GPL-3.0-or-later
// What an annular detector answers to the whole beam, from a scan of the focused beam over the detector itself, and
// images as fractions of the incident beam with it (LeBeau and Stemmer, Ultramicroscopy 108, 1653 (2008); flux
// weighting: Martinez et al., Ultramicroscopy 159, 46 (2015)). The scan and the image must have the same detector gain,
// offset, beam current and dwell time. Lengths in pixels of the scan.
#pragma once

#include <nlohmann/json.hpp>

#include "colonnade/image/image.h"

namespace colonnade {

struct DetectorScanOptions {
  double threshold = 0.5;  ///< active: above this fraction of the way from dark to bright
  /// How the specimen's scattering falls with the angle, as angle^-flux_exponent; the weight of each place of the
  /// detector. 0: all places count alike; heavy elements at high angles: 2 to 4.
  double flux_exponent = 0;
  double inner_mrad = 0, outer_mrad = 0;  ///< known: nothing beyond their ratio is counted
  void check() const;
};

struct DetectorResponse {
  double dark = 0;            ///< what it reads without a beam
  double dark_deviation = 0;  ///< noise of a pixel there
  double response = 0;        ///< of the ring to the whole beam, above dark; gaps within the ring count
  double response_error =
      0;  ///< how much the threshold's choice (0.3 to 0.7) moves it, at least its scatter over the root
  double non_uniformity = 0;          ///< standard deviation of the active area over its mean
  double active_px = 0, ring_px = 0;  ///< areas; the ring's holds gaps, too
  double inner_radius_px = 0, outer_radius_px = 0;
  double centre_y = 0, centre_x = 0;  ///< of the hole
  double saturated = 0;               ///< share of the active pixels at the largest number of all, where over 1 %
  nlohmann::json to_json() const;
};

/// Fails where the scan does not show a ring whole.
DetectorResponse detector_response(const Image& scan, const DetectorScanOptions& options = {});

/// (image - dark)/response.
Image fraction_of_beam(const Image& image, const DetectorResponse& response);

}  // namespace colonnade
