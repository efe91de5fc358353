// SPDX-License-Identifier: GPL-3.0-or-later
// EMI files of FEI's TIA: the metadata, as XML, of the SER files NAME_1.ser, NAME_2.ser, ... beside NAME.emi.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "colonnade/image/formats/stored_signal.h"

namespace colonnade {

bool is_emi(std::string_view head);
/// The signals of the SER files beside it; fails where there are none.
std::vector<StoredSignal> signals_of_emi(const std::filesystem::path& path);

/// The XML of each object, in the order of the SER files; those that are not well-formed are null.
std::vector<nlohmann::json> objects_of_emi(const std::filesystem::path& path);
/// Metadata by HyperSpy's names from one of them.
nlohmann::json metadata_of_emi(const nlohmann::json& object);

}  // namespace colonnade
