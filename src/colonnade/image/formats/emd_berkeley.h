// SPDX-License-Identifier: GPL-3.0-or-later
// EMD files as emdatasets.com describes them: Berkeley's version 0.2 and py4DSTEM's 1.0 (emdfile). Groups with
// emd_group_type, as a number or a text, hold "data" and a dataset per axis: dim1, dim2, ... (0.2) or dim0, dim1, ...
// (1.0).
#pragma once

#include <string>
#include <vector>

#include "colonnade/image/formats/hdf5_source.h"

namespace colonnade {

/// Whether an object of the file is a group of data.
bool is_emd_array(const Hdf5File& file, const std::string& group);
/// Several for a stack of labelled images.
std::vector<StoredSignal> signals_of_emd_array(const Hdf5Source& source, const std::string& group);

}  // namespace colonnade
