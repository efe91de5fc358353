// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/diffraction/pattern_raster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>

#include "colonnade/core/test_errors.h"
#include "colonnade/simulate/electron.h"

namespace colonnade {

namespace {

double sum(const std::vector<float>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

DiffractionSpot spot_at(double x_per_A, double y_per_A, double intensity) {
  return {{}, std::hypot(x_per_A, y_per_A), x_per_A, y_per_A, 0, intensity};
}

/// The mean place of all intensity, px.
Vector3 centroid(const Image& image) {
  Vector3 mean{};
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x) {
      mean[0] += x * double(image.at(y, x));
      mean[1] += y * double(image.at(y, x));
      mean[2] += double(image.at(y, x));
    }
  return {mean[0] / mean[2], mean[1] / mean[2], mean[2]};
}

TEST(PatternRaster, SpotsStandWhereTheirBeamsMeetTheCamera) {
  RasterOptions options;
  options.camera = {150, 201, 500, 25, 3.25, -2.5};
  const PatternRaster raster(options, 100);
  Random random(1);
  for (const auto& [x, y] : {std::pair{0.0, 0.0}, {0.9, 0.31}, {-1.02, -0.4}}) {
    const Vector3 found = centroid(raster.draw({spot_at(x, y, 7)}, random));
    // The beam's direction: (x, y, sqrt(k^2 - x^2 - y^2)).
    const double k = 1 / electron_wavelength_A(100), mm = 50.0 / 201;
    const double forward = std::sqrt(k * k - x * x - y * y);
    EXPECT_NEAR(found[0], 100 + 3.25 + 500 * x / forward / mm, 1e-4);
    EXPECT_NEAR(found[1], 74.5 - 2.5 + 500 * y / forward / mm, 1e-4);
    EXPECT_NEAR(found[2], 1, 2e-6);
  }
  EXPECT_NEAR(options.camera.per_A_per_px(100), 50.0 / 201 / 500 / electron_wavelength_A(100), 1e-12);
}

TEST(PatternRaster, EachSpotKeepsItsElectronsWhateverItsSpread) {
  Random random(1);
  for (const double sigma : {0.1, 0.7, 3.0})
    for (const double lorentzian : {0.0, 0.4, 1.0}) {
      RasterOptions options;
      options.spread = {sigma, lorentzian, 1.5};
      const PatternRaster raster(options, 200);
      for (const double x : {0.0, 0.0033, 0.0071}) {
        const Image image = raster.draw({spot_at(x, -0.4, 3)}, random);
        EXPECT_NEAR(sum(image.data), 1, lorentzian > 0 ? 0.005 : 2e-6) << sigma << ' ' << lorentzian;
      }
    }
}

TEST(PatternRaster, PixelsAreIntegralsOfTheSpread) {
  // The sum of the spread at 40 x 40 points of a pixel, by the formulas of the spreads themselves.
  RasterOptions options;
  options.camera = {31, 31, 680, 3, 0.3, -0.2};
  options.spread = {1.2, 0.5, 0.8};
  Random random(1);
  const Image image = PatternRaster(options, 200).draw({spot_at(0, 0, 1)}, random);
  const double w = 0.8, sigma = 1.2, reach = 8.5;
  // The Lorentzian's share within the square where it is cut.
  const double kept = std::atan(reach * reach / (w * std::sqrt(w * w + 2 * reach * reach))) * 2 / M_PI;
  for (const auto& [column, row] : {std::pair{15, 15}, {17, 14}, {19, 19}}) {
    double wanted = 0;
    for (int i = 0; i < 1600; ++i) {
      const int across = i % 40, down = i / 40;
      const double x = column - 15.3 + (across + 0.5) / 40 - 0.5, y = row - 14.8 + (down + 0.5) / 40 - 0.5;
      const double r2 = x * x + y * y;
      wanted += 0.5 * std::exp(-r2 / (2 * sigma * sigma)) / (2 * M_PI * sigma * sigma) / 1600;
      wanted += 0.5 * std::pow(1 + r2 / (w * w), -1.5) / (2 * M_PI * w * w) / 1600 / kept;
    }
    EXPECT_NEAR(image.at(row, column), wanted, 1e-3 * wanted);
  }
}

class Counts : public testing::TestWithParam<double> {};

// Few background electrons are counted apart from the spots, many together with them.
TEST_P(Counts, HaveTheMeanAndVarianceOfElectrons) {
  RasterOptions options;
  options.electrons = 3e5;
  options.background_share = GetParam();
  options.background_decay_per_A = 0.5;
  const PatternRaster raster(options, 200);
  Random random(4);
  const std::vector<DiffractionSpot> spots{spot_at(0, 0, 2), spot_at(0.5, 0, 1)};
  const Image image = raster.draw(spots, random);
  const double electrons = 3e5 * (1 + GetParam());
  EXPECT_NEAR(sum(image.data), electrons, 5 * std::sqrt(electrons));
  options.electrons = 0;
  const Image expected = PatternRaster(options, 200).draw(spots, random);
  double chi_squared = 0, pixels = 0;
  for (std::size_t i = 0; i < image.data.size(); ++i) {
    const double mean = 3e5 * double(expected.data[i]);
    if (mean < 1) continue;
    chi_squared += std::pow(image.data[i] - mean, 2) / mean;
    ++pixels;
  }
  ASSERT_GT(pixels, 60);
  EXPECT_NEAR(chi_squared / pixels, 1, 5 * std::sqrt(3 / pixels));
  EXPECT_EQ(image.intensity, "counts");
}

INSTANTIATE_TEST_SUITE_P(Backgrounds, Counts, testing::Values(0.0, 0.5, 5.0));

TEST(PatternRaster, SameSeedSameBytes) {
  RasterOptions options;
  options.electrons = 1e4;
  options.background_share = 0.3;
  const PatternRaster raster(options, 200);
  Random first(9), second(9), other(10);
  const std::vector<DiffractionSpot> spots{spot_at(0, 0, 2), spot_at(0.5, 0, 1)};
  const Image image = raster.draw(spots, first);
  EXPECT_EQ(image.data, raster.draw(spots, second).data);
  EXPECT_NE(image.data, raster.draw(spots, other).data);
}

TEST(PatternRaster, BeamStopShadowsDiscAndBar) {
  RasterOptions options;
  options.background_share = 1;
  options.stop = {4, 2, 90};  // the bar runs down
  Random random(1);
  const Image image = PatternRaster(options, 200).draw({spot_at(0, 0, 1)}, random);
  EXPECT_EQ(image.at(128, 128), 0);
  EXPECT_EQ(image.at(250, 128), 0);
  EXPECT_GT(image.at(5, 128), 0);
  EXPECT_GT(image.at(128, 160), 0);
  const auto dark = std::count(image.data.begin(), image.data.end(), 0.0F);
  const double mm = 50.0 / 256;
  EXPECT_NEAR(double(dark), (M_PI * 16 + 2 * 25 - 0.5 * 2 * 8 + 0.2) / mm / mm, 60);
}

TEST(PatternRaster, SaturationLevelsAndLogarithm) {
  Random random(1);
  RasterOptions options;
  const std::vector<DiffractionSpot> spots{spot_at(0, 0, 9), spot_at(0.5, 0, 1)};
  const Image plain = PatternRaster(options, 200).draw(spots, random);
  options.saturation = 0.01;
  options.levels = 4;
  const Image limited = PatternRaster(options, 200).draw(spots, random);
  options = {};
  options.logarithmic = true;
  const Image logarithmic = PatternRaster(options, 200).draw(spots, random);
  for (std::size_t i = 0; i < plain.data.size(); ++i) {
    EXPECT_NEAR(limited.data[i], std::round(std::min(plain.data[i], 0.01F) / 0.0025) * 0.0025, 1e-8);
    EXPECT_FLOAT_EQ(logarithmic.data[i], std::log1p(plain.data[i]));
  }
}

TEST(PatternRaster, RecordsAPatternThatIsThere) {
  RasterOptions options;
  options.camera = {21, 31, 680, 3, 0, 0};
  options.electrons = 1e6;
  Image pattern(21, 31);
  pattern.at(10, 15) = 3;
  pattern.at(4, 20) = 1;
  Random random(3);
  PatternRaster(options, 200).record(random, pattern);
  EXPECT_NEAR(sum(pattern.data), 1e6, 5e3);
  EXPECT_NEAR(pattern.at(10, 15), 0.75e6 / (2 * M_PI), 0.1e6);
  EXPECT_NEAR(pattern.at(4, 20), 0.25e6 / (2 * M_PI), 0.03e6);
  Image other(20, 31);
  EXPECT_THAT(message_of([&] { PatternRaster(options, 200).record(random, other); }), testing::HasSubstr("20 x 31"));
}

TEST(PatternRaster, ViewIsALogarithm) {
  Image image(1, 4);
  image.data = {100, 1, 0.01F, 0};
  const Image view = logarithmic_view(image, 1e4);
  EXPECT_FLOAT_EQ(view.data[0], 1);
  EXPECT_FLOAT_EQ(view.data[1], 0.5F);
  EXPECT_NEAR(view.data[2], 0, 1e-6);
  EXPECT_EQ(view.data[3], 0);
}

TEST(PatternRaster, BadInputIsRefused) {
  const auto refusal = [](auto change) {
    RasterOptions options;
    change(options);
    return message_of([&] { PatternRaster(options, 200); });
  };
  EXPECT_THAT(refusal([](auto& o) { o.camera.camera_length_mm = 0; }), testing::HasSubstr("camera length of 0 mm"));
  EXPECT_THAT(refusal([](auto& o) { o.camera.camera_length_mm = -5; }), testing::HasSubstr("camera length of -5 mm"));
  EXPECT_THAT(refusal([](auto& o) { o.camera.half_width_mm = 0; }), testing::HasSubstr("half width"));
  EXPECT_THAT(refusal([](auto& o) { o.camera.width_px = 0; }), testing::HasSubstr("pixels"));
  EXPECT_THAT(refusal([](auto& o) { o.spread.sigma_px = 0; }), testing::HasSubstr("sigma"));
  EXPECT_THAT(refusal([](auto& o) { o.electrons = -1; }), testing::HasSubstr("electrons"));
  EXPECT_THAT(message_of([] { PatternRaster({}, 0); }), testing::HasSubstr("energy"));
}

}  // namespace

}  // namespace colonnade
