// SPDX-License-Identifier: GPL-3.0-or-later
// PNG: grey of up to 16 bits, or colours whose three channels agree. Values are read as stored, no gamma applied.
#pragma once

#include <filesystem>

#include "colonnade/image/image.h"

namespace colonnade {

Image read_png(const std::filesystem::path& path);
/// 8-bit grey between the image's extremes, straight into `path`; the pixel size goes into a text chunk
/// "pixel_size_nm", which read_png() understands.
void write_png(const std::filesystem::path& path, const Image& image);

}  // namespace colonnade
