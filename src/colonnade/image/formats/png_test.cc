// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/png.h"

#include <gmock/gmock.h>
#include <png.h>

#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/test_folder.h"

namespace colonnade {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class Png : public TestFolder {
 protected:
  /// Two rows of three pixels, samples as bytes in the order of the file.
  std::filesystem::path make(int depth, int colour, const std::string& samples, bool interlaced = false) const {
    std::FILE* file = std::fopen(at("a.png").c_str(), "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, file);
    png_set_IHDR(png, info, 3, 2, depth, colour, interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    const png_color palette[3] = {{10, 10, 10}, {20, 20, 20}, {30, 30, 31}};
    if (colour == PNG_COLOR_TYPE_PALETTE) png_set_PLTE(png, info, palette, 3);
    png_write_info(png, info);
    std::string copy = samples;
    png_bytep rows[2] = {reinterpret_cast<png_bytep>(copy.data()),
                         reinterpret_cast<png_bytep>(copy.data() + copy.size() / 2)};
    png_write_image(png, rows);
    png_write_end(png, nullptr);
    png_destroy_write_struct(&png, &info);
    std::fclose(file);
    return at("a.png");
  }
};

TEST_F(Png, GreyOfEveryDepth) {
  EXPECT_THAT(read_image(make(8, PNG_COLOR_TYPE_GRAY, "\1\2\3\4\5\xFF")).data, ElementsAre(1, 2, 3, 4, 5, 255));
  EXPECT_THAT(read_image(make(16, PNG_COLOR_TYPE_GRAY, "\0\1\1\0\1\1\0\0\0\5\xFF\xFE"s)).data,
              ElementsAre(1, 256, 257, 0, 5, 65534));
  EXPECT_THAT(read_image(make(1, PNG_COLOR_TYPE_GRAY, "\xA0\x40"s)).data, ElementsAre(255, 0, 255, 0, 255, 0));
  EXPECT_THAT(read_image(make(8, PNG_COLOR_TYPE_GRAY, "\1\2\3\4\5\6", true)).data, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(Png, ColoursOnlyWhereTheyAreGrey) {
  EXPECT_THAT(read_image(make(8, PNG_COLOR_TYPE_RGB, "\1\1\1\2\2\2\3\3\3\4\4\4\5\5\5\6\6\6")).data,
              ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(message_of([&] { read_image(make(8, PNG_COLOR_TYPE_RGB, "\1\1\1\2\2\2\3\3\3\4\4\4\5\5\5\6\6\7")); }),
              HasSubstr("colour image: export as greyscale"));
  EXPECT_THAT(read_image(make(8, PNG_COLOR_TYPE_PALETTE, "\0\1\0\1\0\1"s)).data, ElementsAre(10, 20, 10, 20, 10, 20));
  EXPECT_THAT(message_of([&] { read_image(make(8, PNG_COLOR_TYPE_PALETTE, "\0\1\0\1\0\2"s)); }), HasSubstr("colour"));
}

TEST_F(Png, AlphaMustBeOpaque) {
  EXPECT_THAT(read_image(make(8, PNG_COLOR_TYPE_GRAY_ALPHA, "\1\xFF\2\xFF\3\xFF\4\xFF\5\xFF\6\xFF")).data,
              ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(message_of([&] { read_image(make(8, PNG_COLOR_TYPE_GRAY_ALPHA, "\1\xFF\2\xFF\3\xFF\4\xFF\5\xFF\6\1")); }),
              HasSubstr("transparent"));
  EXPECT_THAT(read_image(make(16, PNG_COLOR_TYPE_GRAY_ALPHA,
                              "\0\1\xFF\xFF\0\2\xFF\xFF\0\3\xFF\xFF\0\4\xFF\xFF\0\5"
                              "\xFF\xFF\0\6\xFF\xFF"s))
                  .data,
              ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(Png, RefusesDamage) {
  const std::string whole = read_file(make(8, PNG_COLOR_TYPE_GRAY, "\1\2\3\4\5\6"));
  for (std::size_t length = 8; length < whole.size(); ++length) {
    EXPECT_THAT(message_of([&] { read_image(put("b.png", whole.substr(0, length))); }), HasSubstr("truncated"))
        << length;
  }
  std::string damaged = whole;
  damaged[45] ^= 0x55;
  EXPECT_THAT(message_of([&] { read_image(put("b.png", damaged)); }), HasSubstr("not a readable PNG"));
}

TEST_F(Png, WritesBetweenTheExtremesAndKeepsTheScale) {
  Image image(1, 3, 0.0125);
  image.data = {-1, 0, 1};
  write_png(at("b.png"), image);
  const Image back = read_image(at("b.png"));
  EXPECT_THAT(back.data, ElementsAre(0, 128, 255));
  EXPECT_EQ(back.pixel_size_nm, 0.0125);
  image.data = {4, 4, 4};
  image.pixel_size_nm = 0;
  write_png(at("b.png"), image);
  EXPECT_THAT(read_image(at("b.png")).data, ElementsAre(0, 0, 0));
  EXPECT_EQ(read_image(at("b.png")).pixel_size_nm, 0);
  EXPECT_THAT(message_of([&] { write_png(at("no/such.png"), image); }), HasSubstr("No such file"));
}

TEST_F(Png, AFullDiskIsAnError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  EXPECT_THAT(message_of([] { write_png("/dev/full", sample_image(300, 300)); }), HasSubstr("disk full"));
}

}  // namespace
}  // namespace colonnade
