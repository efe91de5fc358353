// SPDX-License-Identifier: GPL-3.0-or-later
// TIFF and BigTIFF: grey images of 8- to 64-bit integers, half, float or double, in strips or tiles, any compression
// that libtiff knows. Pages of one size are frames (or the channels, depths and times that ImageJ or OME say they are);
// pages of another size are signals of their own, thumbnails are none. Scale and metadata: tiff_metadata.h.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "colonnade/image/formats/stored_signal.h"
#include "colonnade/image/image.h"

namespace colonnade {

bool is_tiff(std::string_view head);
std::vector<StoredSignal> signals_of_tiff(const std::filesystem::path& path);

/// 32-bit floats, straight into `path`, with a description and resolution that ImageJ, HyperSpy and tifffile
/// understand; a last line of the description, "colonnade=" and JSON, keeps title, meaning of the numbers and metadata.
void write_tiff(const std::filesystem::path& path, const Image& image);
/// The same as a stack, a page per frame; title, scale and metadata of the first.
void write_tiff_stack(const std::filesystem::path& path, const std::vector<Image>& frames);

}  // namespace colonnade
