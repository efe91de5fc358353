// SPDX-License-Identifier: GPL-3.0-or-later
// HyperSpy's own format (https://hyperspy.org/rosettasciio/file_specification/hspy.html): a group per signal below
// "Experiments", with the data, a group axis-N per axis and trees of metadata. The same in HDF5 (.hspy) and Zarr
// (.zspy).
#pragma once

#include <string>
#include <vector>

#include "colonnade/image/formats/hdf5_source.h"

namespace colonnade {

/// True where there is a group "Experiments" with data in it.
bool is_hyperspy(const Hdf5File& file);
std::vector<StoredSignal> signals_of_hyperspy(const Hdf5Source& source);

/// Fills in what an experiment's attributes say: `group` is its tree with "axis-0", ..., "metadata" and
/// "original_metadata". `name` is the experiment's, for its title where the metadata give none.
void describe_by_hyperspy(StoredSignal& signal, const nlohmann::json& group, const std::string& name);

}  // namespace colonnade
