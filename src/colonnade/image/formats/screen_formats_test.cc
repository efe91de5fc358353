// SPDX-License-Identifier: GPL-3.0-or-later
// BMP and JPEG: images made for a screen.
#include <cstdio>
#include <gmock/gmock.h>
#include <jpeglib.h>

#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/formats/test_files.h"
#include "colonnade/image/test_folder.h"

namespace colonnade {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ScreenFormats : public TestFolder {
 protected:
  /// A grey ramp (or one in colours) as JPEG.
  std::filesystem::path put_jpeg(int channels, bool colourful = false) const {
    jpeg_compress_struct jpeg = {};
    jpeg_error_mgr errors = {};
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    std::FILE* file = std::fopen(at("a.jpg").c_str(), "wb");
    jpeg_stdio_dest(&jpeg, file);
    jpeg.image_width = 24;
    jpeg.image_height = 16;
    jpeg.input_components = channels;
    jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, 95, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    std::vector<JSAMPLE> row(std::size_t(24) * std::size_t(channels));
    for (int y = 0; y < 16; ++y) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        row[i] = JSAMPLE(10 * (i / std::size_t(channels)) + (colourful && i % 3 == 0 ? 20 : 0));
      }
      JSAMPROW pointer = row.data();
      jpeg_write_scanlines(&jpeg, &pointer, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    std::fclose(file);
    return at("a.jpg");
  }
};

TEST_F(ScreenFormats, Bmp) {
  for (const int bits : {8, 24, 32}) {
    for (const bool from_above : {false, true}) {
      const auto path = put("a.bmp", test_files::bmp(bits, from_above));
      EXPECT_THAT(read_image(path).data, ElementsAre(10, 20, 30, 40, 50, 60)) << bits << from_above;
    }
  }
  std::string colour = test_files::bmp(24);
  colour.back() = '\7';  // of the padding
  EXPECT_EQ(read_image(put("a.bmp", colour)).height, 2);
  colour[colour.size() - 4] = '\7';
  EXPECT_THAT(message_of([&] { read_image(put("a.bmp", colour)); }), HasSubstr("colour"));
}

TEST_F(ScreenFormats, BmpThatIsDamaged) {
  const std::string whole = test_files::bmp(8);
  for (std::size_t tenth = 1; tenth < 10; ++tenth) {
    const auto path = put("cut.bmp", whole.substr(0, whole.size() * tenth / 10));
    EXPECT_THAT(message_of([&] { read_image(path); }), HasSubstr("truncated")) << tenth;
  }
  std::string absurd = whole;
  test_files::put_number<std::int32_t>(absurd, 18, 2000000000);
  EXPECT_THAT(message_of([&] { read_image(put("a.bmp", absurd)); }), HasSubstr("2^31"));
  test_files::put_number<std::int32_t>(absurd, 22, INT32_MIN);
  EXPECT_NE(message_of([&] { read_image(put("a.bmp", absurd)); }), "no error");
  absurd = whole;
  test_files::put_number<std::uint32_t>(absurd, 30, 1);
  EXPECT_THAT(message_of([&] { read_image(put("a.bmp", absurd)); }), HasSubstr("compression 1"));
}

TEST_F(ScreenFormats, JpegWithAWarning) {
  testing::internal::CaptureStderr();
  for (const int channels : {1, 3}) {
    const Image image = read_image(put_jpeg(channels));
    ASSERT_EQ(image.height, 16);
    ASSERT_EQ(image.width, 24);
    for (int x = 0; x < 24; ++x) EXPECT_NEAR(image.at(7, x), 10 * x, 4) << x;
    EXPECT_EQ(image.pixel_size_nm, 0);
  }
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("JPEG changes intensities"));
  EXPECT_THAT(message_of([&] { read_image(put_jpeg(3, true)); }), HasSubstr("colour"));
}

TEST_F(ScreenFormats, JpegThatIsDamaged) {
  const std::string whole = read_file(put_jpeg(1));
  for (std::size_t tenth = 1; tenth < 10; ++tenth) {
    const auto path = put("cut.jpg", whole.substr(0, whole.size() * tenth / 10));
    EXPECT_NE(message_of([&] { read_image(path); }), "no error") << tenth;
  }
  std::string absurd = whole;
  const auto frame = absurd.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  absurd.replace(frame + 5, 4, "\x40\x01\x40\x01");
  EXPECT_THAT(message_of([&] { read_image(put("a.jpg", absurd)); }), HasSubstr("more than"));
}

}  // namespace
}  // namespace colonnade
