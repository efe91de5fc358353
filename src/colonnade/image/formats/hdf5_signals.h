// SPDX-License-Identifier: GPL-3.0-or-later
// HDF5 files of every kind that microscopy knows: Velox' EMD, HyperSpy's .hspy, Berkeley's and py4DSTEM's EMD, DM5,
// Colonnade's own (datasets with the attribute pixel_size_nm); in any other the datasets that look like images.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "colonnade/image/formats/stored_signal.h"

namespace colonnade {

bool is_hdf5(std::string_view head);
std::vector<StoredSignal> signals_of_hdf5(const std::filesystem::path& path);
/// The same of a file that is in memory.
std::vector<StoredSignal> signals_of_hdf5_bytes(std::string bytes, const std::filesystem::path& name);

}  // namespace colonnade
