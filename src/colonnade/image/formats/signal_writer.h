// SPDX-License-Identifier: GPL-3.0-or-later
// Signals of any dimension written for other programs, part by part, so that they need not fit into memory.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "colonnade/image/formats/stored_signal.h"
#include "colonnade/image/image.h"

namespace colonnade {

/// HyperSpy's file (.hspy; py4DSTEM reads it as well): signal_file.h.
void write_hspy(const std::filesystem::path& path, const std::vector<StoredSignal>& signals);
/// Berkeley EMD 0.2 (https://emdatasets.com/format): /data/TITLE with the numbers and a vector of coordinates per axis.
void write_berkeley_emd(const std::filesystem::path& path, const std::vector<StoredSignal>& signals);
/// NPY of 32-bit floats; it carries no scale.
void write_npy(const std::filesystem::path& path, const StoredSignal& signal);
/// Rows of an image as comma-separated numbers, after a line "# ..." with its scale.
void write_csv(const std::filesystem::path& path, const Image& image);

/// An image as a signal.
StoredSignal signal_of(const Image& image);
/// Lengths in nm, whatever unit the file had them in; a pixel size that was found otherwise goes into the last two
/// axes.
void settle_units(StoredSignal& signal, const std::string& where);

}  // namespace colonnade
