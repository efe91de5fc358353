// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/raw_samples.h"

#include <gmock/gmock.h>

#include "colonnade/image/formats/byte_source.h"
#include "colonnade/image/test_folder.h"

namespace colonnade {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(RawSamples, EveryTypeInBothByteOrders) {
  struct Case {
    SampleType type;
    float value;
    std::string big_endian;
  };
  const Case cases[] = {{SampleType::boolean, 1, "\1"s},
                        {SampleType::int8, -2, "\xFE"s},
                        {SampleType::uint8, 254, "\xFE"s},
                        {SampleType::int16, -200, "\xFF\x38"s},
                        {SampleType::uint16, 65336, "\xFF\x38"s},
                        {SampleType::int32, -500, "\xFF\xFF\xFE\x0C"s},
                        {SampleType::uint32, 4294966784.0F, "\xFF\xFF\xFE\0"s},
                        {SampleType::int64, -16, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xF0"s},
                        {SampleType::uint64, 9223372036854775808.0F, "\x80\0\0\0\0\0\0\0"s},
                        {SampleType::float16, -2.5F, "\xC1\0"s},
                        {SampleType::float32, 1.25F, "\x3F\xA0\0\0"s},
                        {SampleType::float64, -1.5F, "\xBF\xF8\0\0\0\0\0\0"s}};
  for (const Case& c : cases) {
    ASSERT_EQ(c.big_endian.size(), byte_size(c.type));
    const std::string little_endian(c.big_endian.rbegin(), c.big_endian.rend());
    EXPECT_THAT(to_floats(c.big_endian + c.big_endian, c.type, true), ElementsAre(c.value, c.value));
    EXPECT_THAT(to_floats(little_endian, c.type, false), ElementsAre(c.value));
  }
}

TEST(RawSamples, ShapesThatAreOneImage) {
  EXPECT_EQ(image_shape("a", {3, 4}).height, 3);
  EXPECT_EQ(image_shape("a", {1, 1, 3, 4}).width, 4);
  EXPECT_EQ(image_shape("a", {1, 4}).height, 1);
  EXPECT_THAT(message_of([] { image_shape("a.npy", {6, 256, 128}); }), HasSubstr("a.npy: shape (6, 256, 128)"));
  EXPECT_THAT(message_of([] { image_shape("a", {7}); }), HasSubstr("(7)"));
  EXPECT_THAT(message_of([] { image_shape("a", {}); }), HasSubstr("()"));
  EXPECT_THAT(message_of([] { image_shape("a", {0, 4}); }), HasSubstr("no pixels"));
  EXPECT_THAT(message_of([] { image_shape("a", {4, -1}); }), HasSubstr("no pixels"));
  EXPECT_THAT(message_of([] { image_shape("a", {65536, 32769}); }), HasSubstr("2^31"));
  EXPECT_THAT(message_of([] { image_shape("a", {std::int64_t(1) << 62, std::int64_t(1) << 62}); }), HasSubstr("2^31"));
  EXPECT_EQ(image_shape("a", {65536, 32768}).pixels(), std::size_t(1) << 31);
}

class ByteSourceTest : public TestFolder {};

TEST_F(ByteSourceTest, NeverLeavesTheFile) {
  ByteSource source(put("a", "0123456789"));
  EXPECT_EQ(source.size(), 10U);
  EXPECT_EQ(source.read(2, 3), "234");
  EXPECT_EQ(source.read(10, 0), "");
  EXPECT_EQ(source.read_at_most(8, 100), "89");
  EXPECT_THAT(message_of([&] { source.read(8, 3); }), HasSubstr("truncated"));
  EXPECT_THAT(message_of([&] { source.read(5, ~std::uint64_t(0)); }), HasSubstr("truncated"));
  EXPECT_THAT(message_of([&] { source.read(~std::uint64_t(0), 5); }), HasSubstr("truncated"));
  EXPECT_EQ(source.read(0, 10), "0123456789");
}

}  // namespace
}  // namespace colonnade
