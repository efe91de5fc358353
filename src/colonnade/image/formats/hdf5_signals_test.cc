// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>

#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/formats/json_access.h"
#include "colonnade/image/formats/signal_file.h"
#include "colonnade/image/formats/test_damage.h"
#include "colonnade/image/hdf5_file.h"
#include "colonnade/image/test_folder.h"

namespace colonnade {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class Hdf5Signals : public TestFolder {
 protected:
  Hdf5Signals() : file_(at("a.h5"), Hdf5File::Mode::create) {}

  void put_image(const std::string& name, const std::vector<std::int64_t>& shape = {9, 12}) {
    std::int64_t count = 1;
    for (const auto size : shape) count *= size;
    std::vector<float> values(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = float(i);
    file_.write_floats(name, values, shape);
  }
  void put_experiment(const std::string& group, double step, const std::string& unit, double step_down = 0) {
    put_image(group + "/data");
    for (int axis = 0; axis < 2; ++axis) {
      const std::string name = fmt::format("{}/axis-{}", group, axis);
      file_.make_group(name);
      file_.write_number(name, "scale", axis == 0 && step_down != 0 ? step_down : step);
      if (unit != "absent") file_.write_text(name, "units", unit);
    }
  }
  void put_emd(const std::string& group, const std::string& unit, const std::vector<std::int64_t>& shape = {9, 12}) {
    put_image(group + "/data", shape);
    file_.write_number(group, "emd_group_type", 1);
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      std::vector<float> positions(static_cast<std::size_t>(shape[axis]));
      for (std::size_t i = 0; i < positions.size(); ++i) positions[i] = -0.3F + 0.0125F * float(i);
      const std::string name = fmt::format("{}/dim{}", group, axis + 1);
      file_.write_floats(name, positions, {shape[axis]});
      file_.write_text(name, "units", unit);
    }
  }
  Image read() {
    file_.close();
    return read_image(at("a.h5"));
  }
  std::string error() {
    return message_of([&] { read(); });
  }

  Hdf5File file_;
};

TEST_F(Hdf5Signals, NamesInNoKnownEncodingBecomeText) {
  put_image(
      "H\xE4"
      "ADF");
  file_.write_text(
      "H\xE4"
      "ADF",
      "oper\xFFtor", "Mil\xE9na");
  file_.close();
  const auto signals = read_signals(at("a.h5"));
  ASSERT_EQ(signals.size(), 1U);
  EXPECT_EQ(signals[0].title, "H\u00e4ADF");
  EXPECT_NO_THROW(signals[0].metadata.dump());
  const nlohmann::json tree{{"operat\xF6r", {"Mil\xE9na", 1}}};
  EXPECT_EQ(sound_json(tree).dump(), "{\"operat\u00f6r\":[\"Mil\u00e9na\",1]}");
}

TEST_F(Hdf5Signals, HyperSpy) {
  put_experiment("Experiments/HAADF", 0.00002, "\u00b5m");
  file_.make_group("Experiments/HAADF/metadata/General");
  file_.write_text("Experiments/HAADF/metadata/General", "title", "Pt particle");
  file_.make_group("Experiments/HAADF/metadata/Acquisition_instrument/TEM");
  file_.write_number("Experiments/HAADF/metadata/Acquisition_instrument/TEM", "beam_energy", 200);
  const Image image = read();
  EXPECT_EQ(image.height, 9);
  EXPECT_EQ(image.at(1, 2), 14);
  EXPECT_NEAR(image.pixel_size_nm, 0.02, 1e-12);
  EXPECT_EQ(image.title, "Pt particle");
  EXPECT_EQ(image.metadata["Acquisition_instrument"]["TEM"]["beam_energy"], 200);
}

TEST_F(Hdf5Signals, HyperSpyWithoutAUnitIsAGuess) {
  put_experiment("Experiments/a", 0.0125, "absent");
  testing::internal::CaptureStderr();
  const Image image = read();
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("without a unit"));
  EXPECT_EQ(image.pixel_size_nm, 0.0125);
  EXPECT_THAT(std::string(image.metadata["scale_source"]), StartsWith("guess"));
}

TEST_F(Hdf5Signals, HyperSpyWithoutCalibrationHasNoScale) {
  put_experiment("Experiments/a", 1, "<undefined>");
  EXPECT_EQ(read().pixel_size_nm, 0);
}

TEST_F(Hdf5Signals, ReciprocalUnitsAreNoPixelSize) {
  put_experiment("Experiments/a", 0.0125, "1/nm");
  const Image image = read();
  EXPECT_EQ(image.pixel_size_nm, 0);
  EXPECT_THAT(std::string(image.metadata["scale_source"]), HasSubstr("'1/nm' is no length"));
}

TEST_F(Hdf5Signals, PixelsMustBeSquare) {
  put_experiment("Experiments/a", 0.0125, "nm", 0.025);
  EXPECT_THAT(error(), HasSubstr("not square"));
}

