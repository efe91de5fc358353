// SPDX-License-Identifier: GPL-3.0-or-later
// BLO, the block files of NanoMEGAS' ASTAR: one byte per number, little-endian; a virtual bright-field image of the
// scan and a diffraction pattern at each of its points. Layout as HyperSpy reads it (hyperspy.org, blockfile): header
// of 240 bytes with the offsets of both, six bytes before each pattern.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "colonnade/image/formats/stored_signal.h"

namespace colonnade {

bool is_blo(std::string_view head);
/// "virtual bright field" and "patterns".
std::vector<StoredSignal> signals_of_blo(const std::filesystem::path& path);

}  // namespace colonnade
