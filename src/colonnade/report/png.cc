// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/png.h"

#include <png.h>

#include "colonnade/core/error.h"

namespace colonnade {

std::vector<std::uint8_t> encode_png(const std::vector<std::uint8_t>& indices, int width, int height,
                                     const std::array<Colour, 256>& palette) {
  if (width <= 0 || height <= 0 || indices.size() != std::size_t(width) * height) {
    fail("cannot make a PNG of {} x {} px from {} values; the image and its size disagree", width, height,
         indices.size());
  }
  std::array<std::uint8_t, 1024> entries{};
  for (std::size_t i = 0; i < palette.size(); ++i) {
    entries[4 * i] = palette[i].red;
    entries[4 * i + 1] = palette[i].green;
    entries[4 * i + 2] = palette[i].blue;
    entries[4 * i + 3] = i == 0 ? 0 : 255;
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = PNG_FORMAT_RGBA_COLORMAP;
  image.colormap_entries = 256;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::vector<std::uint8_t> bytes(size);
  if (png_image_write_to_memory(&image, bytes.data(), &size, 0, indices.data(), width, entries.data()) == 0) {
    fail("cannot make a PNG of {} x {} px: {}", width, height, image.message);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace colonnade
