// SPDX-License-Identifier: GPL-3.0-or-later
// A raw image made fit to measure: frames aligned and averaged, scan distortion taken out, the pixel size found from
// the crystal, intensities as fractions of the incident beam, the support's background taken off. Each step is
// optional, says what it did, and keeps the image before and after, so that it can be shown and taken back.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/image/acquisition.h"
#include "colonnade/image/image.h"

namespace colonnade {

struct PreparationOptions {
  std::string align = "rigid";     ///< several frames: rigid, non-rigid (each line of each frame), none
  std::string turned;              ///< file: the same place scanned at 90 degrees; empty: none
  std::string detector_scan;       ///< file: a scan over the detector itself; empty: none
  double flux_exponent = 0;        ///< how the specimen's scattering falls over that detector; see detector_scan.h
  std::string crystal;             ///< name (SrTiO3), file, or "a" / "a,b,c" in Angstrom; empty: none
  std::string zone = "001";        ///< of that crystal, along the beam
  std::string undistort = "none";  ///< affine, smooth, rows: what the crystal's lattice is used to take out
  bool background = false;         ///< take off the support's background
  AcquisitionOptions acquisition;
  /// The flags have no section of their own on the command line: --align, --detector-scan, --crystal, ...
  void describe(OptionTable& table, const std::string& section = "prepare");
  void check() const;
  /// Whether anything is asked for beyond what happens to several frames.
  bool asked() const;
};

struct PreparationStep {
  std::string name;      ///< "frames", "scan pair", "detector", "pixel size", "distortion", "background", "noise"
  std::string sentence;  ///< what was done, with numbers, for people
  Image before, after;   ///< empty where the step changes no pixel (pixel size, noise)
  nlohmann::json record = nlohmann::json::object();
};

struct Prepared {
  Image image;
  Image standard_error;  ///< of the image's pixels, from the frames; empty for a single frame
  Acquisition acquisition;
  std::vector<PreparationStep> steps;  ///< in the order in which they were done
  nlohmann::json to_json() const;      ///< everything but the pixels
};

/// One frame or several of the same place, of one size. With a crystal the pixel size need not be known beforehand.
Prepared prepare(std::vector<Image> frames, const PreparationOptions& options);

}  // namespace colonnade
