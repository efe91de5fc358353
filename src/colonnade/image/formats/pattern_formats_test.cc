// SPDX-License-Identifier: GPL-3.0-or-later
// BLO and MIB: diffraction patterns at the points of a scan.
#include <gmock/gmock.h>

#include "colonnade/image/formats/blo.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/formats/mib.h"
#include "colonnade/image/formats/test_files.h"
#include "colonnade/image/test_folder.h"

namespace colonnade {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class PatternFormats : public TestFolder {};

TEST_F(PatternFormats, BloHoldsAnImageAndPatterns) {
  const auto path = put("a.blo", test_files::blo());
  const auto signals = read_signals(path);
  ASSERT_THAT(signals, SizeIs(2));
  const StoredSignal& patterns = signals[1];
  ASSERT_THAT(patterns.axes, SizeIs(4));
  EXPECT_EQ(patterns.axes[2].unit, "mrad");
  EXPECT_NEAR(patterns.axes[2].scale, 0.1 / 250 * 1e3, 1e-12);  // 0.1 mm to the pixel at 250 mm
  EXPECT_EQ(patterns.axes[0].size, 2);
  EXPECT_TRUE(patterns.axes[1].navigation);
  const auto row = patterns.read(1, 1);
  ASSERT_THAT(row, SizeIs(48));
  EXPECT_THAT((std::vector{row[0], row[16], row[32], row[17]}), ElementsAre(3, 4, 5, 101));
  const Image image = read_image(path);  // the bright field is the only image
  EXPECT_THAT(image.data, ElementsAre(10, 11, 12, 13, 14, 15));
  EXPECT_DOUBLE_EQ(image.pixel_size_nm, 0.5);
  EXPECT_EQ(image.metadata["Acquisition_instrument"]["TEM"]["beam_energy"], 200.0);
}

TEST_F(PatternFormats, BloThatIsCutShortOrAbsurd) {
  const std::string whole = test_files::blo();
  for (std::size_t tenth = 1; tenth < 10; ++tenth) {
    const auto path = put("cut.blo", whole.substr(0, whole.size() * tenth / 10));
    EXPECT_THAT(message_of([&] { read_signals(path); }), HasSubstr("truncated")) << tenth;
  }
  std::string absurd = whole;
  test_files::put_number<std::uint16_t>(absurd, 20, 65535);
  EXPECT_THAT(message_of([&] { signals_of_blo(put("a.blo", absurd)); }), HasSubstr("truncated"));
  test_files::put_number<std::uint16_t>(absurd, 20, 0);
  EXPECT_THAT(message_of([&] { signals_of_blo(put("a.blo", absurd)); }), HasSubstr("damaged"));
}

TEST_F(PatternFormats, MibFrames) {
  for (const auto& [type, bytes] : {std::pair("U08", 1), {"U16", 2}, {"U32", 4}}) {
    const auto signals = signals_of_mib(put("a.mib", test_files::mib(4, type, bytes)));
    ASSERT_THAT(signals, SizeIs(1));
    ASSERT_THAT(signals[0].axes, SizeIs(3));
    EXPECT_EQ(signals[0].axes[0].size, 4);
    EXPECT_THAT(signals[0].read(2, 1), ElementsAre(3, 4, 5, 6, 7, 8)) << type;
  }
  const auto single = signals_of_mib(put("a.mib", test_files::mib(1)));
  EXPECT_THAT(single[0].axes, SizeIs(2));
  EXPECT_THAT(single[0].read(1, 1), ElementsAre(4, 5, 6));
}

TEST_F(PatternFormats, MibScanByTheFileBesideIt) {
  put("scan.hdr", "HDR,\t\nFrames per Trigger (Number):\t3\nFrames in Acquisition (Number):\t6\nEnd\t");
  const auto signals = signals_of_mib(put("scan.mib", test_files::mib(6)));
  ASSERT_THAT(signals[0].axes, SizeIs(4));
  EXPECT_EQ(signals[0].axes[0].size, 2);
  EXPECT_EQ(signals[0].axes[1].size, 3);
  const auto row = signals[0].read(1, 1);
  EXPECT_THAT((std::vector{row[0], row[6], row[12]}), ElementsAre(4, 5, 6));
  EXPECT_EQ(signals[0].original["hdr"]["Frames per Trigger (Number)"], "3");
}

TEST_F(PatternFormats, MibThatIsDamaged) {
  const std::string whole = test_files::mib(1);
  for (std::size_t tenth = 1; tenth < 10; ++tenth) {
    const auto path = put("cut.mib", whole.substr(0, whole.size() * tenth / 10));
    EXPECT_THAT(message_of([&] { read_signals(path); }), HasSubstr("truncated")) << tenth;
  }
  testing::internal::CaptureStderr();  // a recording that was stopped keeps its whole frames
  const auto cut = signals_of_mib(put("a.mib", test_files::mib(3).substr(0, 1000)));
  EXPECT_EQ(cut[0].axes[0].size, 2);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("cut short"));
  std::string raw = whole;
  raw.replace(raw.find("U16"), 3, "R64");
  EXPECT_THAT(message_of([&] { read_signals(put("a.mib", raw)); }), HasSubstr("raw"));
  std::string absurd = whole;
  absurd.replace(absurd.find("0003"), 4, "9999");
  EXPECT_THAT(message_of([&] { read_signals(put("a.mib", absurd)); }), HasSubstr("truncated"));
  absurd.replace(absurd.find("9999"), 4, "-001");
  EXPECT_THAT(message_of([&] { read_signals(put("a.mib", absurd)); }), HasSubstr("damaged"));
}

}  // namespace
}  // namespace colonnade
