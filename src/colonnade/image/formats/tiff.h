// SPDX-License-Identifier: GPL-3.0-or-later
// TIFF and BigTIFF: grey images of 8- to 64-bit integers, half, float or double, in strips or tiles, any compression
// that libtiff knows. The scale is found by tiff_scale.h.
#pragma once

#include <filesystem>

#include "colonnade/image/image.h"

namespace colonnade {

/// The first page that is no thumbnail. Inverted images (white is zero) come out with larger numbers brighter.
Image read_tiff(const std::filesystem::path& path);
/// 32-bit floats, straight into `path`, with a description and resolution that ImageJ, HyperSpy and tifffile
/// understand; a last line of the description, "colonnade=" and JSON, keeps title, meaning of the numbers and metadata.
void write_tiff(const std::filesystem::path& path, const Image& image);

}  // namespace colonnade
