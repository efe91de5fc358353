// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/npy.h"

#include <algorithm>
#include <cstdint>
#include <gmock/gmock.h>

#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/test_folder.h"

namespace colonnade {
namespace {

using namespace std::string_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class Npy : public TestFolder {
 protected:
  std::string error(const std::string& bytes) const {
    return message_of([&] { read_image(put("a.npy", bytes)); });
  }
};

std::string make_npy(const std::string& header, const std::string& data, int version = 1) {
  std::string text = header + "\n", file = "\x93NUMPY"s + char(version) + '\0';
  file += char(text.size() & 255);
  file += char(text.size() >> 8);
  if (version > 1) file += "\0\0"s;
  return file + text + data;
}

std::string dictionary(const std::string& descr, const std::string& shape, bool fortran = false) {
  return fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}", descr, fortran ? "True" : "False", shape);
}

template <class T>
std::string bytes_of(std::initializer_list<T> values, bool big_endian) {
  std::string bytes;
  for (const T value : values) {
    std::string one(reinterpret_cast<const char*>(&value), sizeof value);
    if (big_endian) std::reverse(one.begin(), one.end());
    bytes += one;
  }
  return bytes;
}

TEST_F(Npy, EveryTypeAndOrder) {
  const auto check = [&](const std::string& type, auto sample) {
    using T = decltype(sample);
    for (const bool big : {false, true}) {
      const std::string data = bytes_of<T>({T(1), T(2), T(3), T(4), T(5), T(100)}, big);
      const std::string descr = (sizeof(T) == 1 ? "|" : big ? ">" : "<") + type;
      const Image image = read_image(put("a.npy", make_npy(dictionary(descr, "(2, 3)"), data)));
      EXPECT_THAT(image.data, ElementsAre(1, 2, 3, 4, 5, 100)) << descr;
      EXPECT_EQ(image.height, 2);
      EXPECT_EQ(image.width, 3);
    }
  };
  check("i1", std::int8_t());
  check("u1", std::uint8_t());
  check("i2", std::int16_t());
  check("u2", std::uint16_t());
  check("i4", std::int32_t());
  check("u4", std::uint32_t());
  check("i8", std::int64_t());
  check("u8", std::uint64_t());
  check("f4", float());
  check("f8", double());
  EXPECT_THAT(read_image(put("a.npy", make_npy(dictionary("<f2", "(1, 2)"), "\x00\x3E\x00\xC1"s))).data,
              ElementsAre(1.5F, -2.5F));
  EXPECT_THAT(read_image(put("a.npy", make_npy(dictionary(">f2", "(1, 2)"), "\x3E\x00\xC1\x00"s))).data,
              ElementsAre(1.5F, -2.5F));
  EXPECT_THAT(read_image(put("a.npy", make_npy(dictionary("|b1", "(1, 2)"), "\1\0"s))).data, ElementsAre(1, 0));
}

TEST_F(Npy, FortranOrderVersionsAndSpellings) {
  const std::string data = bytes_of<float>({1, 4, 2, 5, 3, 6}, false);
  for (const int version : {1, 2, 3}) {
    const Image image = read_image(put("a.npy", make_npy(dictionary("<f4", "(2, 3)", true), data, version)));
    EXPECT_THAT(image.data, ElementsAre(1, 2, 3, 4, 5, 6));
  }
  const std::string other = R"({"shape":(2L,3L),"fortran_order":False,"descr":"<f4"})";
  EXPECT_THAT(read_image(put("a.npy", make_npy(other, data))).data, ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_EQ(read_image(put("a.npy", make_npy(dictionary("<f4", "(1, 3, 2)"), data))).height, 3);
}

TEST_F(Npy, PlanesAreFramesWithAWarning) {
  const auto path = put("a.npy", make_npy(dictionary("<f4", "(2, 1, 2)"), bytes_of<float>({1, 2, 3, 6}, false)));
  testing::internal::CaptureStderr();
  EXPECT_THAT(read_image(path).data, ElementsAre(2, 4));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("2 planes are taken as frames"));
  EXPECT_THAT(read_image(path, {"", 2}).data, ElementsAre(3, 6));
  // Fortran order of three axes: the first index runs fastest.
  std::string data;
  for (const float value : {111, 211, 121, 221, 112, 212, 122, 222, 113, 213, 123, 223})
    data += bytes_of({value}, false);
  const auto other = put("b.npy", make_npy(dictionary("<f4", "(2, 2, 3)", true), data));
  EXPECT_THAT(read_image(other, {"", 2}).data, ElementsAre(211, 212, 213, 221, 222, 223));
}

TEST_F(Npy, RefusesOtherShapesAndTypes) {
  const std::string data(4000, '\1');
  EXPECT_THAT(error(make_npy(dictionary("<f4", "(2, 2, 2, 5, 5)"), data)), HasSubstr("not an image"));
  EXPECT_THAT(error(make_npy(dictionary("<f4", "(6,)"), data)),
              AllOf(HasSubstr("6 channels"), HasSubstr("not an image")));
  EXPECT_THAT(error(make_npy(dictionary("<f4", "()"), data)), HasSubstr("not an image"));
  EXPECT_THAT(error(make_npy(dictionary("<f4", "(0, 5)"), data)), HasSubstr("holds no numbers"));
  EXPECT_THAT(error(make_npy(dictionary("<f4", "(-2, -2)"), data)), HasSubstr("holds no numbers"));
  EXPECT_THAT(error(make_npy(dictionary("<c8", "(2, 2)"), data)), HasSubstr("'<c8'"));
  EXPECT_THAT(error(make_npy(dictionary("|O", "(2, 2)"), data)), HasSubstr("'|O'"));
  EXPECT_THAT(error(make_npy(dictionary("", "(2, 2)"), data)), HasSubstr("''"));
  EXPECT_THAT(error(make_npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2, 2), }", data)),
              HasSubstr("records"));
}