TEST_F(Hdf5Signals, SeveralExperimentsAreRefused) {
  put_experiment("Experiments/a", 1, "nm");
  put_experiment("Experiments/b", 1, "nm");
  EXPECT_THAT(error(), AllOf(HasSubstr("holds 2 images"), HasSubstr("'a', 'b'")));
}

TEST_F(Hdf5Signals, StacksAreRefusedByShape) {
  put_image("Experiments/a/data", {4, 9, 12});
  EXPECT_THAT(error(), HasSubstr("data of 3 dimensions (4 x 9 x 12)"));
}

TEST_F(Hdf5Signals, BerkeleyEmd) {
  put_emd("data/single", "[n_m]");
  const Image image = read();
  EXPECT_NEAR(image.pixel_size_nm, 0.0125, 1e-8);
  EXPECT_EQ(image.metadata["format"], "Berkeley EMD");
  EXPECT_EQ(image.at(0, 5), 5);
}

TEST_F(Hdf5Signals, BerkeleyEmdWithALeadingDimension) {
  put_emd("data/single", "n_m", {1, 9, 12});
  const Image image = read();
  EXPECT_NEAR(image.pixel_size_nm, 0.0125, 1e-8);
  EXPECT_EQ(image.height, 9);
}

TEST_F(Hdf5Signals, OurOwnBeforeAnyOther) {
  put_image("maps/Pt");
  put_image("maps/Ni");
  file_.write_number("maps/Ni", "pixel_size_nm", 0.02);
  file_.write_text("maps/Ni", "title", "Ni");
  file_.write_text("maps/Ni", "intensity", "atoms");
  const Image image = read();
  EXPECT_EQ(image.pixel_size_nm, 0.02);
  EXPECT_EQ(image.title, "Ni");
  EXPECT_EQ(image.intensity, "atoms");
}

TEST_F(Hdf5Signals, TheOnlyImage) {
  put_image("some/where/picture");
  put_image("some/where/positions", {141, 2});
  put_image("spectrum", {500});
  const Image image = read();
  EXPECT_EQ(image.metadata["dataset"], "some/where/picture");
  EXPECT_EQ(image.pixel_size_nm, 0);
}

TEST_F(Hdf5Signals, TheOnlyImageAtTheTop) {
  put_image("picture");
  put_image("copies/a");
  put_image("copies/b");
  EXPECT_EQ(read().metadata["dataset"], "picture");
}

TEST_F(Hdf5Signals, SeveralImagesAreNamed) {
  put_image("a/x");
  put_image("b/y");
  EXPECT_THAT(error(), AllOf(HasSubstr("a.h5"), HasSubstr("'a/x', 'b/y'")));
}

TEST_F(Hdf5Signals, NoImage) {
  put_image("spectrum", {500});
  EXPECT_THAT(error(), HasSubstr("holds no image"));
}

TEST_F(Hdf5Signals, HyperSpyTakesSeveralExperimentsAndFrames) {
  put_image("Experiments/stack/data", {4, 9, 12});
  for (int axis = 0; axis < 3; ++axis) {
    const std::string name = fmt::format("Experiments/stack/axis-{}", axis);
    file_.make_group(name);
    file_.write_number(name, "scale", 0.02);
    file_.write_text(name, "units", axis == 0 ? "s" : "nm");
    file_.write_boolean(name, "navigate", axis == 0);
  }
  put_experiment("Experiments/BF", 0.02, "nm");
  file_.close();
  EXPECT_THAT(message_of([&] { read_image(at("a.h5")); }), HasSubstr("holds 2 images: 'BF', 'stack'"));
  EXPECT_EQ(read_image(at("a.h5"), {"stack", 0}).at(0, 1), 1 + 1.5 * 108);
  EXPECT_EQ(read_image(at("a.h5"), {"stack", 4}).at(0, 1), 1 + 3 * 108);
  EXPECT_EQ(signal_list(at("a.h5"))[1].form, "4 frames of an image");
}

TEST_F(Hdf5Signals, HyperSpySpectraAreRefused) {
  put_image("Experiments/a/data", {9, 12, 30});
  for (int axis = 0; axis < 3; ++axis) {
    const std::string name = fmt::format("Experiments/a/axis-{}", axis);
    file_.make_group(name);
    file_.write_text(name, "units", axis == 2 ? "keV" : "nm");
    file_.write_boolean(name, "navigate", axis != 2);
  }
  file_.make_group("Experiments/a/metadata/Signal");
  file_.write_text("Experiments/a/metadata/Signal", "signal_type", "EDS_TEM");
  EXPECT_THAT(error(), HasSubstr("holds a spectrum image (EDS, 30 channels at 9 x 12 points), not an image"));
}

