// SPDX-License-Identifier: GPL-3.0-or-later
// ZIP files that are known by their members: Nion Swift's .ndata, NumPy's .npz, HyperSpy's .zspy, HDF5 files that were
// packed to be sent.
#pragma once

#include <filesystem>
#include <vector>

#include "colonnade/image/formats/stored_signal.h"

namespace colonnade {

std::vector<StoredSignal> signals_of_zip(const std::filesystem::path& path);

}  // namespace colonnade
