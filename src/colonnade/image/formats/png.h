// SPDX-License-Identifier: GPL-3.0-or-later
// PNG: grey of up to 16 bits, or colours whose three channels agree. Values are read as stored, no gamma applied;
// a warning says where eight bits may not be proportional to the intensity.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "colonnade/image/formats/stored_signal.h"
#include "colonnade/image/image.h"

namespace colonnade {

bool is_png(std::string_view head);
std::vector<StoredSignal> signals_of_png(const std::filesystem::path& path);
/// 8-bit grey between the image's extremes, straight into `path`; the pixel size goes into a text chunk
/// "pixel_size_nm", which the reader understands.
void write_png(const std::filesystem::path& path, const Image& image);

}  // namespace colonnade