TEST_F(Npy, RefusesDamage) {
  const std::string data = bytes_of<float>({1, 2, 3, 4, 5, 6}, false);
  const std::string whole = make_npy(dictionary("<f4", "(2, 3)"), data);
  for (std::size_t length = 6; length < whole.size(); ++length) {
    EXPECT_THAT(error(whole.substr(0, length)), HasSubstr("truncated")) << length;
  }
  EXPECT_THAT(error(make_npy(dictionary("<f4", "(40000, 50000)"), data)), HasSubstr("truncated"));
  EXPECT_THAT(error(make_npy(dictionary("<f4", "(99999999999, 99999999999)"), data)), HasSubstr("2^40"));
  EXPECT_THAT(error(make_npy(dictionary("<f4", "(999999999999999999999999, 2)"), data)), HasSubstr("shape"));
  EXPECT_THAT(error(make_npy(dictionary("<f4", "(2; 3)"), data)), HasSubstr("shape"));
  EXPECT_THAT(error(make_npy(dictionary("<f4", "2"), data)), HasSubstr("shape"));
  EXPECT_THAT(error(make_npy("{'descr': '<f4'}", data)), HasSubstr("no 'fortran_order'"));
  EXPECT_THAT(error(make_npy("{'descr'", data)), HasSubstr("no 'descr'"));
  EXPECT_THAT(error("\x93NUMPY\x09\x00\x00\x00"s), HasSubstr("version 9"));
  EXPECT_THAT(error("\x93NUMPY\x02\x00\xFF\xFF\xFF\xFF"s + data), HasSubstr("claims 4294967295 bytes"));
}

TEST_F(Npy, WritesWhatNumpyExpects) {
  const Image image = sample_image();
  write_npy(at("a.npy"), image);
  const std::string bytes = read_file(at("a.npy"));
  EXPECT_EQ(bytes.substr(0, 8), "\x93NUMPY\1\0"s);
  const std::size_t data = bytes.size() - image.data.size() * 4;
  EXPECT_EQ(data % 64, 0U);
  EXPECT_EQ(std::size_t(static_cast<unsigned char>(bytes[8])) + 10, data);
  EXPECT_EQ(bytes[data - 1], '\n');
  EXPECT_THAT(bytes, HasSubstr("{'descr': '<f4', 'fortran_order': False, 'shape': (5, 7), }"));
  EXPECT_EQ(read_image(at("a.npy")).data, image.data);
}

TEST_F(Npy, AFullDiskIsAnError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  EXPECT_THAT(message_of([] { write_npy("/dev/full", sample_image()); }), HasSubstr("disk full"));
}

}  // namespace
}  // namespace colonnade
