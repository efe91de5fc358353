// SPDX-License-Identifier: GPL-3.0-or-later
// The methods section of a paper that uses a map: what was done to this image, ready to paste, and whom to cite.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/columns/particle_analysis.h"
#include "colonnade/workflows/map_image.h"

namespace colonnade {

struct MethodsText {
  std::string paragraph;                ///< with [1], [2] ...
  std::vector<std::string> references;  ///< in that order
};

MethodsText methods_text(const ElementMap& map, const ParticleAnalysis& analysis, const nlohmann::json& record);

}  // namespace colonnade
