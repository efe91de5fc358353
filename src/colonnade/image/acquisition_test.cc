// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/acquisition.h"

#include <filesystem>
#include <gmock/gmock.h>

#include "colonnade/core/test_errors.h"
#include "colonnade/image/formats/image_file.h"

namespace colonnade {
namespace {

using nlohmann::json;

TEST(Acquisition, ByHyperSpysNames) {
  Image image(4, 4);
  image.metadata = json::parse(R"({"Acquisition_instrument": {"TEM": {"beam_energy": 200, "convergence_angle": 21.5,
    "camera_length": 115, "dwell_time": 1e-5, "beam_current": 0.05}}})");
  const Acquisition found = acquisition_of(image);
  EXPECT_EQ(found.beam_energy_keV, 200);
  EXPECT_EQ(found.convergence_mrad, 21.5);
  EXPECT_EQ(found.camera_length_mm, 115);
  EXPECT_NEAR(found.dwell_us, 10, 1e-9);
  EXPECT_EQ(found.beam_current_nA, 0.05);
  EXPECT_EQ(found.inner_mrad, 0);
  EXPECT_FALSE(found.to_json().contains("inner_mrad"));
}

TEST(Acquisition, ByVeloxsTreeInMetresAndRadiansAsText) {
  Image image(4, 4);
  image.metadata["original_metadata"] = json::parse(R"({"Optics": {"AccelerationVoltage": "300000",
    "BeamConvergence": "0.0179", "CameraLength": "0.1159"}, "Scan": {"DwellTime": "8e-07"},
    "DetectorMetadata": {"CollectionAngleRange": {"begin": "0.065", "end": "0.2"}}})");
  const Acquisition found = acquisition_of(image);
  EXPECT_NEAR(found.beam_energy_keV, 300, 1e-9);
  EXPECT_NEAR(found.convergence_mrad, 17.9, 1e-9);
  EXPECT_NEAR(found.inner_mrad, 65, 1e-9);
  EXPECT_NEAR(found.outer_mrad, 200, 1e-9);
  EXPECT_NEAR(found.dwell_us, 0.8, 1e-9);
}

TEST(Acquisition, TheUsersWordGoesFirstAndWhatIsMissingIsAskedFor) {
  Image image(4, 4);
  image.metadata =
      json::parse(R"({"Acquisition_instrument": {"TEM": {"beam_energy": 200, "convergence_angle": "-"}}})");
  AcquisitionOptions stated;
  stated.beam_energy_keV = 300;
  const Acquisition found = acquisition_of(image, stated);
  EXPECT_EQ(found.beam_energy_keV, 300);
  EXPECT_NO_THROW(require_beam_energy(found, "x"));
  EXPECT_THAT(message_of([&] { require_convergence(found, "counting"); }), testing::HasSubstr("--convergence"));
  EXPECT_THAT(message_of([&] { require_collection_angles(found, "x"); }), testing::HasSubstr("--inner-angle"));
  stated.inner_mrad = 80;
  stated.outer_mrad = 60;
  EXPECT_THAT(message_of([&] { acquisition_of(image, stated); }), testing::HasSubstr("not below"));
}

TEST(Acquisition, OfARealFile) {
  const auto path = std::filesystem::path(COLONNADE_SHARED_DATA) / "micrographs" / "temul_PTO_SRO.hspy";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
  const Acquisition found = acquisition_of(read_image(path));
  EXPECT_NEAR(found.beam_energy_keV, 300, 1e-6);
  EXPECT_NEAR(found.convergence_mrad, 17.9034, 1e-3);
  EXPECT_NEAR(found.inner_mrad, 65.0056, 1e-3);
  EXPECT_NEAR(found.outer_mrad, 379.453, 1e-2);
}

}  // namespace
}  // namespace colonnade
