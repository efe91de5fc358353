// SPDX-License-Identifier: GPL-3.0-or-later
// NPZ, NumPy's files of several arrays: a ZIP file of NPY members, stored or deflated. One signal per array.
#pragma once

#include <filesystem>
#include <vector>

#include "colonnade/image/formats/npy.h"
#include "colonnade/image/formats/stored_signal.h"
#include "colonnade/image/formats/zip_file.h"

namespace colonnade {

/// Whether any member is an array.
bool is_npz(const ZipFile& zip);
std::vector<StoredSignal> signals_of_npz(const std::filesystem::path& path);
/// One member; its numbers are unpacked when they are first read.
StoredSignal npz_signal(const std::filesystem::path& path, const ZipFile& zip, const ZipFile::Member& member);

}  // namespace colonnade
