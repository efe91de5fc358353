// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/ser.h"

#include <gmock/gmock.h>

#include "colonnade/image/formats/signal_form.h"
#include "colonnade/image/formats/test_damage.h"
#include "colonnade/image/formats/test_vendor_files.h"

namespace colonnade {
namespace {

using namespace test_files;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class Ser : public TestFolder {};

// Rows come from above; lengths are in metres.
TEST_F(Ser, BothVersionsAndByteOrders) {
  for (const bool wide : {false, true}) {
    for (const bool big_endian : {false, true}) {
      const auto path = put("a.dat", ser({.wide = wide, .big_endian = big_endian}));
      const Image image = read_image(path);
      EXPECT_THAT(image.data, ElementsAre(3, 4, 5, 0, 1, 2));
      EXPECT_NEAR(image.pixel_size_nm, 0.02, 1e-12);
      EXPECT_EQ(image.height, 2);
      EXPECT_EQ(read_signals(path)[0].type, SampleType::uint16);
    }
  }
}

TEST_F(Ser, ReciprocalMetresAreNoPixelSize) {
  const Image image = read_image(put("a.ser", ser({.step = 2e7})));
  EXPECT_EQ(image.pixel_size_nm, 0);
  EXPECT_THAT(image.metadata["scale_source"].get<std::string>(), HasSubstr("'1/nm' is no length"));
}

TEST_F(Ser, ASeriesIsFrames) {
  const auto path = put("a.ser", ser({.elements = 3, .valid = 3, .dimensions = {3}}));
  EXPECT_EQ(read_image(path).at(0, 0), 103);  // of 3, 103 and 203
  EXPECT_EQ(read_image(path, {"", 3}).at(0, 0), 203);
}

TEST_F(Ser, ABrokenSeriesKeepsWhatWasRecorded) {
  const auto path = put("a.ser", ser({.elements = 5, .valid = 2, .dimensions = {5}}));
  EXPECT_EQ(read_frames(path).size(), 2U);
  EXPECT_EQ(read_image(put("a.ser", ser({.elements = 5, .valid = 1, .dimensions = {5}}))).at(0, 0), 3);
  EXPECT_THAT(message_of([&] { read_image(put("a.ser", ser({.valid = 0}))); }), HasSubstr("broken off"));
}

TEST_F(Ser, Spectra) {
  const auto line = put("a.ser", ser({.width = 8, .height = 0}));
  EXPECT_THAT(message_of([&] { read_image(line); }), HasSubstr("holds a spectrum (8 channels), not an image"));
  const auto map = put("b.ser", ser({.elements = 6, .valid = 6, .width = 8, .height = 0, .dimensions = {3, 2}}));
  const StoredSignal signal = read_signals(map)[0];
  EXPECT_EQ(form_of(signal), SignalForm::spectrum_image);
  EXPECT_EQ(signal.axes[0].size, 2);
  EXPECT_EQ(signal.axes[1].size, 3);
  EXPECT_NEAR(signal.axes[1].scale, 0.5, 1e-12);
  EXPECT_EQ(signal.read(1, 1)[8], 400);  // the fifth spectrum: row 1, column 1
}

TEST_F(Ser, AMapThatBrokeOffKeepsItsWholeRows) {
  const auto map = put("b.ser", ser({.elements = 6, .valid = 5, .width = 8, .height = 0, .dimensions = {3, 2}}));
  const StoredSignal signal = read_signals(map)[0];
  EXPECT_EQ(signal.axes[0].size, 1);
  EXPECT_EQ(signal.read(0, 1).size(), 24U);
}

TEST_F(Ser, MetadataComeFromTheFileBeside) {
  put("a.emi", emi({80, 300}));
  const auto first = put("a_1.ser", ser({})), second = put("a_2.ser", ser({}));
  EXPECT_EQ(read_image(first).metadata["Acquisition_instrument"]["TEM"]["beam_energy"], 80);
  const Image image = read_image(second);
  const auto& tem = image.metadata["Acquisition_instrument"]["TEM"];
  EXPECT_EQ(tem["beam_energy"], 300);
  EXPECT_EQ(tem["camera_length"], 116);
  EXPECT_EQ(tem["dwell_time"], 2.9e-5);
  EXPECT_EQ(tem["acquisition_mode"], "STEM");
  EXPECT_EQ(image.metadata["General"]["date"], "Tue Oct 18");
  EXPECT_EQ(image.metadata["original_metadata"]["ObjectInfo"]["ExperimentalDescription"]["Root"]["Data"][1]["Value"],
            "STEM nP & more");
}

TEST_F(Ser, EmiOpensWhatLiesBesideIt) {
  const auto alone = put("a.emi", emi({80}));
  EXPECT_THAT(message_of([&] { read_image(alone); }), AllOf(HasSubstr("not the image"), HasSubstr("a_1.ser")));
  put("a_1.ser", ser({}));
  EXPECT_EQ(read_image(alone).at(0, 0), 3);
  put("a_2.ser", ser({}));
  EXPECT_THAT(message_of([&] { read_image(alone); }), HasSubstr("holds 2 images: 'a_1', 'a_2'"));
}

TEST_F(Ser, ABrokenEmiDoesNotMatter) {
  std::string broken = emi({80});
  broken[broken.find("<Root>")] = '?';
  put("a.emi", broken);
  EXPECT_EQ(read_image(put("a_1.ser", ser({}))).at(0, 0), 3);
}

TEST_F(Ser, DamageIsReadOrRefusedInOneLine) {
  expect_sound_under_damage(at(""), ser({.width = 40, .height = 20}), 150);
  expect_sound_under_damage(at(""), ser({.wide = true, .elements = 3, .valid = 3, .dimensions = {3}}), 150, 2);
}

TEST_F(Ser, AbsurdClaims) {
  std::string file = ser({});
  put_number<std::int32_t>(file, 14, 2000000000);
  put_number<std::int32_t>(file, 18, 2000000000);
  EXPECT_THAT(message_of([&] { read_image(put("a", file)); }), HasSubstr("truncated"));
  file = ser({});
  put_number<std::int32_t>(file, file.size() - 36 - 8, 1 << 19);  // the width of the element
  EXPECT_THAT(message_of([&] { read_image(put("a", file)); }), HasSubstr("truncated"));
  file = ser({});
  put_number<std::uint16_t>(file, 4, 0x300);
  EXPECT_THAT(message_of([&] { read_image(put("a", file)); }), HasSubstr("version 0x300"));
}

}  // namespace
}  // namespace colonnade
