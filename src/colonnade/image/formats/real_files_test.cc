// SPDX-License-Identifier: GPL-3.0-or-later
// Real micrographs: what each of them is, against a table and against an independent reading by real_files.py.
#include <cstdio>
#include <gmock/gmock.h>
#include <map>
#include <numeric>
#include <sstream>

#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/test_folder.h"

namespace colonnade {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using Path = std::filesystem::path;

Path real_file(const std::string& name) { return Path(COLONNADE_SHARED_DATA) / "micrographs" / name; }

struct RealFile {
  const char* name;
  int height, width;
  SampleType type;
  double pixel_size_nm;
  const char* source;
  double beam_energy_keV = 0;
};

const std::vector<RealFile>& real_files() {
  static const std::vector<RealFile> files = {
      {"ptir_nanoparticle.tif", 512, 512, SampleType::float32, 0.01211, "ImageJ"},
      {"temul_Au_NP_Atom_Lattice.hdf5", 479, 504, SampleType::float64, 0, "none"},
      {"STO_image_1.ser", 1024, 1024, SampleType::uint16, 0.010013, "SER", 80},
      {"STO_image.emi", 1024, 1024, SampleType::uint16, 0.010013, "SER", 80},
      {"Acquisition_18.emd", 1024, 1024, SampleType::uint16, 0.012247, "Berkeley", 200},
      {"temul_PTO_SRO.hspy", 224, 1312, SampleType::float64, 0.014997, "HyperSpy", 300},
      {"atomap_ADF_cropped.hdf5", 400, 380, SampleType::float16, 0.009326, "guess: HyperSpy"},
      {"atomap_detector_image.hspy", 512, 512, SampleType::uint16, 31.0365, "HyperSpy"},
      {"particlespy_JEOL_HAADF.dm4", 112, 112, SampleType::float32, 1.249, "DigitalMicrograph", 80},
      {"rsciio_Fei_HAADF_UK.dm3", 4, 16, SampleType::uint16, 5.50607, "DigitalMicrograph", 200},
      {"rsciio_test_STEM_image.dm3", 68, 68, SampleType::uint32, 0.248538, "DigitalMicrograph", 200},
      {"rsciio_DM.tif", 68, 68, SampleType::int32, 168.675, "DigitalMicrograph"},
      {"rsciio_imagej.tif", 68, 68, SampleType::float32, 168.675, "ImageJ"},
      {"rsciio_HAADFscan.mrc", 16, 16, SampleType::uint16, 5.67913, ""},
      {"velox_HAADF_diff.emd", 128, 128, SampleType::uint16, 87.3708, "Velox", 300},
      {"hpai_PtNC_045.tif", 512, 512, SampleType::uint32, 0.029296875, "DigitalMicrograph"},
      {"atomsegnet_gold_GB.png", 512, 512, SampleType::uint8, 0, "none"}};
  return files;
}

class RealFiles : public testing::TestWithParam<RealFile> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(real_file(GetParam().name))) GTEST_SKIP() << "no real micrographs here";
  }
};

TEST_P(RealFiles, AreReadAsTheyAre) {
  const RealFile& expected = GetParam();
  const Image image = read_image(real_file(expected.name));
  EXPECT_EQ(image.height, expected.height);
  EXPECT_EQ(image.width, expected.width);
  EXPECT_NEAR(image.pixel_size_nm, expected.pixel_size_nm, 6e-5 * expected.pixel_size_nm);
  EXPECT_THAT(std::string(image.metadata["scale_source"]), StartsWith(expected.source));
  EXPECT_EQ(image.metadata["file"], expected.name);
  if (expected.beam_energy_keV > 0) {
    EXPECT_EQ(image.metadata["Acquisition_instrument"]["TEM"]["beam_energy"], expected.beam_energy_keV);
  }
  const auto [low, high] = extremes(image);
  EXPECT_LT(low, high);
}

TEST_P(RealFiles, SayTheirType) {
  const RealFile& expected = GetParam();
  for (const StoredSignal& signal : read_signals(real_file(expected.name))) {
    EXPECT_EQ(signal.type, expected.type) << signal.title;
  }
}

INSTANTIATE_TEST_SUITE_P(Micrographs, RealFiles, testing::ValuesIn(real_files()), [](const auto& one) {
  std::string name = one.param.name;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char letter) { return std::isalnum(letter) == 0; }, '_');
  return name;
});

/// What real_files.py prints of a file.
struct Reading {
  int frames = 0, height = 0, width = 0;
  std::string type;
  double pixel_size_nm = 0, mean = 0, second = 0, lower_left = 0;
};

std::map<std::string, Reading> independent_readings() {
  std::string command =
      "/usr/bin/python3 " + std::string(COLONNADE_SOURCE_DIR) + "/src/colonnade/image/formats/real_files.py";
  for (const RealFile& file : real_files()) {
    if (Path(file.name).extension() != ".emi") command += " " + real_file(file.name).string();
  }
  std::map<std::string, Reading> readings;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (!pipe) return readings;
  char line[4096];
  while (std::fgets(line, sizeof line, pipe)) {
    std::istringstream words(line);
    std::string name;
    Reading reading;
    words >> name >> reading.frames >> reading.height >> reading.width >> reading.type >> reading.pixel_size_nm >>
        reading.mean >> reading.second >> reading.lower_left;
    EXPECT_TRUE(words) << line;
    readings[name] = reading;
  }
  EXPECT_EQ(pclose(pipe), 0);
  return readings;
}

