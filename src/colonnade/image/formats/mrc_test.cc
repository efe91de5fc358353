// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/mrc.h"

#include <algorithm>
#include <cstdint>
#include <gmock/gmock.h>

#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/formats/test_files.h"
#include "colonnade/image/test_folder.h"

namespace colonnade {
namespace {

using namespace std::string_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// Bytes of an MRC file under construction: 3 columns, 2 rows.
struct Builder {
  bool big_endian = false;
  std::string head = std::string(1024, '\0');

  explicit Builder(int mode, bool big = false) : big_endian(big) {
    set(0, 3);
    set(4, 2);
    set(8, 1);
    set(12, mode);
    set(28, 3);
    set(32, 2);
    set(36, 1);
    for (int axis = 0; axis < 3; ++axis) set(std::size_t(64 + 4 * axis), axis + 1);
    head.replace(208, 4, "MAP ");
  }
  template <class T>
  std::string bytes(T value) const {
    std::string text(reinterpret_cast<const char*>(&value), sizeof value);
    if (big_endian) std::reverse(text.begin(), text.end());
    return text;
  }
  void set(std::size_t offset, std::int32_t value) { head.replace(offset, 4, bytes(value)); }
  void set_number(std::size_t offset, float value) { head.replace(offset, 4, bytes(value)); }
  template <class T>
  std::string file(const std::string& extended = "") const {
    std::string text = head + extended;
    for (const int value : {1, 2, 3, 4, 5, 100}) text += bytes(T(value));
    return text;
  }
};

class Mrc : public TestFolder {};

TEST_F(Mrc, EveryModeInBothByteOrders) {
  const auto check = [&](int mode, auto sample) {
    for (const bool big : {false, true}) {
      const Image image = read_image(put("a.mrc", Builder(mode, big).file<decltype(sample)>()));
      EXPECT_THAT(image.data, ElementsAre(1, 2, 3, 4, 5, 100)) << mode << ' ' << big;
      EXPECT_EQ(image.height, 2);
      EXPECT_EQ(image.width, 3);
      EXPECT_EQ(image.pixel_size_nm, 0);
    }
  };
  check(0, std::int8_t());
  check(1, std::int16_t());
  check(2, float());
  check(6, std::uint16_t());
  const std::string halves = "\x00\x3C\x00\x40\x00\x42\x00\x44\x00\x45\x40\x56"s;
  EXPECT_THAT(read_image(put("a.mrc", Builder(12).head + halves)).data, ElementsAre(1, 2, 3, 4, 5, 100));
}

TEST_F(Mrc, TheMachineStampDecidesWhereBothOrdersMakeSense) {
  Builder builder(0);
  builder.set(0, 0x00010000);  // 256 in the other order
  builder.set(4, 1);
  builder.head.replace(212, 2, "\x44\x44");
  EXPECT_EQ(read_image(put("a.mrc", builder.head + std::string(65536, '\1'))).width, 65536);
}

TEST_F(Mrc, BytesAreSignedUnlessImodSaysOtherwise) {
  const std::string data = "\xFF\1\1\1\1\1"s;
  Builder builder(0);
  EXPECT_EQ(read_image(put("a.mrc", builder.head + data)).at(0, 0), -1);
  builder.set(152, 1146047817);
  EXPECT_EQ(read_image(put("a.mrc", builder.head + data)).at(0, 0), 255);
  builder.set(156, 1);
  EXPECT_EQ(read_image(put("a.mrc", builder.head + data)).at(0, 0), -1);
}

TEST_F(Mrc, ScaleFromTheCell) {
  Builder builder(2);
  builder.set_number(40, 0.6F);
  builder.set_number(44, 0.4F);
  const Image image = read_image(put("a.mrc", builder.file<float>()));
  EXPECT_NEAR(image.pixel_size_nm, 0.02, 1e-9);
  EXPECT_THAT(std::string(image.metadata["scale_source"]), HasSubstr("cell"));
  builder.set_number(44, 0.8F);
  EXPECT_THAT(message_of([&] { read_image(put("a.mrc", builder.file<float>())); }), HasSubstr("not square"));
  builder.set_number(44, -1);
  EXPECT_EQ(read_image(put("a.mrc", builder.file<float>())).pixel_size_nm, 0);
}

TEST_F(Mrc, ExtendedHeadersAreSkipped) {
  Builder builder(1);
  builder.set(92, 909312);
  EXPECT_THAT(read_image(put("a.mrc", builder.file<std::int16_t>(std::string(909312, '\7')))).data,
              ElementsAre(1, 2, 3, 4, 5, 100));
  EXPECT_THAT(message_of([&] { read_image(put("a.mrc", builder.file<std::int16_t>())); }), HasSubstr("truncated"));
  builder.set(92, -4);
  EXPECT_THAT(message_of([&] { read_image(put("a.mrc", builder.file<std::int16_t>())); }), HasSubstr("negative"));
  builder.set(92, 2147483647);
  EXPECT_THAT(message_of([&] { read_image(put("a.mrc", builder.file<std::int16_t>())); }), HasSubstr("truncated"));
}

TEST_F(Mrc, SectionsAreFramesOrTheDepthOfAVolume) {
  Builder builder(1);
  builder.set(8, 2);
  std::string two = builder.file<std::int16_t>();
  for (const int value : {3, 4, 5, 6, 7, 102}) two += builder.bytes(std::int16_t(value));
  const auto path = put("a.mrc", two);
  EXPECT_THAT(read_image(path).data, ElementsAre(2, 3, 4, 5, 6, 101));
  EXPECT_THAT(read_image(path, {"", 2}).data, ElementsAre(3, 4, 5, 6, 7, 102));
  EXPECT_EQ(read_signals(path)[0].axes[0].name, "frame");
  builder.set(88, 1);
  EXPECT_EQ(read_signals(put("a.mrc", builder.head + two.substr(1024)))[0].axes[0].name, "depth");
  builder.set(88, 0);
  EXPECT_THAT(message_of([&] { read_image(put("a.mrc", builder.file<std::int16_t>())); }),
              AllOf(HasSubstr("truncated"), HasSubstr("2 x 2 x 3 numbers")));
  builder.set(8, 2147483647);
  EXPECT_THAT(message_of([&] { read_image(put("a.mrc", builder.file<std::int16_t>())); }), HasSubstr("truncated"));
}

TEST_F(Mrc, FourBitsToThePixel) {
  // Three columns: two bytes to the row, the last half unused; the first pixel in the low half.
  const Image image = read_image(put("a.mrc", Builder(101).head + "\x21\x03\xF4\x0A"s));
  EXPECT_THAT(image.data, ElementsAre(1, 2, 3, 4, 15, 10));
}

TEST_F(Mrc, ExtendedHeadersOfFei) {
  for (const std::size_t size : {768, 888}) {
    Builder builder(1);
    builder.set(92, int(size));
    builder.head.replace(104, 4, size == 768 ? "FEI1" : "FEI2");
    builder.set_number(40, 3e7F);  // a cell in the wrong unit, as some versions write it
    builder.set_number(44, 2e7F);
    const Image image = read_image(put("a.mrc", builder.file<std::int16_t>(test_files::fei_record(size))));
    EXPECT_NEAR(image.pixel_size_nm, 0.02, 1e-12);
    EXPECT_EQ(image.title, "HAADF");
    const auto& microscope = image.metadata["Acquisition_instrument"]["TEM"];
    EXPECT_DOUBLE_EQ(double(microscope["beam_energy"]), 200);
    EXPECT_DOUBLE_EQ(double(microscope["convergence_angle"]), 21.4);
    EXPECT_DOUBLE_EQ(double(microscope["dwell_time"]), 5e-6);
    EXPECT_DOUBLE_EQ(double(image.metadata["original_metadata"]["extended_header"]["HT"]), 200e3);
  }
  Builder other(1);
  other.set(92, 888);
  other.head.replace(104, 4, "SERI");
  EXPECT_EQ(read_image(put("a.mrc", other.file<std::int16_t>(test_files::fei_record(888)))).pixel_size_nm, 0);
}

TEST_F(Mrc, RefusesWhatItCannotRead) {
  for (const int mode : {3, 4, 16}) {
    EXPECT_THAT(message_of([&] { read_image(put("a.mrc", Builder(mode).file<float>())); }),
                HasSubstr(fmt::format("mode {}", mode)));
  }
  Builder builder(2);
  builder.set(0, 1 << 20);
  builder.set(4, 1 << 20);
  EXPECT_THAT(message_of([&] { read_image(put("a.mrc", builder.file<float>())); }), HasSubstr("2^31"));
  builder.set(0, -3);
  const auto path = put("a.mrc", builder.file<float>());
  EXPECT_THAT(message_of([&] { signals_of_mrc(path); }), HasSubstr("damaged"));
  EXPECT_THAT(message_of([&] { read_image(path); }), HasSubstr("not an image file"));
}

TEST_F(Mrc, IsKnownByItsContent) {
  Builder builder(2);
  EXPECT_TRUE(is_mrc(builder.head));
  EXPECT_TRUE(is_mrc(Builder(1, true).head));
  builder.head.replace(208, 4, 4, '\0');
  EXPECT_TRUE(is_mrc(builder.head));  // before 2000 there was no MAP
  builder.set(64, 7);
  EXPECT_FALSE(is_mrc(builder.head));
  EXPECT_FALSE(is_mrc(std::string(1024, '\0')));
  EXPECT_FALSE(is_mrc(std::string(1024, ' ')));
  EXPECT_FALSE(is_mrc("MAP "));
  EXPECT_EQ(read_image(put("a.bin", Builder(6).file<std::uint16_t>())).metadata["format"], "MRC");
}

}  // namespace
}  // namespace colonnade
