// SPDX-License-Identifier: GPL-3.0-or-later
// What a TIFF file says about its pixel size. Three conventions, in the order of trust:
// - ImageJ (https://imagej.net): the description begins "ImageJ=" and states "unit=nm"; XResolution is pixels per unit.
// - DigitalMicrograph's private tags: 65009 and 65010 hold the size of a pixel in x and y, 65003 and 65004 its unit in
//   short, 65012 and 65013 in words (as found in its files).
// - XResolution and ResolutionUnit as the TIFF specification means them, where a microscope could have such pixels.
// Some programs write pixels per nm while ResolutionUnit says inch: that is recognised by its size, and said to be a
// guess.
#pragma once

#include <optional>
#include <string>

namespace colonnade {

struct TiffScaleClues {
  std::string description;
  std::optional<double> x_resolution, y_resolution;
  int resolution_unit = 2;  ///< 1 none, 2 inch (the specification's default), 3 cm
  std::optional<double> dm_scale_x, dm_scale_y;
  std::string dm_unit;
};

struct TiffScale {
  double pixel_size_nm = 0;  ///< 0: unknown
  std::string source;        ///< where it came from, or why there is none
  bool guessed = false;
};

/// Fails, naming `where`, on pixels that are not square.
TiffScale find_tiff_scale(const TiffScaleClues& clues, const std::string& where);
/// The value of a line "key=value" of a description; empty where there is none.
std::string description_value(const std::string& description, const std::string& key);

}  // namespace colonnade
