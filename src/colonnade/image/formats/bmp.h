// SPDX-License-Identifier: GPL-3.0-or-later
// BMP (Microsoft's device-independent bitmaps): uncompressed, 1 to 8 bits by a grey palette, 24 and 32 bits where the
// colours agree. Bytes made for a screen: a warning says that they need not be proportional to the intensity.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "colonnade/image/formats/stored_signal.h"

namespace colonnade {

bool is_bmp(std::string_view head);
std::vector<StoredSignal> signals_of_bmp(const std::filesystem::path& path);

}  // namespace colonnade
