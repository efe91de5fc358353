// SPDX-License-Identifier: GPL-3.0-or-later
// NPZ and Nion Swift's files: arrays inside a ZIP file.
#include <gmock/gmock.h>

#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/formats/test_files.h"
#include "colonnade/image/test_folder.h"

namespace colonnade {
namespace {

using test_files::nion_properties;
using test_files::npy;
using test_files::ramp;
using test_files::write_zip;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class PackedFormats : public TestFolder {};

TEST_F(PackedFormats, NpzOfOneArrayAndOfSeveral) {
  for (const bool deflated : {false, true}) {
    ASSERT_TRUE(write_zip(at("one.npz"), {{"haadf.npy", npy("<f4", "(2, 3)", ramp(6))}}, deflated));
    const Image image = read_image(at("one.npz"));
    EXPECT_THAT(image.data, ElementsAre(0, 1, 2, 3, 4, 5));
    EXPECT_EQ(image.title, "haadf");
    EXPECT_EQ(image.metadata["format"], "NPZ");
  }
  ASSERT_TRUE(write_zip(at("two.npz"),
                        {{"a.npy", npy("<f4", "(2, 3)", ramp(6))}, {"b.npy", npy("<f4", "(1, 2)", ramp(2))}}, true));
  EXPECT_THAT(message_of([&] { read_image(at("two.npz")); }), AllOf(HasSubstr("'a', 'b'"), HasSubstr("--signal")));
  EXPECT_THAT(read_image(at("two.npz"), {"b", 0}).data, ElementsAre(0, 1));
}

TEST_F(PackedFormats, ZipFilesThatAreNeither) {
  ASSERT_TRUE(write_zip(at("a.npz"), {{"a.npy", "no array"}}, true));
  EXPECT_THAT(message_of([&] { read_image(at("a.npz")); }), HasSubstr("'a.npy' is no NPY array"));
  ASSERT_TRUE(write_zip(at("a.zip"), {{"letter.txt", "Dear"}}, true));
  EXPECT_THAT(message_of([&] { read_image(at("a.zip")); }), HasSubstr("unpack"));
  ASSERT_TRUE(write_zip(at("a.npz"), {{"a.npy", npy("<f4", "(50000, 40000)", ramp(6))}}, true));
  EXPECT_THAT(message_of([&] { read_image(at("a.npz")); }), HasSubstr("truncated"));
}

TEST_F(PackedFormats, DamagedZipFilesFailInOneLine) {
  ASSERT_TRUE(write_zip(at("whole"), {{"haadf.npy", npy("<f4", "(8, 9)", ramp(72))}}, true));
  const std::string whole = read_file(at("whole"));
  for (std::size_t length = 1; length < whole.size(); length += whole.size() / 40) {
    EXPECT_NE(message_of([&] { read_image(put("cut", whole.substr(0, length))); }), "no error") << length;
  }
  std::string other_data = whole;
  other_data[60] = char(~other_data[60]);  // inside the deflated array: its checksum tells
  EXPECT_NE(message_of([&] { read_image(put("damaged", other_data)); }), "no error");
}

TEST_F(PackedFormats, NionSwift) {
  ASSERT_TRUE(write_zip(at("a.ndata"),
                        {{"data.npy", npy("<f4", "(2, 3)", ramp(6))}, {"metadata.json", nion_properties()}}, false));
  const Image image = read_image(at("a.ndata"));
  EXPECT_THAT(image.data, ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_DOUBLE_EQ(image.pixel_size_nm, 0.02);
  EXPECT_EQ(image.title, "HAADF");
  EXPECT_EQ(image.metadata["Acquisition_instrument"]["TEM"]["beam_energy"], 100.0);
  EXPECT_DOUBLE_EQ(double(image.metadata["Acquisition_instrument"]["TEM"]["dwell_time"]), 8e-6);
  EXPECT_EQ(image.metadata["General"]["date"], "2024-05-06");
  EXPECT_EQ(image.metadata["original_metadata"]["is_sequence"], false);
  EXPECT_THAT(std::string(image.metadata["scale_source"]), HasSubstr("Nion"));
}

TEST_F(PackedFormats, NionSequencesAndPatterns) {
  const std::string calibration = R"({"scale": 0.5, "units": "nm"})", angle = R"({"scale": 0.001, "units": "rad"})";
  const auto properties = [](const std::string& calibrations, bool sequence, int datum) {
    return fmt::format(R"({{"spatial_calibrations": [{}], "is_sequence": {}, "datum_dimension_count": {}}})",
                       calibrations, sequence, datum);
  };
  ASSERT_TRUE(write_zip(
      at("movie.ndata"),
      {{"data.npy", npy("<f4", "(2, 1, 3)", ramp(6))},
       {"metadata.json", properties(R"({"scale": 1, "units": "s"},)" + calibration + "," + calibration, true, 2)}},
      false));
  const Image mean = read_image(at("movie.ndata"));
  EXPECT_THAT(mean.data, ElementsAre(1.5, 2.5, 3.5));
  EXPECT_DOUBLE_EQ(mean.pixel_size_nm, 0.5);
  ASSERT_TRUE(
      write_zip(at("patterns.ndata"),
                {{"data.npy", npy("<f4", "(2, 1, 2, 2)", ramp(8))},
                 {"metadata.json", properties(calibration + "," + calibration + "," + angle + "," + angle, false, 2)}},
                false));
  EXPECT_THAT(message_of([&] { read_image(at("patterns.ndata")); }), HasSubstr("diffraction patterns"));
  ASSERT_TRUE(write_zip(
      at("odd.ndata"),
      {{"data.npy", npy("<f4", "(2, 3)", ramp(6))}, {"metadata.json", properties(calibration, false, 2)}}, false));
  EXPECT_THAT(message_of([&] { read_image(at("odd.ndata")); }), HasSubstr("1 calibrations for an array of 2 axes"));
  ASSERT_TRUE(write_zip(at("odd.ndata"), {{"data.npy", npy("<f4", "(2, 3)", ramp(6))}, {"metadata.json", "{"}}, false));
  EXPECT_THAT(message_of([&] { read_image(at("odd.ndata")); }), HasSubstr("metadata.json"));
}

}  // namespace
}  // namespace colonnade
