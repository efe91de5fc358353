// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/noise.h"

#include <gmock/gmock.h>
#include <limits>

#include "colonnade/image/test_folder.h"

namespace colonnade {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Image constant(float value, int height = 200, int width = 250) {
  Image image(height, width, 0.02);
  std::fill(image.data.begin(), image.data.end(), value);
  return image;
}

double variance(const Image& image) {
  const double centre = mean(image);
  double sum = 0;
  for (const float value : image.data) sum += (value - centre) * (value - centre);
  return sum / double(image.data.size() - 1);
}

TEST(PoissonNoise, MeanAndVarianceAreThoseOfCounts) {
  for (const double dose : {50.0, 1e4, 1e6}) {
    Random random(3);
    const double electrons = dose * 0.2 * 0.2;
    const Image noisy = poisson_noise(constant(0.1F), dose, random);
    const double expected = 0.1 / electrons, count = double(noisy.data.size());
    EXPECT_NEAR(mean(noisy), 0.1, 5 * std::sqrt(expected / count));
    // The variance of a Poisson sample variance: (1/m + 2)/n of its square, m the mean count.
    EXPECT_NEAR(variance(noisy), expected, 5 * expected * std::sqrt((1 / (0.1 * electrons) + 2) / count));
  }
}

TEST(PoissonNoise, ValuesAreWholeElectrons) {
  Random random(4);
  const double electrons = 500 * 0.04;
  for (const float value : poisson_noise(constant(0.3F, 20, 20), 500, random).data) {
    EXPECT_NEAR(value * electrons, std::round(value * electrons), 1e-4);
  }
}

TEST(PoissonNoise, NoDoseOrNoIntensityIsNoNoise) {
  Random random(5);
  EXPECT_EQ(poisson_noise(sample_image(), 0, random).data, sample_image().data);
  EXPECT_EQ(poisson_noise(constant(0, 4, 4), 1e5, random).data, constant(0, 4, 4).data);
}

TEST(PoissonNoise, RefusesNonsense) {
  Random random(6);
  Image image = constant(0.1F, 3, 4);
  EXPECT_THAT(message_of([&] { poisson_noise(image, -1, random); }), HasSubstr("dose is -1"));
  EXPECT_THAT(message_of([&] { poisson_noise(image, std::nan(""), random); }), HasSubstr("dose"));
  image.at(1, 2) = -0.5F;
  EXPECT_THAT(message_of([&] { poisson_noise(image, 10, random); }),
              AllOf(HasSubstr("-0.5"), HasSubstr("row 1, column 2")));
  EXPECT_THAT(message_of([&] { poisson_noise(sample_image(3, 3, 0), 10, random); }), HasSubstr("pixel size"));
}

TEST(GaussianNoise, MeanAndDeviation) {
  Random random(7);
  const Image noisy = gaussian_noise(constant(2), 0.5, random);
  EXPECT_NEAR(mean(noisy), 2, 5 * 0.5 / std::sqrt(50000.0));
  EXPECT_NEAR(variance(noisy), 0.25, 5 * 0.25 * std::sqrt(2 / 50000.0));
  EXPECT_EQ(gaussian_noise(constant(2, 3, 3), 0, random).data, constant(2, 3, 3).data);
  EXPECT_THAT(message_of([&] { gaussian_noise(constant(2), -0.1, random); }), HasSubstr("-0.1"));
}

TEST(ScanJitter, RowsShiftByTheStatedDeviation) {
  // On a ramp in x a shift in x changes every value of a row by the same amount and a shift in y changes nothing.
  Image ramp(2000, 60, 0.02);
  for (int y = 0; y < ramp.height; ++y) {
    for (int x = 0; x < ramp.width; ++x) ramp.at(y, x) = float(x);
  }
  Random random(8);
  const Image shaken = scan_jitter(ramp, 0.8, random);
  double sum = 0, square = 0;
  for (int y = 0; y < ramp.height; ++y) {
    const double shift = shaken.at(y, 20) - 20;
    EXPECT_NEAR(shaken.at(y, 40) - 40, shift, 1e-4);
    sum += shift;
    square += shift * shift;
  }
  EXPECT_NEAR(sum / 2000, 0, 5 * 0.8 / std::sqrt(2000.0));
  EXPECT_NEAR(square / 2000, 0.64, 5 * 0.64 * std::sqrt(2 / 2000.0));
}

TEST(ScanJitter, RowsAlsoMoveDown) {
  Image ramp(3000, 4, 0.02);
  for (int y = 0; y < ramp.height; ++y) {
    for (int x = 0; x < 4; ++x) ramp.at(y, x) = float(y);
  }
  Random random(9);
  const Image shaken = scan_jitter(ramp, 0.5, random);
  double square = 0;
  for (int y = 10; y < 2990; ++y) square += std::pow(shaken.at(y, 1) - y, 2);
  EXPECT_NEAR(square / 2980, 0.25, 5 * 0.25 * std::sqrt(2 / 2980.0));
}

TEST(ScanJitter, EdgesAreHeldAndNoneIsNone) {
  Random random(10);
  const Image image = sample_image(9, 6);
  EXPECT_EQ(scan_jitter(image, 0, random).data, image.data);
  const auto [low, high] = extremes(image);
  const Image shaken = scan_jitter(image, 50, random);
  EXPECT_GE(extremes(shaken).low, low);
  EXPECT_LE(extremes(shaken).high, high);
  EXPECT_THAT(message_of([&] { scan_jitter(image, std::numeric_limits<double>::infinity(), random); }),
              HasSubstr("inf"));
}

TEST(Noise, SameSeedSameBytes) {
  const Image image = constant(0.2F, 17, 23);
  const auto run = [&](std::uint64_t seed) {
    Random random(seed);
    return scan_jitter(gaussian_noise(poisson_noise(image, 3000, random), 0.01, random), 0.3, random).data;
  };
  EXPECT_EQ(run(11), run(11));
  EXPECT_NE(run(11), run(12));
}

}  // namespace
}  // namespace colonnade
