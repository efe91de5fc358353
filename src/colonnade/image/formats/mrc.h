// SPDX-License-Identifier: GPL-3.0-or-later
// MRC (Cheng et al., J. Struct. Biol. 192, 146, 2015): modes 0, 1, 2, 6, 12 and 101, both byte orders, any extended
// header; those of FEI (types FEI1 and FEI2, "MRC2014 file image format specification" of Thermo Fisher) give pixel
// size, voltage, detector and dwell time. Sections are frames of a stack, or the depth of a volume where the header
// says so; rows in the order of the file. Complex numbers and colours are refused.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "colonnade/image/formats/stored_signal.h"

namespace colonnade {

/// Whether the first 1024 bytes of a file are an MRC header; old ones without the word MAP are known by their numbers.
bool is_mrc(std::string_view head);
std::vector<StoredSignal> signals_of_mrc(const std::filesystem::path& path);

}  // namespace colonnade
