// SPDX-License-Identifier: GPL-3.0-or-later
// DM5: DigitalMicrograph's tree of tags in HDF5, see digital_micrograph.h.
#pragma once

#include <vector>

#include "colonnade/image/formats/hdf5_source.h"

namespace colonnade {

bool is_dm5(const Hdf5File& file);
std::vector<StoredSignal> signals_of_dm5(const Hdf5Source& source);

}  // namespace colonnade
