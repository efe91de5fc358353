// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/diffract.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/file.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/image/formats/image_file.h"

namespace colonnade {
namespace {

using testing::HasSubstr;

TEST(Diffract, WritesSpotsPicturesAndRecord) {
  const TemporaryFolder folder;
  DiffractOptions options;
  options.zone = "110";
  const auto out = folder.path() / "si";
  const Diffraction result = diffract("diamond:5.431", options, out, false);
  EXPECT_GT(result.spots.size(), 20u);
  EXPECT_EQ(result.spots[0].hkl, (Miller{0, 0, 0}));
  EXPECT_NEAR(result.spots[1].g_per_A, std::sqrt(3) / 5.431, 1e-9);
  EXPECT_THAT(read_file(out / "spots.csv"), HasSubstr("h,k,l,g_per_A"));
  EXPECT_THAT(read_file(out / "spots.svg"), HasSubstr("22\u03050"));
  EXPECT_THAT(read_file(out / "run.json"), HasSubstr("\"wavelength_A\": 0.02507"));
  EXPECT_EQ(read_image(out / "pattern.tif").data, result.pattern.data);
  const auto signals = read_signals(out / "pattern.hdf5");
  ASSERT_EQ(signals.size(), 1u);
  EXPECT_EQ(signals[0].axes.at(1).unit, "A^-1");
  EXPECT_NEAR(signals[0].axes.at(1).scale, options.raster.camera.per_A_per_px(200), 1e-9);
  EXPECT_NEAR(signals[0].axes.at(1).offset, -127.5 * signals[0].axes.at(1).scale, 1e-9);
  EXPECT_TRUE(std::filesystem::exists(out / "spots.png"));
  EXPECT_TRUE(std::filesystem::exists(out / "pattern.png"));
  EXPECT_THAT(message_of([&] { diffract("diamond:5.431", options, out, false); }), HasSubstr("si"));
}

TEST(Diffract, AtomsAndSpotsAgreeOnPlaces) {
  // The brightest pixel off the middle of a block's pattern is where the list has its strongest reflections.
  DiffractOptions options;
  const Diffraction spots = diffract("fcc:4.05", options);
  options.method = "atoms";
  options.width_nm = 6;
  options.thickness_nm = 5;
  const Diffraction atoms = diffract("fcc:4.05", options);
  const double per_px = options.raster.camera.per_A_per_px(200);
  int row = 0, column = 0;
  for (int y = 0; y < 256; ++y)
    for (int x = 0; x < 256; ++x)
      if (std::hypot(y - 127.5, x - 127.5) > 20 && atoms.pattern.at(y, x) > atoms.pattern.at(row, column)) {
        row = y;
        column = x;
      }
  EXPECT_NEAR(std::hypot(row - 127.5, column - 127.5) * per_px, spots.spots[1].g_per_A, per_px);
}

TEST(Diffract, DynamicalMethodsShareTheBeam) {
  DiffractOptions options;
  options.zone = "110";
  options.thickness_nm = 8;
  for (const std::string method : {"two-beam", "bloch"})
    for (const double angle : {0.0, 0.7}) {
      options.method = method;
      options.precession = {angle, 12};
      double sum = 0;
      bool forbidden = false;
      for (const auto& spot : diffract("diamond:5.431", options).spots) {
        sum += spot.intensity;
        forbidden = forbidden || spot.hkl == Miller{0, 0, 2};
      }
      EXPECT_NEAR(sum, 1, 1e-6) << method;
      EXPECT_EQ(forbidden, method == "bloch");
    }
}

TEST(Diffract, SameSeedSameNoise) {
  DiffractOptions options;
  options.raster.electrons = 1e4;
  const auto first = diffract("Au", options).pattern.data;
  EXPECT_EQ(first, diffract("Au", options).pattern.data);
  options.seed = 2;
  EXPECT_NE(first, diffract("Au", options).pattern.data);
}

TEST(Diffract, BadInputIsRefused) {
  const auto refusal = [](const std::string& crystal, auto change) {
    DiffractOptions options;
    change(options);
    return message_of([&] { diffract(crystal, options); });
  };
  EXPECT_THAT(refusal("Si", [](auto& o) { o.zone = "000"; }), HasSubstr("zone axis '000'"));
  EXPECT_THAT(refusal("Si", [](auto& o) { o.zone = "1x0"; }), HasSubstr("zone axis '1x0'"));
  EXPECT_THAT(refusal("Unobtainium", [](auto&) {}), HasSubstr("Unobtainium"));
  EXPECT_THAT(refusal("Si", [](auto& o) { o.method = "magic"; }), HasSubstr("method 'magic'"));
  EXPECT_THAT(refusal("Si", [](auto& o) { o.raster.camera.camera_length_mm = 0; }), HasSubstr("camera length of 0 mm"));
  EXPECT_THAT(refusal("Si", [](auto& o) { o.longest_per_A = 0.1; }), HasSubstr("no reflection up to 0.1"));
  EXPECT_THAT(refusal("Si",
                      [](auto& o) {
                        o.tilt.tilt_x_deg = 3.1;
                        o.tilt.tilt_y_deg = 1.7;
                        o.largest_excitation_per_A = 1e-7;
                      }),
              HasSubstr("no reflection of Si"));
  EXPECT_THAT(refusal("Si", [](auto& o) { o.precession.angle_deg = 50; }), HasSubstr("50 degrees"));
  EXPECT_THAT(refusal("Si", [](auto& o) { o.energy_keV = 0; }), HasSubstr("energy"));
}

}  // namespace
}  // namespace colonnade
