// SPDX-License-Identifier: GPL-3.0-or-later
// The files of an element map: tables, maps, figures, analysis, report, record.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/columns/particle_analysis.h"
#include "colonnade/workflows/map_image.h"

namespace colonnade {

/// The columns as CSV: x_px,y_px,x_nm,y_nm,cross_section_nm2, then for each element El and for the total: mean,
/// standard deviation (_sd) and the ends of the 68 % and 95 % intervals (_low68, _high68, _low95, _high95), then flag.
/// Without counts these are blank.
std::string columns_csv(const ElementMap& map);

/// The analysis of a map that has counts; the field is the image's, errors in common are the map's.
ParticleAnalysis analyse_map(const ElementMap& map, AnalysisOptions options);

/// Writes everything into an existing folder and returns the summary.
nlohmann::json write_map_files(const std::filesystem::path& folder, const ElementMap& map, const MapOptions& options,
                               nlohmann::json record, const std::string& title);

}  // namespace colonnade
