// SPDX-License-Identifier: GPL-3.0-or-later
// Gatan DigitalMicrograph's files: DM3 and DM4 (tag trees of their own), DM5 (the same tree in HDF5: groups "[0]" for
// groups without a name, attributes for values; layout as written by Nion's nionswift-io, no file of Gatan's was at
// hand to check it). Thumbnails are left out; colour and complex images are listed but not read. Calibrations count
// their origin in pixels.
#pragma once

#include <filesystem>
#include <vector>

#include "colonnade/image/formats/digital_micrograph_tags.h"
#include "colonnade/image/formats/stored_signal.h"
#include "colonnade/image/formats/value_box.h"

namespace colonnade {

std::vector<StoredSignal> signals_of_digital_micrograph(const std::filesystem::path& path);

/// One entry of the list of images, whatever the file around it.
struct DmImage {
  nlohmann::json tags;  ///< its ImageData, ImageTags and Name
  SampleType type = SampleType::float32;
  std::string refusal;  ///< why its numbers are none that can be read, or empty
  BoxIndex shape;       ///< as stored, slowest first
  ReadBox read;
};
StoredSignal signal_of_dm_image(const DmImage& image, const std::string& where);
/// Metadata by HyperSpy's names from ImageTags.
nlohmann::json metadata_of_dm_tags(const nlohmann::json& image_tags, const std::string& title);

}  // namespace colonnade
