// SPDX-License-Identifier: GPL-3.0-or-later
// Image files, recognised by content. Read: TIFF (8/16/32-bit integers, half, float, double; ImageJ, DigitalMicrograph
// and plain scale tags), NPY, PNG, MRC, HDF5 (HyperSpy's .hspy, Berkeley EMD, Colonnade's own). Written: TIFF, NPY,
// PNG. A known format that is not read yet (DM3, SER, Velox EMD, ...) is refused by its name.
#pragma once

#include <filesystem>

#include "colonnade/image/image.h"

namespace colonnade {

/// Fails with one line on a missing, empty, truncated or unreadable file and on NaN or infinity in the data.
Image read_image(const std::filesystem::path& path);
/// By extension: .tif/.tiff (float, scale for ImageJ), .npy (float), .png (8-bit grey from extremes).
void write_image(const std::filesystem::path& path, const Image& image);

}  // namespace colonnade
