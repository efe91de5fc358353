// SPDX-License-Identifier: GPL-3.0-or-later
// A micrograph as a person asks for it: image_file.h's reading, with X-ray lines by their elements' names.
#pragma once

#include "colonnade/image/formats/image_file.h"

namespace colonnade {

/// As read_image() and read_frames(); the signal may also be "EDS:Pt", "EDS:Pt L" or "EDS:Ni K": the map of that
/// element's line (structures/xray_lines.h) from the spectrum image of the file.
Image read_micrograph(const std::filesystem::path& path, const ReadOptions& options = {});
std::vector<Image> read_micrograph_frames(const std::filesystem::path& path, const ReadOptions& options = {});

/// The same of "FILE" or "FILE#SIGNAL".
Image read_named_micrograph(const std::string& text);

}  // namespace colonnade
