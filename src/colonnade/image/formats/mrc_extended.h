// SPDX-License-Identifier: GPL-3.0-or-later
// Inside of mrc.h: the extended header of FEI's files, of which the first section's record is read.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace colonnade {

struct MrcExtended {
  nlohmann::json metadata = nlohmann::json::object();  ///< by HyperSpy's names
  nlohmann::json original = nlohmann::json::object();  ///< by the specification's names, SI units
  double pixel_size_nm = 0;                            ///< 0: not stated
};

/// `type` is the header's EXTTYPE ("FEI1", "FEI2"); anything else, and a record that is too short, gives nothing.
MrcExtended parse_mrc_extended(std::string_view type, std::string_view record);

}  // namespace colonnade
