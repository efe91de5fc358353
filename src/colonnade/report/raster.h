// SPDX-License-Identifier: GPL-3.0-or-later
// SVG to PNG and PDF by librsvg and cairo; needs no display.
#pragma once

#include <filesystem>
#include <string>

namespace colonnade {

/// PNG of an SVG, `scale` times its size; the file appears whole or not at all. Fails on an SVG that cannot be read.
void write_png(const std::filesystem::path& path, const std::string& svg, double scale = 2);

/// PDF of an SVG at its size; letters, lines and discs stay vectors. The same SVG gives the same bytes.
void write_pdf(const std::filesystem::path& path, const std::string& svg);

}  // namespace colonnade
