// SPDX-License-Identifier: GPL-3.0-or-later
// SVG to PNG by librsvg and cairo; needs no display.
#pragma once

#include <filesystem>
#include <string>

namespace colonnade {

/// PNG of an SVG, `scale` times its size; the file appears whole or not at all. Fails on an SVG that cannot be read.
void write_png(const std::filesystem::path& path, const std::string& svg, double scale = 2);

}  // namespace colonnade
