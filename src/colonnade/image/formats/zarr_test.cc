// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>

#include "colonnade/image/formats/signal_form.h"
#include "colonnade/image/formats/test_damage.h"
#include "colonnade/image/formats/test_zarr_files.h"
#include "colonnade/image/formats/zarr_store.h"

namespace colonnade {
namespace {

using test_files::zspy;
using testing::HasSubstr;

class Zspy : public TestFolder {
 protected:
  std::filesystem::path folder(const std::vector<std::pair<std::string, std::string>>& files,
                               const std::string& name = "a.zspy") const {
    for (const auto& [key, contents] : files) {
      std::filesystem::create_directories((at(name) / key).parent_path());
      write_file(at(name) / key, contents);
    }
    return at(name);
  }
};

void expect_the_sample(const Image& image) {
  EXPECT_EQ(image.height, 5);
  EXPECT_EQ(image.width, 7);
  EXPECT_EQ(image.title, "Pt particle");
  EXPECT_NEAR(image.pixel_size_nm, 0.02, 1e-12);
  for (int y = 0; y < 5; ++y) {
    for (int x = 0; x < 7; ++x) {
      EXPECT_EQ(image.at(y, x), y == 4 && x == 6 ? -1 : float(10 * y + x)) << y << ' ' << x;
    }
  }
}

TEST_F(Zspy, EveryPacking) {
  for (const char* packing : {"", "blosc", "zlib", "zstd"}) {
    SCOPED_TRACE(packing);
    expect_the_sample(
        read_image(folder(zspy({.packing = packing}), fmt::format("{}.zspy", packing[0] ? packing : "x"))));
  }
}

TEST_F(Zspy, OtherLayouts) {
  expect_the_sample(read_image(folder(zspy({.type = ">i2"}), "a")));
  expect_the_sample(read_image(folder(zspy({.order = "F"}), "b")));
  expect_the_sample(read_image(folder(zspy({.separator = "/"}), "c")));
  const StoredSignal signal = read_signals(at("a"))[0];
  EXPECT_EQ(signal.type, SampleType::int16);
  EXPECT_EQ(signal.read(3, 2)[1], 31);
  EXPECT_EQ(signal.axes[0].offset, 1);
}

TEST_F(Zspy, InAZipFile) {
  ASSERT_TRUE(test_files::write_zip(at("a.zip"), zspy(), false));
  expect_the_sample(read_image(at("a.zip")));
}

TEST_F(Zspy, WhatIsRefused) {
  auto files = zspy({.type = "<c8"});
  EXPECT_THAT(message_of([&] { read_image(folder(files, "a")); }), HasSubstr("type '<c8'"));
  EXPECT_THAT(message_of([&] { read_image(folder(zspy({.packing = "lzma"}), "b")); }), HasSubstr("packed by 'lzma'"));
  EXPECT_THAT(message_of([&] { read_image(folder({{"zarr.json", "{}"}}, "c")); }), HasSubstr("version 3"));
  EXPECT_THAT(message_of([&] { read_image(folder({{".zgroup", "{}"}}, "d")); }), HasSubstr("no signal"));
  EXPECT_THAT(message_of([&] { read_image(folder({{"readme", "x"}}, "e")); }), HasSubstr("folder"));
}

TEST_F(Zspy, ABrokenChunk) {
  for (const char* packing : {"", "blosc", "zlib", "zstd"}) {
    SCOPED_TRACE(packing);
    const auto path = folder(zspy({.packing = packing}), fmt::format("{}.zspy", packing[0] ? packing : "x"));
    const auto chunk = path / "Experiments/HAADF/data/1.1";
    const std::string whole = read_file(chunk);
    for (std::size_t length = 1; length < whole.size(); length += 3) {
      write_file(chunk, whole.substr(0, length));
      EXPECT_THAT(message_of([&] { read_image(path); }), HasSubstr("1.1 is damaged or cut short"));
    }
  }
}

TEST_F(Zspy, ClaimsBeyondTheChunks) {
  const auto path = folder(zspy({.columns = 2000000000}));
  EXPECT_THAT(message_of([&] { read_image(path); }), HasSubstr("limit of 2^31 pixels"));
  const auto wide = folder(zspy({.columns = 100000000}), "b");
  EXPECT_THAT(message_of([&] { read_image(wide); }), HasSubstr("more than its chunks can hold"));
}

TEST_F(Zspy, DamageIsReadOrRefusedInOneLine) {
  ASSERT_TRUE(test_files::write_zip(at("a.zip"), zspy(), false));
  expect_sound_under_damage(at(""), read_file(at("a.zip")), 150);
}

}  // namespace
}  // namespace colonnade
