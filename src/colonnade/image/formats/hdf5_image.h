// SPDX-License-Identifier: GPL-3.0-or-later
// Images in HDF5 files: HyperSpy's (https://hyperspy.org, Experiments/*/data with axis-N groups), Berkeley EMD 0.2
// (emdatasets.com, groups with emd_group_type 1), Colonnade's own (a dataset with the attribute pixel_size_nm), else
// the only image-like dataset there is.
#pragma once

#include <filesystem>

#include "colonnade/image/image.h"

namespace colonnade {

Image read_hdf5_image(const std::filesystem::path& path);

}  // namespace colonnade
