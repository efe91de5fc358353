// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/image_file.h"

#include <gmock/gmock.h>
#include <limits>

#include "colonnade/image/test_folder.h"

namespace colonnade {
namespace {

using namespace std::string_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class ImageFile : public TestFolder {};

TEST_F(ImageFile, EveryWriterRoundTrips) {
  Image image = sample_image();
  image.intensity = "fraction of beam";
  image.metadata["dose"] = 12.5;
  for (const char* name : {"a.tif", "a.TIFF", "a.npy"}) {
    write_image(at(name), image);
    const Image back = read_image(at(name));
    EXPECT_EQ(back.data, image.data) << name;
    EXPECT_EQ(back.height, 5) << name;
    EXPECT_EQ(back.title, "a") << name;
    EXPECT_EQ(back.metadata["file"], name);
  }
  EXPECT_EQ(read_image(at("a.tif")).pixel_size_nm, 0.0125);
  EXPECT_EQ(read_image(at("a.tif")).intensity, "fraction of beam");
  EXPECT_EQ(read_image(at("a.tif")).metadata["dose"], 12.5);
}

TEST_F(ImageFile, PngKeepsEightBits) {
  const Image image = sample_image();
  write_image(at("a.png"), image);
  const Image back = read_image(at("a.png"));
  const auto [low, high] = extremes(image);
  ASSERT_EQ(back.data.size(), image.data.size());
  for (std::size_t i = 0; i < image.data.size(); ++i) {
    EXPECT_NEAR(back.data[i], 255 * (image.data[i] - low) / (high - low), 0.501);
  }
  EXPECT_EQ(back.pixel_size_nm, 0.0125);
}

TEST_F(ImageFile, NothingIsLeftBehindByARefusedWrite) {
  Image image = sample_image();
  EXPECT_THAT(message_of([&] { write_image(at("a.bmp"), image); }), HasSubstr("not '.bmp'"));
  EXPECT_THAT(message_of([&] { write_image(at("a.tif"), Image()); }), HasSubstr("empty"));
  image.at(2, 3) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(message_of([&] { write_image(at("a.tif"), image); }), HasSubstr("row 2, column 3"));
  EXPECT_TRUE(std::filesystem::is_empty(at("")));
}

TEST_F(ImageFile, RefusesWhatIsNoImage) {
  EXPECT_THAT(message_of([&] { read_image(at("none.tif")); }), HasSubstr("none.tif"));
  EXPECT_THAT(message_of([&] { read_image(at("")); }), HasSubstr("folder"));
  EXPECT_THAT(message_of([&] { read_image(put("empty.tif", "")); }), HasSubstr("empty"));
  EXPECT_THAT(message_of([&] { read_image(put("a.tif", "x")); }), HasSubstr("not an image file"));
  EXPECT_THAT(message_of([&] { read_image(put("a.tif", std::string(5000, 'x'))); }), HasSubstr("not an image file"));
  EXPECT_THAT(message_of([&] { read_image(put("a.tif", std::string(5000, '\0'))); }), HasSubstr("not an image file"));
}

TEST_F(ImageFile, RefusesUnreadFormatsByName) {
  const std::pair<std::string, const char*> cases[] = {
      {"%PDF-1.7"s, "PDF"}, {"GIF89a"s, "GIF"}, {"MATLAB 5.0 MAT-file"s, "MATLAB"}, {"\x1F\x8B\x08"s, "gzip"}};
  for (const auto& [magic, name] : cases) {
    const auto path = put("a.bin", magic + std::string(2000, '\0'));
    EXPECT_THAT(message_of([&] { read_image(path); }), AllOf(HasSubstr(name), HasSubstr("not read"))) << name;
  }
}

TEST_F(ImageFile, CountsNotANumber) {
  std::string file = "\x93NUMPY\x01\x00\x37\x00{'descr':'<f4','fortran_order':False,'shape':(2,3)}   \n"s;
  const float values[6] = {1, 2, std::numeric_limits<float>::infinity(), 3, std::nanf(""), 4};
  file.append(reinterpret_cast<const char*>(values), sizeof values);
  EXPECT_THAT(message_of([&] { read_image(put("a.npy", file)); }),
              AllOf(HasSubstr("2 of 6"), HasSubstr("row 0, column 2")));
}

// Every beginning of a sound file, and the file with single bytes turned over, either reads or fails in one line.
TEST_F(ImageFile, DamagedFilesFailInOneLine) {
  const Image image = sample_image(9, 11);
  for (const char* name : {"a.tif", "a.npy", "a.png"}) {
    write_image(at(name), image);
    const std::string whole = read_file(at(name));
    for (std::size_t length = 1; length < whole.size(); length += 17) {
      const auto path = put("cut", whole.substr(0, length));
      EXPECT_NE(message_of([&] { read_image(path); }), "no error") << name << " cut to " << length;
    }
    for (std::size_t i = 0; i < whole.size(); i += 7) {
      std::string damaged = whole;
      damaged[i] = char(~damaged[i]);
      const auto path = put("damaged", damaged);
      message_of([&] { read_image(path); });
    }
  }
}

}  // namespace
}  // namespace colonnade
