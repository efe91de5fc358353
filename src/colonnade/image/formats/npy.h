// SPDX-License-Identifier: GPL-3.0-or-later
// NPY, NumPy's array files, versions 1 to 3 (numpy.lib.format): every real numeric type, both byte orders, both memory
// orders. They carry no pixel size.
#pragma once

#include <filesystem>

#include "colonnade/image/image.h"

namespace colonnade {

Image read_npy(const std::filesystem::path& path);
/// Version 1, little-endian 32-bit floats, straight into `path`.
void write_npy(const std::filesystem::path& path, const Image& image);

}  // namespace colonnade
