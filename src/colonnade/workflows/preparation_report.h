// SPDX-License-Identifier: GPL-3.0-or-later
// What was done to an image before it was measured, for people and for taking it back: a section of the report with
// each step's image before and after, and these images as files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "colonnade/report/page.h"
#include "colonnade/workflows/prepare_image.h"

namespace colonnade {

/// Nothing without steps.
void add_preparation(Page& page, const std::vector<PreparationStep>& steps);

/// preparation/1_frames_before.tif ... and, last, prepared.tif; nothing without a step that changes pixels.
void write_preparation(const std::filesystem::path& folder, const Prepared& prepared);

/// The step's two images as figures side by side in the report; empty where it changes no pixel.
std::vector<std::string> step_figures(const PreparationStep& step, double width_px = 400);

}  // namespace colonnade
