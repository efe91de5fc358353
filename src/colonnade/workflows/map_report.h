// SPDX-License-Identifier: GPL-3.0-or-later
// The report of a map: one page that holds everything, for a browser and for print.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/columns/particle_analysis.h"
#include "colonnade/workflows/map_figures.h"
#include "colonnade/workflows/map_image.h"

namespace colonnade {

std::string report_html(const ElementMap& map, const ParticleAnalysis& analysis,
                        const std::vector<NamedFigure>& figures, const nlohmann::json& record,
                        const std::string& title);

}  // namespace colonnade
