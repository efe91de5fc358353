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
  EXPECT_THAT(error_of([&] { write_image(at("a.bmp"), image); }), HasSubstr("not '.bmp'"));
  EXPECT_THAT(error_of([&] { write_image(at("a.tif"), Image()); }), HasSubstr("empty"));
  image.at(2, 3) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(error_of([&] { write_image(at("a.tif"), image); }), HasSubstr("row 2, column 3"));
  EXPECT_TRUE(std::filesystem::is_empty(at("")));
}

TEST_F(ImageFile, RefusesWhatIsNoImage) {
  EXPECT_THAT(error_of([&] { read_image(at("none.tif")); }), HasSubstr("none.tif"));
  EXPECT_THAT(error_of([&] { read_image(at("")); }), HasSubstr("folder"));
  EXPECT_THAT(error_of([&] { read_image(put("empty.tif", "")); }), HasSubstr("empty"));
  EXPECT_THAT(error_of([&] { read_image(put("a.tif", "x")); }), HasSubstr("not an image file"));
  EXPECT_THAT(error_of([&] { read_image(put("a.tif", std::string(5000, 'x'))); }), HasSubstr("not an image file"));
  EXPECT_THAT(error_of([&] { read_image(put("a.tif", std::string(5000, '\0'))); }), HasSubstr("not an image file"));
}

TEST_F(ImageFile, RefusesUnreadFormatsByName) {
  const std::pair<std::string, const char*> cases[] = {{"\0\0\0\x03\0\0\1\0\0\0\0\1"s, "DM3"},
                                                       {"\0\0\0\x04\0\0\0\0\0\0\1\0\0\0\0\1"s, "DM4"},
                                                       {"II\x97\x01"s, "SER"},
                                                       {"JK\x00\x02"s, "EMI"},
                                                       {"MQ1,000001"s, "MIB"},
                                                       {"IMGBLO"s, "BLO"},
                                                       {"\xFF\xD8\xFF\xE0"s, "JPEG"},
                                                       {"BM"s, "BMP"},
                                                       {"PK\x03\x04"s, "ZIP"},
                                                       {"%PDF-1.7"s, "PDF"},
                                                       {"GIF89a"s, "GIF"},
                                                       {"MATLAB 5.0 MAT-file"s, "MATLAB"},
                                                       {"\x1F\x8B\x08"s, "gzip"}};
  for (const auto& [magic, name] : cases) {
    const auto path = put("a.bin", magic + std::string(2000, '\0'));
    EXPECT_THAT(error_of([&] { read_image(path); }), AllOf(HasSubstr(name), HasSubstr("not read"))) << name;
  }
}

TEST_F(ImageFile, CountsNotANumber) {
  std::string file = "\x93NUMPY\x01\x00\x37\x00{'descr':'<f4','fortran_order':False,'shape':(2,3)}   \n"s;
  const float values[6] = {1, 2, std::numeric_limits<float>::infinity(), 3, std::nanf(""), 4};
  file.append(reinterpret_cast<const char*>(values), sizeof values);
  EXPECT_THAT(error_of([&] { read_image(put("a.npy", file)); }),
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
      EXPECT_NE(error_of([&] { read_image(path); }), "") << name << " cut to " << length;
    }
    for (std::size_t i = 0; i < whole.size(); i += 7) {
      std::string damaged = whole;
      damaged[i] = char(~damaged[i]);
      const auto path = put("damaged", damaged);
      error_of([&] { read_image(path); });
    }
  }
}

struct RealFile {
  const char* name;
  int height, width;
  double pixel_size_nm;
  const char* source;
};

class RealImages : public testing::TestWithParam<RealFile> {};

std::filesystem::path real_file(const std::string& name) {
  return std::filesystem::path(COLONNADE_SHARED_DATA) / "micrographs" / name;
}

TEST_P(RealImages, AreRead) {
  const RealFile& expected = GetParam();
  const auto path = real_file(expected.name);
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
  const Image image = read_image(path);
  EXPECT_EQ(image.height, expected.height);
  EXPECT_EQ(image.width, expected.width);
  EXPECT_NEAR(image.pixel_size_nm, expected.pixel_size_nm, 5e-5 * expected.pixel_size_nm);
  EXPECT_THAT(std::string(image.metadata["scale_source"]), StartsWith(expected.source));
  const auto [low, high] = extremes(image);
  EXPECT_LT(low, high);
}

INSTANTIATE_TEST_SUITE_P(Micrographs, RealImages,
                         testing::Values(RealFile{"ptir_nanoparticle.tif", 512, 512, 0.01211, "ImageJ"},
                                         RealFile{"rsciio_DM.tif", 68, 68, 168.67469, "DigitalMicrograph"},
                                         RealFile{"rsciio_imagej.tif", 68, 68, 1000 / 5.928571, "ImageJ"},
                                         RealFile{"rsciio_HAADFscan.mrc", 16, 16, 5.67913, "cell"},
                                         RealFile{"Acquisition_18.emd", 1024, 1024, 0.012247, "Berkeley"},
                                         RealFile{"temul_PTO_SRO.hspy", 224, 1312, 0.0149968, "HyperSpy"},
                                         RealFile{"atomap_ADF_cropped.hdf5", 400, 380, 0.00932627, "guess: HyperSpy"},
                                         RealFile{"atomap_detector_image.hspy", 512, 512, 31.03647, "HyperSpy"},
                                         RealFile{"temul_Au_NP_Atom_Lattice.hdf5", 479, 504, 0, "none"},
                                         RealFile{"hpai_PtNC_045.tif", 512, 512, 0.029296875, "DigitalMicrograph"},
                                         RealFile{"atomsegnet_gold_GB.png", 512, 512, 0, "none"}));

TEST(RealRefusals, NameTheFormat) {
  const std::pair<const char*, const char*> cases[] = {{"STO_image_1.ser", "SER"},
                                                       {"STO_image.emi", "EMI"},
                                                       {"carbon_08.dm3", "DM3"},
                                                       {"particlespy_JEOL_HAADF.dm4", "DM4"},
                                                       {"velox_HAADF_diff.emd", "Velox EMD"},
                                                       {"rsciio_velox_v11.zip", "ZIP"}};
  if (!std::filesystem::exists(real_file(cases[0].first))) GTEST_SKIP() << "no real micrographs here";
  for (const auto& [name, format] : cases) {
    EXPECT_THAT(error_of([&, file = name] { read_image(real_file(file)); }), AllOf(HasSubstr(name), HasSubstr(format)));
  }
}

}  // namespace
}  // namespace colonnade
