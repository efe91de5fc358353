// SPDX-License-Identifier: GPL-3.0-or-later
// JPEG by libjpeg: grey, or colours whose three channels agree. Lossy: a warning says so.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "colonnade/image/formats/stored_signal.h"

namespace colonnade {

bool is_jpeg(std::string_view head);
std::vector<StoredSignal> signals_of_jpeg(const std::filesystem::path& path);

}  // namespace colonnade
