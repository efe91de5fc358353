// SPDX-License-Identifier: GPL-3.0-or-later
// What "classify" shows: each pattern with what is looked at, what speaks for and against the answer drawn back onto
// it, the spots as indexed, and all of it on a page.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "colonnade/workflows/classify_pattern.h"

namespace colonnade {

/// "225 (Fm-3m)", "none of these".
std::string group_title(std::size_t group);

/// The network's picture, one number per pixel, drawn back onto the square that it was made of: the pixels of
/// recorded_side_px x recorded_side_px, blank (NaN) where it has none.
Image drawn_back(const std::vector<float>& picture, int side_px);

/// Names of files without ending, and figures: pattern_1, saliency_1, overlay_1, ...
std::vector<std::pair<std::string, std::string>> classification_figures(const PatternClassification& result);

/// A self-contained page. `record`: of the run.
std::string classification_page(const PatternClassification& result, const nlohmann::json& record);

}  // namespace colonnade
