// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/signal_file.h"

#include <gmock/gmock.h>

#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/test_folder.h"

namespace colonnade {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SignalFileTest : public TestFolder {
 protected:
  static Image ramp() {
    Image image(9, 12, 0.02);
    for (std::size_t i = 0; i < image.data.size(); ++i) image.data[i] = float(i);
    image.title = "HAADF";
    image.intensity = "fraction of beam";
    image.metadata = {{"seed", 7}, {"optics", {{"energy_keV", 200.5}, {"names", {"a", "b"}}}}};
    return image;
  }
  static SignalDescription patterns() {
    return {"patterns",
            "fraction of beam",
            {{"y", "nm", 3, 0.04, 0, true},
             {"x", "nm", 2, 0.04, 0, true},
             {"ky", "mrad", 4, 2, -3, false},
             {"kx", "mrad", 4, 2, -3, false}}};
  }
};

TEST_F(SignalFileTest, ImageComesBackWithScaleAndTitle) {
  SignalFile file(at("images.hdf5"));
  file.add(describe_signal(ramp()), ramp().data);
  file.close();
  const Image image = read_image(at("images.hdf5"));
  EXPECT_EQ(image.data, ramp().data);
  EXPECT_DOUBLE_EQ(image.pixel_size_nm, 0.02);
  EXPECT_EQ(image.title, "HAADF");
}

TEST_F(SignalFileTest, BothProgramsFindTheSameData) {
  SignalFile file(at("images.hdf5"));
  file.add(describe_signal(ramp()), ramp().data);
  file.close();
  const Hdf5File raw(at("images.hdf5"), Hdf5File::Mode::read);
  EXPECT_EQ(raw.read_text("/", "file_format"), "HyperSpy");
  EXPECT_EQ(raw.read_text("/", "emd_group_type"), "file");
  EXPECT_EQ(raw.read_floats("colonnade/HAADF/data"), raw.read_floats("Experiments/HAADF/data"));
  EXPECT_THAT(raw.read_doubles("colonnade/HAADF/dim1"), ElementsAre(0, 0.02));
  EXPECT_EQ(raw.read_text("Experiments/HAADF/axis-0", "units"), "nm");
  EXPECT_EQ(raw.read_number("Experiments/HAADF/original_metadata/optics", "energy_keV"), 200.5);
  EXPECT_EQ(raw.read_text("Experiments/HAADF/original_metadata/optics", "names"), R"(["a","b"])");
}

TEST_F(SignalFileTest, PartsMakeTheWhole) {
  std::vector<float> values(3 * 2 * 16);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = float(i);
  SignalFile file(at("patterns.hdf5"));
  file.begin(patterns());
  file.append({values.begin(), values.begin() + 32});
  file.append({values.begin() + 32, values.end()});
  file.close();
  const Hdf5File raw(at("patterns.hdf5"), Hdf5File::Mode::read);
  EXPECT_EQ(raw.read_floats("Experiments/patterns/data"), values);
  EXPECT_THAT(raw.shape("colonnade/patterns/data"), ElementsAre(3, 2, 4, 4));
  EXPECT_EQ(raw.read_text("colonnade/patterns", "python_class"), "DataCube");
  EXPECT_DOUBLE_EQ(raw.read_doubles("colonnade/metadatabundle/calibration/Q_pixel_size").front(), 2);
}

TEST_F(SignalFileTest, UnfinishedOrNamelessSignalsAreRefused) {
  SignalFile file(at("patterns.hdf5"));
  file.begin(patterns());
  file.append(std::vector<float>(32));
  EXPECT_THAT(message_of([&] { file.close(); }), HasSubstr("1 of its 3 entries"));
  EXPECT_THAT(message_of([&] { file.append(std::vector<float>(33)); }), HasSubstr("whole entries"));
  EXPECT_THAT(message_of([&] { file.append(std::vector<float>(96)); }), HasSubstr("whole entries"));
  EXPECT_THAT(message_of([&] { file.add({"a/b", "", {{"x", "", 1}}}, {1}); }), HasSubstr("a/b"));
}

}  // namespace
}  // namespace colonnade
