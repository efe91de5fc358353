// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/velox.h"

#include <gmock/gmock.h>

#include "colonnade/image/formats/signal_form.h"
#include "colonnade/image/formats/test_damage.h"
#include "colonnade/image/formats/test_files.h"
#include "colonnade/image/formats/test_velox_files.h"

namespace colonnade {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Json = nlohmann::json;

class Velox : public TestFolder, protected test_files::VeloxWriter {
 protected:
  Velox() { begin(); }
  void begin() { open(at("a.emd")); }
  std::filesystem::path done() {
    file->close();
    return at("a.emd");
  }
};

TEST_F(Velox, AnImageWithItsMetadata) {
  put_image("0a", record("HAADF", 0));
  const auto path = done();
  const Image image = read_image(path);
  EXPECT_EQ(image.title, "HAADF");
  EXPECT_EQ(image.height, 12);
  EXPECT_EQ(image.at(1, 2), 18);
  EXPECT_NEAR(image.pixel_size_nm, 0.02, 1e-12);
  const auto& tem = image.metadata["Acquisition_instrument"]["TEM"];
  EXPECT_EQ(tem["beam_energy"], 200);
  EXPECT_NEAR(tem["convergence_angle"].get<double>(), 21.4, 1e-9);
  EXPECT_NEAR(tem["Detector"]["STEM"]["collection_angle_inner"].get<double>(), 60, 1e-9);
  EXPECT_NEAR(tem["Detector"]["STEM"]["collection_angle_outer"].get<double>(), 200, 1e-9);
  EXPECT_EQ(tem["dwell_time"], 8e-6);
  EXPECT_NEAR(read_signals(path)[0].axes[1].offset, -0.1, 1e-12);
}

TEST_F(Velox, FramesAreTheFastestAxisOfTheFile) {
  put_image("0a", record("HAADF", 0), 3);
  const auto path = done();
  EXPECT_EQ(read_image(path).at(0, 1), 1001);
  const auto frames = read_frames(path);
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_EQ(frames[2].at(1, 2), 2018);
  EXPECT_EQ(frames[2].metadata["frame"], 3);
  const StoredSignal signal = read_signals(path)[0];
  EXPECT_EQ(signal.read(1, 2)[12 * 16 + 5], 2005);
  EXPECT_EQ(signal.axes[0].scale, 0.5);
}

// Elements' maps beside the image: the image is meant, the maps go by their elements.
TEST_F(Velox, MapsOfElementsBesideAnImage) {
  put_image("0a", record("SuperXG2", 9));
  put_label("0a", "Pt");
  put_image("0b", record("SuperXG2", 9));
  put_label("0b", "Ni K");
  put_image("0c", record("HAADF", 0), 2);
  put_label("0c", "HAADF");
  const auto path = done();
  EXPECT_EQ(read_image(path).title, "HAADF");
  EXPECT_EQ(read_image(path, {"Pt", 0}).metadata["Sample"]["elements"], Json({"Pt"}));
  EXPECT_EQ(read_image(path, {"Ni K", 0}).metadata["Sample"]["elements"], Json({"Ni"}));
  EXPECT_EQ(signal_list(path)[0].form, "a map of Pt");
}

TEST_F(Velox, SeveralDetectorsAreAskedFor) {
  put_image("0a", record("HAADF", 0));
  put_image("0b", record("DF4", 0));
  const auto path = done();
  EXPECT_THAT(message_of([&] { read_image(path); }),
              AllOf(HasSubstr("holds 2 images: 'HAADF', 'DF4'"), HasSubstr("--signal")));
}

TEST_F(Velox, OlderFilesNameTheDataInTheirDisplays) {
  put_image("0a", record("", 9));
  file->write_text_dataset("Presentation/Displays/ImageDisplay/d",
                           Json({{"dataPath", "/Data/Image/0a"}, {"display", {{"label", "HAADF%20left"}}}}).dump());
  EXPECT_EQ(read_image(done()).title, "HAADF left");
}

TEST_F(Velox, APixelSizeThatIsNull) {
  Json json = record("HAADF", 0);
  json["BinaryResult"]["PixelSize"] = nullptr;
  put_image("0a", json);
  const Image image = read_image(done());
  EXPECT_NEAR(image.pixel_size_nm, 0.64 * 0.5 / 16, 1e-12);
  EXPECT_THAT(image.metadata["scale_source"].get<std::string>(), HasSubstr("field of view"));
  begin();
  json.erase("Optics");
  put_image("0a", json);
  EXPECT_EQ(read_image(done()).pixel_size_nm, 0);
}

TEST_F(Velox, RadiansAreNoPixelSize) {
  Json json = record("Ceta", 9);
  json["BinaryResult"]["PixelUnitX"] = json["BinaryResult"]["PixelUnitY"] = "rad";
  json["BinaryResult"]["PixelSize"] = {{"width", "1e-4"}, {"height", "1e-4"}};
  put_image("0a", json);
  const auto path = done();
  const Image image = read_image(path);
  EXPECT_EQ(image.pixel_size_nm, 0);
  EXPECT_THAT(image.metadata["scale_source"].get<std::string>(), HasSubstr("'mrad' is no length"));
  EXPECT_EQ(signal_list(path)[0].form, "a diffraction pattern");
  EXPECT_EQ(signal_list(path)[0].pixel_size, "0.1 mrad");
}

TEST_F(Velox, WithoutMetadataTheNumbersAreStillThere) {
  file->write_floats("Data/Image/0a/Data", std::vector<float>(8 * 9, 2), {8, 9, 1});
  const Image image = read_image(done());
  EXPECT_EQ(image.pixel_size_nm, 0);
  EXPECT_EQ(image.at(7, 8), 2);
}

// Two detectors with two frames each.
TEST_F(Velox, StreamsBecomeASpectrumImage) {
  put_image("0a", record("HAADF", 0));
  for (const char* name : {"s1", "s2"}) put_stream(name, 2);
  const auto path = done();
  const auto signals = read_signals(path);
  ASSERT_EQ(signals.size(), 2U);
  const StoredSignal& eds = signals[1];
  EXPECT_EQ(form_of(eds), SignalForm::spectrum_image);
  EXPECT_EQ(eds.axes[0].size, 12);
  EXPECT_EQ(eds.axes[1].size, 16);
  EXPECT_EQ(eds.axes[2].size, 100);
  EXPECT_NEAR(eds.axes[2].offset + 40 * eds.axes[2].scale, -0.05, 1e-12);  // keV: -0.25 + 40 * 0.005
  EXPECT_EQ(eds.metadata["Signal"]["signal_type"], "EDS_TEM");
  const auto row = eds.read(3, 1);
  for (int x = 0; x < 16; ++x) {
    EXPECT_EQ(row[std::size_t(x * 100 + 40)], float(4 * ((3 * 16 + x) % 5)));
    EXPECT_EQ(row[std::size_t(x * 100 + 41)], 0);
  }
  EXPECT_EQ(read_image(path).title, "HAADF");
}

TEST_F(Velox, ASpectrumAloneIsRefused) {
  file->write_floats("Data/Spectrum/0a/Data", std::vector<float>(64, 1), {64, 1});
  put_record("Data/Spectrum/0a", record("SuperXG21", 1));
  const auto path = done();
  EXPECT_THAT(message_of([&] { read_image(path); }), HasSubstr("holds a spectrum (EDS, 64 channels), not an image"));
}

TEST_F(Velox, ChannelsThatAreNone) {
  const std::string group = "Data/SpectrumStream/s";
  file->write_integers(group + "/Data", std::vector<std::int64_t>(400, 200), {400, 1});
  put_record(group, record("SuperXG21", 1));
  file->write_text_dataset(group + "/AcquisitionSettings", R"({"bincount": "100"})");
  const auto signals = read_signals(done());
  EXPECT_THAT(message_of([&] { signals[0].read(0, 1); }), HasSubstr("an X-ray in channel 200 of 100"));
}

TEST_F(Velox, ChannelsBeyondTheirNumbersRange) {
  const std::string group = "Data/SpectrumStream/s";
  file->write_integers(group + "/Data", std::vector<std::int64_t>(400, -3), {400, 1});
  put_record(group, record("SuperXG21", 1));
  file->write_text_dataset(group + "/AcquisitionSettings", R"({"bincount": "100"})");
  const auto signals = read_signals(done());
  EXPECT_THAT(message_of([&] { signals[0].read(0, 1); }), HasSubstr("-3 is no channel"));
}

TEST_F(Velox, AScanBeyondItsStream) {
  const std::string group = "Data/SpectrumStream/s";
  file->write_integers(group + "/Data", std::vector<std::int64_t>(400, 65535), {400, 1});
  Json json = record("SuperXG21", 1);
  json["Scan"]["ScanSize"] = {{"width", "1000000"}, {"height", "1000000"}};
  put_record(group, json);
  const auto path = done();
  EXPECT_THAT(message_of([&] { read_signals(path); }), HasSubstr("truncated"));
}

TEST_F(Velox, PackedInAZipFile) {
  put_image("0a", record("HAADF", 0));
  const std::string bytes = read_file(done());
  ASSERT_TRUE(test_files::write_zip(at("one.zip"), {{"readme.txt", "hello"}, {"a.emd", bytes}}, true));
  EXPECT_NEAR(read_image(at("one.zip")).pixel_size_nm, 0.02, 1e-12);
  ASSERT_TRUE(test_files::write_zip(at("two.zip"), {{"a.emd", bytes}, {"b.emd", bytes}}, true));
  EXPECT_THAT(message_of([&] { read_image(at("two.zip")); }),
              HasSubstr("holds 2 images: 'a.emd/HAADF', 'b.emd/HAADF'"));
  EXPECT_EQ(read_image(at("two.zip"), {"b.emd/HAADF", 0}).at(0, 5), 5);
}

TEST_F(Velox, DamageIsReadOrRefusedInOneLine) {
  put_image("0a", record("HAADF", 0));
  expect_sound_under_damage(at(""), read_file(done()), 120);
}

}  // namespace
}  // namespace colonnade
