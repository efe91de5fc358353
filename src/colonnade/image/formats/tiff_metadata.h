// SPDX-License-Identifier: GPL-3.0-or-later
// Inside of tiff.h: what programs write beside the pixels, and where. Known are ImageJ, OME-TIFF (the OME model,
// docs.openmicroscopy.org), DigitalMicrograph's private tags, FEI's and Thermo Fisher's (34680 and 34682, text or XML,
// lengths in metres), Zeiss' (34118), JEOL's XML, and what Colonnade itself writes.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/image/formats/raw_samples.h"
#include "colonnade/image/formats/tiff_handle.h"
#include "colonnade/image/formats/tiff_scale.h"

namespace colonnade {

/// What the pages of a file are, as far as it says so.
struct TiffStack {
  bool stated = false;
  std::int64_t channels = 1, depth = 1, frames = 1;
  std::string order = "CZT";  ///< which of them runs fastest from page to page, first letter first
  std::vector<std::string> channel_names;
  double depth_step_nm = 0, frame_interval_s = 0;  ///< 0: not known

  std::int64_t pages() const { return channels * depth * frames; }
  std::int64_t page(std::int64_t channel, std::int64_t section, std::int64_t frame) const;
};

struct TiffMetadata {
  std::string title, intensity = "arbitrary";
  nlohmann::json metadata = nlohmann::json::object();  ///< by HyperSpy's names, with "format" and "scale_source"
  nlohmann::json original = nlohmann::json::object();
  TiffScale scale;
  TiffStack stack;
};

/// Of the page that the handle is on, `width` pixels wide. Fails on pixels that are not square.
TiffMetadata read_tiff_metadata(const TiffHandle& tiff, int width);
/// The description of an image that is written: for ImageJ, and a line of our own with what ImageJ cannot hold.
std::string tiff_description(const nlohmann::json& own, double pixel_size_nm, float low, float high,
                             std::int64_t frames);

}  // namespace colonnade
