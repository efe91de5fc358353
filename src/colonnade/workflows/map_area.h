// SPDX-License-Identifier: GPL-3.0-or-later
// The part of an image that is measured: a rectangle, polygons, or a mask image. Pixels; what a user types may be in
// nm.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/image/image.h"

namespace colonnade {

struct AreaOptions {
  std::string region;  ///< "x,y,width,height", px, or nm with the unit behind: "1,1,4,4 nm"; empty: the whole image
  /// Polygons, "x,y x,y x,y; x,y ..." (px, or nm with the unit behind), or a file: an image of the same size whose
  /// pixels above 0 are measured.
  std::string mask;
  void describe(OptionTable& table, const std::string& section = "area");
  void check() const;
};

struct PixelBox {
  int left = 0, top = 0, width = 0, height = 0;
};

class MapArea {
 public:
  /// All of an image.
  explicit MapArea(const Image& image);
  /// Fails on what cannot be read, and where no pixel is left.
  MapArea(const Image& image, const AreaOptions& options);

  bool whole() const { return inside_.empty(); }
  /// Whether the pixel nearest to this place is measured.
  bool contains(double x_px, double y_px) const;
  /// The smallest rectangle around the pixels that are measured.
  const PixelBox& box() const { return box_; }
  /// The same with a border, as far as the image goes: columns beside the area belong to the neighbourhood of those
  /// inside, and are needed to measure these.
  PixelBox with_border(double border_px) const;

 private:
  void keep_polygons(const std::string& text, double pixel_nm);
  void keep_mask(const std::string& file);
  void keep_box(const std::string& text, double pixel_nm);
  void settle_box();

  int width_, height_;
  PixelBox box_;
  std::vector<std::uint8_t> inside_;  ///< of each pixel; empty: all
};

/// A copy of the rectangle.
Image crop(const Image& image, const PixelBox& box);

}  // namespace colonnade
