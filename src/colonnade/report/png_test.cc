// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/png.h"

#include <gtest/gtest.h>
#include <png.h>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

std::vector<std::uint8_t> decode(const std::vector<std::uint8_t>& bytes, int& width, int& height) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()), 0) << image.message;
  image.format = PNG_FORMAT_RGBA;
  std::vector<std::uint8_t> pixels(PNG_IMAGE_SIZE(image));
  EXPECT_NE(png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr), 0) << image.message;
  width = int(image.width);
  height = int(image.height);
  return pixels;
}

TEST(Png, ReadsBackAsWritten) {
  const auto palette = map_palette("viridis");
  const int width = 37, height = 23;
  std::vector<std::uint8_t> indices(width * height);
  for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = std::uint8_t(i * 7);
  int w = 0, h = 0;
  const auto pixels = decode(encode_png(indices, width, height, palette), w, h);
  ASSERT_EQ(w, width);
  ASSERT_EQ(h, height);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const Colour wanted = palette[indices[i]];
    ASSERT_EQ(pixels[4 * i + 3], indices[i] == 0 ? 0 : 255) << "alpha at " << i;
    if (indices[i] == 0) continue;
    ASSERT_EQ((Colour{pixels[4 * i], pixels[4 * i + 1], pixels[4 * i + 2]}), wanted) << i;
  }
}

TEST(Png, RefusesSizesThatDisagree) {
  EXPECT_THROW(encode_png({1, 2, 3}, 2, 2, map_palette("grey")), Error);
  EXPECT_THROW(encode_png({}, 0, 0, map_palette("grey")), Error);
}

}  // namespace
}  // namespace colonnade
