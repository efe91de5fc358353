// SPDX-License-Identifier: GPL-3.0-or-later
// Inside of tiff.h: one page of an open TIFF file, described without reading its pixels, and then read as grey values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "colonnade/image/formats/raw_samples.h"
#include "colonnade/image/formats/tiff_handle.h"

namespace colonnade {

struct TiffPage {
  std::uint64_t directory = 0;  ///< its place in the file
  ImageShape shape;
  SampleType type = SampleType::uint8;
  std::uint16_t bits = 1, samples = 1, planar = PLANARCONFIG_CONTIG;
  std::uint16_t photometric = PHOTOMETRIC_MINISBLACK;
  bool thumbnail = false;
  std::string refusal;  ///< why its numbers cannot be read; empty: they can

  std::size_t pixel_size() const { return std::size_t(bits / 8) * (planar == PLANARCONFIG_CONTIG ? samples : 1); }
  std::uint16_t planes() const { return planar == PLANARCONFIG_CONTIG ? 1 : samples; }
  bool same_kind(const TiffPage& other) const;
};

/// The page that the handle is on. Fails on a size that no image has.
TiffPage describe_page(const TiffHandle& tiff);
/// Fails where a page claims more than the file can hold, before anything is allocated for it.
void require_plausible(const TiffHandle& tiff, const TiffPage& page);
/// Moves the handle to the page and reads it. Inverted images (white is zero) come out with larger numbers brighter.
/// Fails on colours, on transparent pixels and on a file cut short.
std::vector<float> read_page(const TiffHandle& tiff, const TiffPage& page);

}  // namespace colonnade
