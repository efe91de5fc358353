// SPDX-License-Identifier: GPL-3.0-or-later
// The files of an element map: table, maps, figures, report, record.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/workflows/map_image.h"

namespace colonnade {

/// The columns as CSV: x_px,y_px,x_nm,y_nm,cross_section_nm2, then per element El,El_sd (empty without a model).
std::string columns_csv(const ElementMap& map);

/// Writes everything into an existing folder and returns the summary.
nlohmann::json write_map_files(const std::filesystem::path& folder, const ElementMap& map, const nlohmann::json& record,
                               const std::string& title);

}  // namespace colonnade
