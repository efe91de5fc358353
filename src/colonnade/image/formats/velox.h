// SPDX-License-Identifier: GPL-3.0-or-later
// EMD files of Thermo Fisher's Velox: images and their frames, maps of elements, spectra and EDS spectrum images, each
// with its metadata as JSON, all in SI units and radians (structure as found by the HyperSpy developers in
// rosettasciio). Spectrum images come from the stream of X-ray events that Velox keeps, summed over frames and
// detectors; where it was pruned, Velox' own compressed copy of them is not read.
#pragma once

#include <string>
#include <vector>

#include "colonnade/image/formats/hdf5_source.h"

namespace colonnade {

bool is_velox(const Hdf5File& file);
std::vector<StoredSignal> signals_of_velox(const Hdf5Source& source);

/// The metadata of the first frame of a group with "Metadata"; null where there are none.
nlohmann::json velox_record(const Hdf5Source& source, const std::string& group);
/// By HyperSpy's names.
nlohmann::json metadata_of_velox(const nlohmann::json& record);
/// The detector that the record's result is of; null where it names none.
const nlohmann::json& velox_detector(const nlohmann::json& record);
/// The axis along "x" or "y" of a scan of `size` points.
SignalAxis velox_axis(const nlohmann::json& record, const std::string& name, std::int64_t size);

/// Spectra, and the spectrum image of all streams together.
std::vector<StoredSignal> spectra_of_velox(const Hdf5Source& source);

}  // namespace colonnade