TEST(RealFilesApart, AgreeWithAnIndependentReading) {
  if (!std::filesystem::exists(real_file("STO_image_1.ser"))) GTEST_SKIP() << "no real micrographs here";
  if (std::system("/usr/bin/python3 -c 'import h5py, tifffile' 2>/dev/null") != 0) GTEST_SKIP() << "no Python modules";
  const auto readings = independent_readings();
  EXPECT_EQ(readings.size(), real_files().size() - 1);
  for (const auto& [name, reading] : readings) {
    SCOPED_TRACE(name);
    const Image image = read_image(real_file(name));
    EXPECT_EQ(image.height, reading.height);
    EXPECT_EQ(image.width, reading.width);
    EXPECT_NEAR(image.pixel_size_nm, reading.pixel_size_nm, 1e-6 * reading.pixel_size_nm);
    EXPECT_NEAR(mean(image), reading.mean, 1e-6 * reading.mean);
    EXPECT_EQ(image.at(0, 1), float(reading.second));
    EXPECT_EQ(image.at(image.height - 1, 0), float(reading.lower_left));
  }
}

TEST(RealFilesApart, RefuseWhatIsNoImage) {
  if (!std::filesystem::exists(real_file("carbon_08.dm3"))) GTEST_SKIP() << "no real micrographs here";
  EXPECT_THAT(message_of([] { read_image(real_file("carbon_08.dm3")); }),
              HasSubstr("carbon_08.dm3: holds a spectrum (EELS, 2048 channels), not an image"));
  EXPECT_THAT(message_of([] { read_image(real_file("rsciio_velox_v11.zip")); }),
              AllOf(HasSubstr("holds 2 images"), HasSubstr("'Test SI 16x16 215 kx.emd/HAADF'"), HasSubstr("--signal")));
}

TEST(RealFilesApart, SpectraOfTheSpectrumOnlyFile) {
  if (!std::filesystem::exists(real_file("carbon_08.dm3"))) GTEST_SKIP() << "no real micrographs here";
  const auto signals = read_signals(real_file("carbon_08.dm3"));
  ASSERT_EQ(signals.size(), 1U);
  const SignalAxis& axis = signals[0].axes[0];
  EXPECT_EQ(axis.size, 2048);
  EXPECT_EQ(axis.unit, "eV");
  EXPECT_FLOAT_EQ(float(axis.scale), 0.1F);
  EXPECT_NEAR(axis.offset, 240, 1e-4);  // an origin of -2400 channels
}

/// Two Velox files in a ZIP, one with its stream of X-rays. The numbers are h5py's and numpy's: the sum of Data of
/// f03a0d4a..., the count of stream entries other than 65535, by pixel and by channel.
TEST(RealFilesApart, VeloxMapsFramesAndStreams) {
  const Path zip = real_file("rsciio_velox_v11.zip");
  if (!std::filesystem::exists(zip)) GTEST_SKIP() << "no real micrographs here";
  const std::string whole = "Test SI 16x16 215 kx.emd/";
  const Image both = read_image(zip, {whole + "HAADF", 0}), second = read_image(zip, {whole + "HAADF", 2});
  EXPECT_NEAR(mean(both), 9225.916015625, 1e-3);
  EXPECT_NEAR(mean(second), 9202.49609375, 1e-3);
  EXPECT_EQ(read_frames(zip, {whole + "HAADF", 0}).size(), 2U);
  EXPECT_NEAR(both.pixel_size_nm, 3.599249255961469, 1e-9);
  const auto& tem = both.metadata["Acquisition_instrument"]["TEM"];
  EXPECT_NEAR(tem["convergence_angle"].get<double>(), 25.0107, 1e-3);
  EXPECT_NEAR(tem["Detector"]["STEM"]["collection_angle_inner"].get<double>(), 50.0558, 1e-3);
  EXPECT_NEAR(tem["Detector"]["STEM"]["collection_angle_outer"].get<double>(), 200, 1e-9);
  const Image calcium = read_image(zip, {whole + "Ca", 0});
  EXPECT_EQ(calcium.metadata["Sample"]["elements"], nlohmann::json({"Ca"}));
  for (const StoredSignal& signal : read_signals(zip)) {
    if (signal.title != whole + "EDS") continue;
    const auto spectra = signal.read(0, 16);
    ASSERT_EQ(spectra.size(), std::size_t(16 * 16 * 4096));
    std::vector<double> by_pixel(256, 0), by_channel(4096, 0);
    for (std::size_t i = 0; i < spectra.size(); ++i) {
      by_pixel[i / 4096] += spectra[i];
      by_channel[i % 4096] += spectra[i];
    }
    EXPECT_EQ(std::accumulate(by_pixel.begin(), by_pixel.end(), 0.0), 42097);
    EXPECT_EQ(by_pixel[0], 221);
    EXPECT_EQ(by_pixel[2], 208);
    EXPECT_EQ(by_pixel[255], 159);
    EXPECT_EQ(by_channel[25], 9473);
  }
}

}  // namespace
}  // namespace colonnade
