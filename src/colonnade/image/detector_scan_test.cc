// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/detector_scan.h"

#include <cmath>
#include <filesystem>
#include <gmock/gmock.h>

#include "colonnade/core/random.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/image/formats/image_file.h"

namespace colonnade {
namespace {

/// A ring of four segments with gaps that do not count, brighter to one side and weaker with the radius, on an offset,
/// with noise. `mean` receives the exact mean response over the ring, weighted.
struct SimulatedScan {
  double outer = 170, inner = 34, gain = 900, offset = 120, gap = 2.5, noise = 9, centre_y = 251.3, centre_x = 262.8;

  double sensitivity(double y, double x) const {
    const double r = std::hypot(y, x);
    if (r >= outer || r < inner || std::abs(y - x) < gap || std::abs(y + x) < gap) return 0;
    return 1 + 0.15 * x / outer - 0.2 * (r - inner) / (outer - inner);
  }
  Image image(Random& random) const {
    Image scan(512, 512, 0);
    for (int y = 0; y < 512; ++y) {
      for (int x = 0; x < 512; ++x) {
        double sum = 0;  // the beam is as wide as a pixel
        for (int k = 0; k < 16; ++k) {
          const int row = k / 4, column = k % 4;
          sum += sensitivity(y - centre_y + row / 4.0 - 0.375, x - centre_x + column / 4.0 - 0.375) / 16;
        }
        scan.at(y, x) = float(offset + gain * sum + noise * random.normal());
      }
    }
    return scan;
  }
  double mean(double exponent, double limit) const {
    double sum = 0, weights = 0;
    const int steps = int(8 * outer);
    for (int row = 0; row < steps; ++row) {
      for (int column = 0; column < steps; ++column) {
        const double x = 0.125 - outer + 0.25 * column, y = 0.125 - outer + 0.25 * row;
        const double r = std::hypot(y, x);
        if (r < inner || r >= std::min(outer, limit)) continue;
        const double weight = std::pow(r, -exponent);
        sum += weight * gain * sensitivity(y, x), weights += weight;
      }
    }
    return sum / weights;
  }
};

TEST(DetectorScan, ASimulatedScanWithinOnePercent) {
  Random random(11);
  const SimulatedScan detector;
  const Image scan = detector.image(random);
  const DetectorResponse even = detector_response(scan);
  EXPECT_NEAR(even.dark, 120, 0.1);
  EXPECT_NEAR(even.dark_deviation, 9, 0.3);
  EXPECT_NEAR(even.response / detector.mean(0, 1e9), 1, 0.01);
  EXPECT_NEAR(even.outer_radius_px, 170, 0.5);
  EXPECT_NEAR(even.inner_radius_px, 34, 0.5);
  EXPECT_NEAR(even.centre_y, 251.3, 0.3);
  EXPECT_NEAR(even.centre_x, 262.8, 0.3);
  EXPECT_NEAR(even.ring_px / (M_PI * (170 * 170 - 34 * 34)), 1, 0.01);
  EXPECT_LT(even.active_px, 0.99 * even.ring_px);
  EXPECT_LT(even.response_error / even.response, 0.01);
  std::cout << "simulated scan: response " << even.response << " +- " << even.response_error << ", truth "
            << detector.mean(0, 1e9) << "\n";
}

TEST(DetectorScan, WeightedByTheFlux) {
  Random random(12);
  const SimulatedScan detector;
  DetectorScanOptions options;
  options.flux_exponent = 3;
  const Image scan = detector.image(random);
  const double steep = detector_response(scan, options).response;
  EXPECT_NEAR(steep / detector.mean(3, 1e9), 1, 0.01);
  options.inner_mrad = 50;
  options.outer_mrad = 100;
  EXPECT_NEAR(detector_response(scan, options).response / detector.mean(3, 68), 1, 0.01);
  EXPECT_GT(std::abs(steep / detector.mean(0, 1e9) - 1), 0.01);
}

TEST(DetectorScan, FractionsOfTheBeamComeBack) {
  Random random(13);
  const SimulatedScan detector;
  const DetectorResponse response = detector_response(detector.image(random));
  Image image(20, 30, 0.01);
  const double whole = detector.mean(0, 1e9);
  for (std::size_t i = 0; i < image.data.size(); ++i) {
    image.data[i] = float(120 + whole * 0.1 * double(i) / double(image.data.size()));
  }
  const Image fractions = fraction_of_beam(image, response);
  EXPECT_EQ(fractions.intensity, "fraction of beam");
  EXPECT_NEAR(fractions.data.back(), 0.1, 0.001);
  EXPECT_NEAR(fractions.data.front(), 0, 0.0005);
  EXPECT_NEAR(fractions.metadata["detector_response"]["dark"], 120, 0.1);
}

TEST(DetectorScan, WhatIsNoRingIsRefused) {
  Random random(14);
  Image noise(128, 128);
  for (float& value : noise.data) value = float(100 + 5 * random.normal());
  EXPECT_THAT(message_of([&] { detector_response(noise); }), testing::HasSubstr("no detector"));
  EXPECT_THAT(message_of([] { detector_response(Image(128, 128)); }), testing::HasSubstr("even"));
  SimulatedScan cut;
  cut.centre_x = 420;
  EXPECT_THAT(message_of([&] { detector_response(cut.image(random)); }), testing::HasSubstr("whole"));
}

TEST(DetectorScan, OfARealMicroscope) {
  const auto path = std::filesystem::path(COLONNADE_SHARED_DATA) / "micrographs/atomap_detector_image.hspy";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
  const DetectorResponse found = detector_response(read_image(path));
  // By NumPy: the median of what is below half way is 1254; 81902 pixels lie above, at 47131 over that on the mean.
  EXPECT_NEAR(found.dark, 1254, 20);
  EXPECT_NEAR(found.ring_px / 81902, 1, 0.01);
  EXPECT_NEAR(found.response / 47131, 1, 0.01);
  EXPECT_NEAR(found.non_uniformity, 0.092, 0.01);
  std::cout << found.to_json().dump() << "\n";
}

}  // namespace
}  // namespace colonnade
