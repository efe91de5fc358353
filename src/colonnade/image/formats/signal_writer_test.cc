// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/signal_writer.h"

#include <gmock/gmock.h>

#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/formats/npy.h"
#include "colonnade/image/hdf5_file.h"
#include "colonnade/image/test_folder.h"

namespace colonnade {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class SignalWriter : public TestFolder {
 protected:
  static StoredSignal image_signal() {
    Image image = sample_image(4, 6, 0.02);
    image.title = "HAADF";
    image.metadata["Acquisition_instrument"]["TEM"]["beam_energy"] = 200.0;
    image.metadata["Sample"]["elements"] = {"Pt", "Ni"};
    return signal_of(image);
  }
  /// Patterns of 2 x 3 px at 2 x 2 points, numbers 0, 1, 2, ...
  static StoredSignal patterns() {
    StoredSignal signal;
    signal.title = "patterns";
    signal.axes = {
        {"y", "nm", 2, 0.5, 0, true}, {"x", "nm", 2, 0.5, 0, true}, {"ky", "mrad", 2, 1, -1}, {"kx", "mrad", 3}};
    signal.read = [](std::int64_t first, std::int64_t count) {
      std::vector<float> values;
      for (std::int64_t i = first * 12; i < (first + count) * 12; ++i) values.push_back(float(i));
      return values;
    };
    return signal;
  }
};

TEST_F(SignalWriter, HspyComesBackWhole) {
  write_hspy(at("a.hspy"), {image_signal(), patterns()});
  const auto signals = read_signals(at("a.hspy"));
  ASSERT_THAT(signals, SizeIs(2));
  const Image image = read_image(at("a.hspy"));  // the only image; the patterns are none
  EXPECT_EQ(image.data, sample_image(4, 6).data);
  EXPECT_NEAR(image.pixel_size_nm, 0.02, 1e-12);
  EXPECT_EQ(image.title, "HAADF");
  EXPECT_EQ(image.metadata["Acquisition_instrument"]["TEM"]["beam_energy"], 200.0);
}

TEST_F(SignalWriter, BerkeleyComesBackWhole) {
  write_berkeley_emd(at("a.emd"), {image_signal(), patterns()});
  const Image image = read_image(at("a.emd"));
  EXPECT_EQ(image.data, sample_image(4, 6).data);
  EXPECT_NEAR(image.pixel_size_nm, 0.02, 1e-12);
  const Hdf5File file(at("a.emd"), Hdf5File::Mode::read);
  EXPECT_EQ(file.read_number("data/HAADF", "emd_group_type"), 1);
  EXPECT_EQ(file.read_text("data/HAADF/dim1", "units"), "[n_m]");
  EXPECT_THAT(file.read_doubles("data/patterns/dim3"), ElementsAre(-1, 0));
  EXPECT_EQ(file.read_floats("data/patterns/data")[23], 23);
}

TEST_F(SignalWriter, NpyOfAnyDimension) {
  write_npy(at("a.npy"), patterns());
  const auto signals = signals_of_npy(at("a.npy"));
  ASSERT_THAT(signals[0].axes, SizeIs(4));
  EXPECT_EQ(signals[0].axes[3].size, 3);
  EXPECT_THAT(signals[0].read(1, 1), testing::Each(testing::Ge(12.0F)));
  EXPECT_THAT(npy_header({5}), HasSubstr("'shape': (5,), }"));
}

TEST_F(SignalWriter, CsvHasTheScaleAndEveryNumber) {
  Image image(2, 3, 0.02);
  for (std::size_t i = 0; i < 6; ++i) image.data[i] = float(i) + 0.25F;
  write_csv(at("a.csv"), image);
  EXPECT_EQ(read_file(at("a.csv")),
            "# 2 rows of 3 pixels, 0.02 nm per pixel, arbitrary\n0.25,1.25,2.25\n3.25,4.25,5.25\n");
}

TEST_F(SignalWriter, LengthsAreWrittenInNanometres) {
  StoredSignal signal = image_signal();
  for (SignalAxis& axis : signal.axes) axis = {axis.name, "um", axis.size, 2e-5, 0.001, false};
  settle_units(signal, "a");
  EXPECT_EQ(signal.axes[1].unit, "nm");
  EXPECT_NEAR(signal.axes[1].scale, 0.02, 1e-12);
  EXPECT_NEAR(signal.axes[1].offset, 1, 1e-12);
}

TEST_F(SignalWriter, AFullDiskIsAnError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  EXPECT_THAT(message_of([&] { write_npy("/dev/full", patterns()); }), HasSubstr("disk full"));
  EXPECT_THAT(message_of([&] { write_csv("/dev/full", sample_image()); }), HasSubstr("disk full"));
}

}  // namespace
}  // namespace colonnade
