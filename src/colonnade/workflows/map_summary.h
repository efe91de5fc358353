// SPDX-License-Identifier: GPL-3.0-or-later
// One table of many mapped images: as CSV for a spreadsheet and as a page that links their reports.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace colonnade {

/// The numbers of one image that the table shows, from what map_image() returns (and run.json keeps as "summary").
nlohmann::json summary_row(const nlohmann::json& summary);

/// summary.csv and summary.html of rows that also have "file", "folder" and "state", failed ones an "error".
void write_summary(const std::filesystem::path& folder, const nlohmann::json& rows,
                   const std::vector<std::string>& elements);

}  // namespace colonnade
