// SPDX-License-Identifier: GPL-3.0-or-later
// A diffraction pattern as a person asks for it: an image, or one pattern of a scan of them, with its scale where the
// file says it.
#pragma once

#include <filesystem>
#include <string>

#include "colonnade/image/image.h"

namespace colonnade {

struct RecordedPattern {
  Image image;
  double per_px = 0;  ///< 1/Angstrom per pixel by the file; 0: it does not say
};

/// `number`: which pattern of a scan, line by line, counted from 1. `signal`: title or number of a signal of a file
/// that holds several; empty: the first that is no copy or map. Fails on pixels that are not square.
RecordedPattern read_pattern(const std::filesystem::path& path, const std::string& signal = "", int number = 1);

/// 1/Angstrom in one of the named reciprocal unit ("1/nm", "A^-1", "$A^{-1}$"); 0 for any other name.
double per_A_in_unit(const std::string& unit);

}  // namespace colonnade
