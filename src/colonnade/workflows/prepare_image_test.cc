// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/prepare_image.h"

#include <cmath>
#include <filesystem>
#include <gmock/gmock.h>

#include "colonnade/core/test_errors.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/scan.h"

namespace colonnade {
namespace {

using testing::HasSubstr;

/// SrTiO3 along [001] at 0.013 nm per pixel, on a level of 0.02.
Image strontium_titanate(int side, double down, double right) {
  Image image(side, side, 0.013);
  const double cell = 0.3905 / 0.013;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const double u = x + right, v = y + down;
      const auto off = [&](double at, double shift) { return at - cell * (std::round(at / cell - shift) + shift); };
      image.at(y, x) = float(0.02 + 0.2 * std::exp(-0.5 * (std::pow(off(u, 0), 2) + std::pow(off(v, 0), 2)) / 18) +
                             0.1 * std::exp(-0.5 * (std::pow(off(u, 0.5), 2) + std::pow(off(v, 0.5), 2)) / 18));
    }
  }
  return image;
}

std::vector<std::string> names(const Prepared& prepared) {
  std::vector<std::string> all;
  for (const auto& step : prepared.steps) all.push_back(step.name);
  return all;
}

TEST(PrepareImage, NothingAskedForNothingDone) {
  const Image image = strontium_titanate(128, 0, 0);
  const Prepared prepared = prepare({image}, {});
  EXPECT_EQ(prepared.image.data, image.data);
  EXPECT_TRUE(prepared.steps.empty());
  EXPECT_TRUE(prepared.to_json()["steps"].empty());
}

TEST(PrepareImage, FramesDetectorAndCrystalInOrder) {
  const TemporaryFolder folder;
  // A detector that answers 1000 above 50, and frames recorded with it at a wrong scale.
  Image scan(256, 256);
  Random random(3);
  for (int y = 0; y < 256; ++y) {
    for (int x = 0; x < 256; ++x) {
      const double r = std::hypot(y - 128, x - 120);
      scan.at(y, x) = float(50 + (r > 20 && r < 90 ? 1000 : 0) + 3 * random.normal());
    }
  }
  write_image(folder.path() / "scan.npy", scan);
  std::vector<Image> frames;
  for (int f = 0; f < 4; ++f) {
    frames.push_back(strontium_titanate(300, 1.5 * f, -0.8 * f));
    frames.back().pixel_size_nm = 0.0135;
    for (float& value : frames.back().data) value = float(50 + 1000 * (value + 0.02 * random.normal()));
  }
  PreparationOptions options;
  options.detector_scan = (folder.path() / "scan.npy").string();
  options.crystal = "SrTiO3";
  const Prepared prepared = prepare(frames, options);
  EXPECT_THAT(names(prepared), testing::ElementsAre("frames", "detector", "pixel size", "noise"));
  EXPECT_NEAR(prepared.image.pixel_size_nm / 0.013, 1, 0.002);
  EXPECT_EQ(prepared.image.intensity, "fraction of beam");
  EXPECT_NEAR(mean(prepared.image), mean(strontium_titanate(300, 0, 0)), 0.002);
  EXPECT_NEAR(mean(prepared.standard_error), 0.01, 0.003);
  EXPECT_LT(prepared.image.height, 300);
  for (const auto& step : prepared.steps) {
    EXPECT_FALSE(step.sentence.empty());
    EXPECT_EQ(step.before.data.empty(), step.after.data.empty());
  }
  EXPECT_EQ(prepared.steps[0].before.height, 300);
  EXPECT_EQ(prepared.to_json()["steps"][2]["crystal"], "SrTiO3");
  EXPECT_NEAR(prepared.to_json()["steps"][1]["response"], 1000, 10);
}

TEST(PrepareImage, TheCrystalGivesAPixelSizeThatNobodyKnew) {
  Image image = strontium_titanate(300, 0, 0);
  image.pixel_size_nm = 0;
  PreparationOptions options;
  options.crystal = "SrTiO3";
  options.undistort = "smooth";
  const Prepared prepared = prepare({image}, options);
  EXPECT_NEAR(prepared.image.pixel_size_nm / 0.013, 1, 0.002);
  EXPECT_THAT(names(prepared), testing::ElementsAre("pixel size", "distortion", "noise"));
  double worst = 0;
  for (int y = 20; y < 280; ++y) {
    for (int x = 20; x < 280; ++x) {
      worst = std::max(worst, double(std::abs(prepared.image.at(y, x) - image.at(y, x))));
    }
  }
  EXPECT_LT(worst, 0.01);  // nothing was distorted
}

TEST(PrepareImage, WrongOptionsAreRefused) {
  PreparationOptions options;
  options.undistort = "affine";
  EXPECT_THAT(message_of([&] { options.check(); }), HasSubstr("--crystal"));
  options.crystal = "SrTiO4";
  EXPECT_THAT(message_of([&] { options.check(); }), HasSubstr("SrTiO3"));
  options.undistort = "much";
  EXPECT_THAT(message_of([&] { options.check(); }), HasSubstr("--undistort"));
  EXPECT_THAT(message_of([] { prepare({}, {}); }), HasSubstr("no frame"));
  Image fraction = strontium_titanate(128, 0, 0);
  fraction.intensity = "fraction of beam";
  PreparationOptions scan;
  scan.detector_scan = "scan.npy";
  EXPECT_THAT(message_of([&] { prepare({fraction}, scan); }), HasSubstr("already"));
}

TEST(PrepareImage, RealMicrographs) {
  const auto path = std::filesystem::path(COLONNADE_SHARED_DATA) / "micrographs" / "Acquisition_18.emd";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
  PreparationOptions options;
  options.crystal = "SrTiO3";
  const Prepared prepared = prepare({read_image(path)}, options);
  EXPECT_NEAR(prepared.image.pixel_size_nm, 0.3905 / 33.497, 0.005 * 0.01166);
  for (const auto& step : prepared.steps) std::cout << step.sentence << "\n";
}

}  // namespace
}  // namespace colonnade
