// SPDX-License-Identifier: GPL-3.0-or-later
// MIB, the files of Quantum Detectors' Merlin (Medipix3): frames, each behind a header of text ("MQ1,number,bytes of
// the header,chips,width,height,U08|U16|U32|U64,..."; Merlin user manual). Where a .hdr file beside it tells frames per
// trigger, the frames are the points of a scan. The detector's rows are in the order of the file. Raw (R64) frames,
// whose bits are scrambled, are refused.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "colonnade/image/formats/stored_signal.h"

namespace colonnade {

bool is_mib(std::string_view head);
std::vector<StoredSignal> signals_of_mib(const std::filesystem::path& path);

}  // namespace colonnade
