// SPDX-License-Identifier: GPL-3.0-or-later
// MRC (Cheng et al., J. Struct. Biol. 192, 146, 2015): modes 0, 1, 2, 6 and 12, both byte orders, any extended header.
// The first section is read, rows in the order of the file.
#pragma once

#include <filesystem>
#include <string_view>

#include "colonnade/image/image.h"

namespace colonnade {

/// Whether the first 1024 bytes of a file are an MRC header; old ones without the word MAP are known by their numbers.
bool is_mrc(std::string_view head);
Image read_mrc(const std::filesystem::path& path);

}  // namespace colonnade
