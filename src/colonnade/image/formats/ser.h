// SPDX-License-Identifier: GPL-3.0-or-later
// SER files of FEI's TIA, versions 0x210 and 0x220: images or spectra, one or a series (structure as found by C.
// Boothroyd, "TIA file format", and P. Ercius). Lengths are in m, or 1/m for diffraction, which their sizes tell apart;
// rows are stored from below and come out from above. Of a series that was broken off, what was recorded is read.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "colonnade/image/formats/stored_signal.h"

namespace colonnade {

bool is_ser(std::string_view head);
/// Metadata come from NAME.emi beside NAME_1.ser where it is there.
std::vector<StoredSignal> signals_of_ser(const std::filesystem::path& path);

}  // namespace colonnade
