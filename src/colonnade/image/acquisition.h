// SPDX-License-Identifier: GPL-3.0-or-later
// How an image was taken, as far as its file says and the user adds: beam energy in keV, angles in mrad, camera length
// in mm, times in us, current in nA. Read from Image::metadata by HyperSpy's names (Acquisition_instrument.TEM....)
// and, where these are silent, from Velox's own tree (Optics, Scan, DetectorMetadata.CollectionAngleRange; metres,
// radians).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "colonnade/core/options.h"
#include "colonnade/image/image.h"

namespace colonnade {

/// Zero: not known.
struct Acquisition {
  double beam_energy_keV = 0;
  double convergence_mrad = 0;            ///< semi-angle
  double inner_mrad = 0, outer_mrad = 0;  ///< of the detector; an outer angle without an inner one is not known
  double camera_length_mm = 0;
  double dwell_us = 0, flyback_us = 0;
  double beam_current_nA = 0;
  nlohmann::json to_json() const;
};

/// What the user states; zero: as the file says.
struct AcquisitionOptions {
  double beam_energy_keV = 0, convergence_mrad = 0, inner_mrad = 0, outer_mrad = 0;
  void describe(OptionTable& table, const std::string& section = "acquisition");
  void check() const;
};

/// What is known; the user's word goes first, and a warning says where it differs from the file's by over 2 %.
Acquisition acquisition_of(const Image& image, const AcquisitionOptions& overrides = {});

/// Fail, naming the option that states it, where it is not known; `need` says what for ("weighting the detector").
void require_beam_energy(const Acquisition& acquisition, const std::string& need);
void require_convergence(const Acquisition& acquisition, const std::string& need);
void require_collection_angles(const Acquisition& acquisition, const std::string& need);

}  // namespace colonnade
