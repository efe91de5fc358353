// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/hdf5_image.h"

#include <gmock/gmock.h>

#include "colonnade/image/hdf5_file.h"
#include "colonnade/image/test_folder.h"

namespace colonnade {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class Hdf5Image : public TestFolder {
 protected:
  Hdf5Image() : file_(at("a.h5"), Hdf5File::Mode::create) {}

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
    return read_hdf5_image(at("a.h5"));
  }
  std::string error() {
    return error_of([&] { read(); });
  }

  Hdf5File file_;
};

TEST_F(Hdf5Image, HyperSpy) {
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
  EXPECT_EQ(image.metadata["beam_energy_keV"], 200);
}

TEST_F(Hdf5Image, HyperSpyWithoutAUnitIsAGuess) {
  put_experiment("Experiments/a", 0.0125, "absent");
  testing::internal::CaptureStderr();
  const Image image = read();
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("without a unit"));
  EXPECT_EQ(image.pixel_size_nm, 0.0125);
  EXPECT_THAT(std::string(image.metadata["scale_source"]), StartsWith("guess"));
}

TEST_F(Hdf5Image, HyperSpyWithoutCalibrationHasNoScale) {
  put_experiment("Experiments/a", 1, "<undefined>");
  EXPECT_EQ(read().pixel_size_nm, 0);
}

TEST_F(Hdf5Image, ReciprocalUnitsAreNoPixelSize) {
  put_experiment("Experiments/a", 0.0125, "1/nm");
  const Image image = read();
  EXPECT_EQ(image.pixel_size_nm, 0);
  EXPECT_THAT(std::string(image.metadata["scale_source"]), HasSubstr("'1/nm' is no length"));
}

TEST_F(Hdf5Image, PixelsMustBeSquare) {
  put_experiment("Experiments/a", 0.0125, "nm", 0.025);
  EXPECT_THAT(error(), HasSubstr("not square"));
}

TEST_F(Hdf5Image, SeveralExperimentsAreRefused) {
  put_experiment("Experiments/a", 1, "nm");
  put_experiment("Experiments/b", 1, "nm");
  EXPECT_THAT(error(), AllOf(HasSubstr("holds 2 images"), HasSubstr("Experiments/a, Experiments/b")));
}

TEST_F(Hdf5Image, StacksAreRefusedByShape) {
  put_image("Experiments/a/data", {4, 9, 12});
  EXPECT_THAT(error(), HasSubstr("(4, 9, 12)"));
}

TEST_F(Hdf5Image, BerkeleyEmd) {
  put_emd("data/single", "[n_m]");
  const Image image = read();
  EXPECT_NEAR(image.pixel_size_nm, 0.0125, 1e-8);
  EXPECT_EQ(image.metadata["format"], "Berkeley EMD");
  EXPECT_EQ(image.at(0, 5), 5);
}

TEST_F(Hdf5Image, BerkeleyEmdWithALeadingDimension) {
  put_emd("data/single", "n_m", {1, 9, 12});
  const Image image = read();
  EXPECT_NEAR(image.pixel_size_nm, 0.0125, 1e-8);
  EXPECT_EQ(image.height, 9);
}

TEST_F(Hdf5Image, OurOwnBeforeAnyOther) {
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

TEST_F(Hdf5Image, TheOnlyImage) {
  put_image("some/where/picture");
  put_image("some/where/positions", {141, 2});
  put_image("spectrum", {500});
  const Image image = read();
  EXPECT_EQ(image.metadata["dataset"], "some/where/picture");
  EXPECT_EQ(image.pixel_size_nm, 0);
}

TEST_F(Hdf5Image, TheOnlyImageAtTheTop) {
  put_image("picture");
  put_image("copies/a");
  put_image("copies/b");
  EXPECT_EQ(read().metadata["dataset"], "picture");
}

TEST_F(Hdf5Image, SeveralImagesAreNamed) {
  put_image("a/x");
  put_image("b/y");
  EXPECT_THAT(error(), AllOf(HasSubstr("a.h5"), HasSubstr("(a/x, b/y)")));
}

TEST_F(Hdf5Image, NoImage) {
  put_image("spectrum", {500});
  EXPECT_THAT(error(), HasSubstr("holds no image"));
}

TEST_F(Hdf5Image, VeloxIsRefusedByName) {
  put_image("Data/Image/0123/Data", {9, 12, 1});
  EXPECT_THAT(error(), HasSubstr("Velox EMD is not read yet; export as TIFF"));
}

}  // namespace
}  // namespace colonnade
