// SPDX-License-Identifier: GPL-3.0-or-later
// The job "convert": image files of any format that is read, written in another with their scale and metadata.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "colonnade/core/options.h"

namespace colonnade {

struct ConvertOptions {
  std::string to = "tif";    ///< tif, hspy, emd, npy, png or csv
  std::string signal;        ///< title or number; empty: the only image, or for hspy and emd every signal
  int frame = 0;             ///< counted from 1; 0: all (of png and csv their mean)
  double pixel_size_nm = 0;  ///< 0: as the files say
  OptionTable table();
  void check() const;
};

struct Conversion {
  std::filesystem::path from, to;
  std::string what;  ///< "an image of 512 x 512 px, 0.0121 nm", ...
};

/// Each of the files (patterns and folders, too) into `out`, under its name with the new extension. All that can be
/// known beforehand is checked before the first file is written; each file appears whole or not at all. Fails where a
/// file is there and `overwrite` is false.
std::vector<Conversion> convert_images(const std::vector<std::string>& inputs, const ConvertOptions& options,
                                       const std::filesystem::path& out, bool overwrite);

}  // namespace colonnade
