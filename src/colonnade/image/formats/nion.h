// SPDX-License-Identifier: GPL-3.0-or-later
// Nion Swift's .ndata files (https://nionswift.readthedocs.io): a ZIP file of data.npy and metadata.json, which holds
// the calibration of every axis and the state of the instrument.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "colonnade/image/formats/stored_signal.h"
#include "colonnade/image/formats/zip_file.h"

namespace colonnade {

bool is_nion(const ZipFile& zip);
std::vector<StoredSignal> signals_of_nion(const std::filesystem::path& path);

/// Axes, units and metadata of an array by Nion's properties; for its files in HDF5 as well. Fails, naming `where`,
/// where the properties speak of another number of axes than the array has.
void describe_by_nion(StoredSignal& signal, const nlohmann::json& properties, const std::string& where);

}  // namespace colonnade
