// SPDX-License-Identifier: GPL-3.0-or-later
// What `map` would do with an image, said before it is done: nothing is written.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/workflows/map_image.h"

namespace colonnade {

struct MapPlan {
  std::string file;
  std::filesystem::path out;
  int width = 0, height = 0;
  double pixel_size_nm = 0;
  std::string intensity;
  double measured_spacing_nm = 0;     ///< between neighbouring columns, from the image's autocorrelation; 0: no repeat
  double expected_spacing_nm = 0;     ///< of the alloy down the zone axis; 0: not known
  double columns = 0;                 ///< about how many there is room for, at that spacing
  std::string counting;               ///< by what atoms are counted, or why not
  std::vector<std::string> steps;     ///< what happens, in order
  double memory_GB = 0, seconds = 0;  ///< estimates; the time is of one core
  std::vector<std::string> remarks;   ///< what a user may want to change
  std::string error;                  ///< why the image cannot be mapped; or empty

  std::string text() const;
  nlohmann::json to_json() const;
};

/// Reads the image and looks, never fails for what is wrong with one file (see `error`), fails for wrong options.
MapPlan plan_map(const std::filesystem::path& file, MapOptions options, const std::filesystem::path& out,
                 bool overwrite);

}  // namespace colonnade