// Half floats, the type of the group as a text, and the unit that looks like a product.
TEST_F(Hdf5Signals, BerkeleyEmdInHalfFloats) {
  file_.write_floats("data/single/data", std::vector<float>(108, 0.5F), {9, 12}, true, true);
  file_.write_text("data/single", "emd_group_type", "1");
  for (int axis = 1; axis <= 2; ++axis) {
    const std::string name = fmt::format("data/single/dim{}", axis);
    file_.write_floats(name, {0.0F, 0.25F, 0.5F}, {3});
    file_.write_text(name, "units", "[n_m]");
  }
  file_.make_group("microscope");
  file_.write_number("microscope", "high tension", 200000);
  file_.write_number("microscope", "convergence angle", 0.025);
  file_.close();
  EXPECT_EQ(read_signals(at("a.h5"))[0].type, SampleType::float16);
  const Image image = read_image(at("a.h5"));
  EXPECT_NEAR(image.pixel_size_nm, 0.25, 1e-8);
  EXPECT_EQ(image.at(3, 4), 0.5F);
  EXPECT_EQ(image.metadata["Acquisition_instrument"]["TEM"]["beam_energy"], 200);
  EXPECT_EQ(image.metadata["Acquisition_instrument"]["TEM"]["convergence_angle"], 25);
}

// py4DSTEM's: types as texts, two positions per axis in pixels, the scale in the calibration of the tree.
TEST_F(Hdf5Signals, EmdOfPy4dstem) {
  const auto put = [&](const std::string& name, const std::vector<std::int64_t>& shape, const char* first) {
    put_image("root/" + name + "/data", shape);
    file_.write_text("root/" + name, "emd_group_type", "array");
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      const std::string dimension = fmt::format("root/{}/dim{}", name, axis);
      file_.write_doubles(dimension, {0, 1}, {2});
      file_.write_text(dimension, "units", "pixels");
      file_.write_text(dimension, "name", axis < 2 && shape.size() == 4 ? "Rx" : first);
    }
  };
  file_.make_group("root");
  file_.write_text("root", "emd_group_type", "root");
  put("datacube", {3, 4, 9, 12}, "Qx");
  put("virtual", {9, 12}, "Rx");
  file_.write_doubles("root/metadatabundle/calibration/R_pixel_size", {5}, {});
  file_.write_text_dataset("root/metadatabundle/calibration/R_pixel_units", "A");
  file_.close();
  const Image image = read_image(at("a.h5"));
  EXPECT_EQ(image.title, "virtual");
  EXPECT_NEAR(image.pixel_size_nm, 0.5, 1e-12);
  EXPECT_EQ(signal_list(at("a.h5"))[0].form, "diffraction patterns at 3 x 4 points");
  EXPECT_THAT(message_of([&] { read_image(at("a.h5"), {"datacube", 0}); }), HasSubstr("not an image"));
}

TEST_F(Hdf5Signals, OurSignalFilesGiveTheirSignalsBack) {
  file_.close();
  std::vector<Image> maps;
  SignalFile signals(at("maps.hdf5"));
  for (const char* element : {"Pt", "Ni"}) {
    Image map = sample_image(9, 11);
    map.title = element;
    map.intensity = "atoms";
    signals.add(describe_signal(map), map.data);
    maps.push_back(map);
  }
  signals.close();
  const Image back = read_image(at("maps.hdf5"), {"Pt", 0});
  EXPECT_EQ(back.data, maps[0].data);
  EXPECT_EQ(back.intensity, "atoms");
  EXPECT_EQ(back.pixel_size_nm, 0.0125);
  EXPECT_THAT(message_of([&] { read_image(at("maps.hdf5")); }), HasSubstr("holds 2 images: 'Ni', 'Pt'"));
}

TEST_F(Hdf5Signals, Dm5) {
  put_image("ImageList/[0]/ImageData/Data");
  put_image("ImageList/[1]/ImageData/Data");
  for (int axis = 0; axis < 2; ++axis) {
    const std::string name = fmt::format("ImageList/[1]/ImageData/Calibrations/Dimension/[{}]", axis);
    file_.make_group(name);
    file_.write_number(name, "Scale", 2e-5);
    file_.write_number(name, "Origin", 10);
    file_.write_text(name, "Units", "\u00b5m");
  }
  file_.make_group("ImageList/[1]/ImageTags/Microscope Info");
  file_.write_number("ImageList/[1]/ImageTags/Microscope Info", "Voltage", 300000);
  file_.write_text("ImageList/[1]", "Name", "HAADF");
  file_.make_group("ImageSourceList/[0]");
  file_.write_integer("ImageSourceList/[0]", "ImageRef", 1);
  file_.close();
  const auto signals = read_signals(at("a.h5"));
  ASSERT_EQ(signals.size(), 1U);  // the other is a thumbnail
  EXPECT_NEAR(signals[0].axes[1].offset, -2e-4, 1e-12);
  const Image image = read_image(at("a.h5"));
  EXPECT_EQ(image.title, "HAADF");
  EXPECT_NEAR(image.pixel_size_nm, 0.02, 1e-12);
  EXPECT_EQ(image.at(1, 2), 14);
  EXPECT_EQ(image.metadata["Acquisition_instrument"]["TEM"]["beam_energy"], 300);
}

TEST_F(Hdf5Signals, DamageIsReadOrRefusedInOneLine) {
  put_experiment("Experiments/a", 0.02, "nm");
  file_.close();
  expect_sound_under_damage(at(""), read_file(at("a.h5")), 120);
}

}  // namespace
}  // namespace colonnade
