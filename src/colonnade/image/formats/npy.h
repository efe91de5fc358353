// SPDX-License-Identifier: GPL-3.0-or-later
// NPY, NumPy's array files, versions 1 to 3 (numpy.lib.format): every real numeric type, both byte orders, both memory
// orders, any number of axes. They carry neither pixel size nor names of axes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "colonnade/image/formats/byte_source.h"
#include "colonnade/image/formats/raw_records.h"
#include "colonnade/image/formats/stored_signal.h"
#include "colonnade/image/image.h"

namespace colonnade {

bool is_npy(std::string_view head);
std::vector<StoredSignal> signals_of_npy(const std::filesystem::path& path);
/// For formats that keep NPY inside: `source` holds at least its header; the numbers lie in `loaded` where that is set.
StoredSignal npy_signal(ByteSource& source, const LoadedBytes& loaded = {});

/// What stands before little-endian 32-bit floats of this shape, in row-major order.
std::string npy_header(const std::vector<std::int64_t>& shape);
/// Version 1, little-endian 32-bit floats, straight into `path`.
void write_npy(const std::filesystem::path& path, const Image& image);

}  // namespace colonnade
