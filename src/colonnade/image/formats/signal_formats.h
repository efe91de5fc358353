// SPDX-License-Identifier: GPL-3.0-or-later
// The formats that are read, in the order they are tried, and those that are refused by name. A new format is one row
// of the table in signal_formats.cc.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "colonnade/image/formats/stored_signal.h"

namespace colonnade {

/// So much of a file is handed to the recognisers (the signature of HDF5 may stand at 0, 512, 1024, ..., 8192).
inline constexpr std::size_t recognised_head = 8200;

/// The signals as the format's reader gives them: titles may be empty or repeat.
std::vector<StoredSignal> signals_of_known_format(const std::filesystem::path& path);

}  // namespace colonnade
