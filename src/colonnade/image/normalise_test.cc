// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/normalise.h"

#include <gmock/gmock.h>
#include <numbers>

#include "colonnade/image/filter.h"
#include "colonnade/image/test_folder.h"

namespace colonnade {
namespace {

using testing::Each;
using testing::HasSubstr;

constexpr double two_pi = 2 * std::numbers::pi;

Image ramp(int height, int width) {
  Image image(height, width, 0.5);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) image.at(y, x) = float(3 + 2 * x);
  }
  return image;
}

/// Half-sample symmetric, so that the reflected edges continue it without a break.
Image cosine(int height, int width, int half_waves, double pixel_nm) {
  Image image(height, width, pixel_nm);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) image.at(y, x) = float(std::cos(std::numbers::pi * half_waves * (x + 0.5) / width));
  }
  return image;
}

TEST(ScaleToUnit, RampAndConstant) {
  const Image scaled = scale_to_unit(ramp(3, 11));
  for (int x = 0; x < 11; ++x) EXPECT_NEAR(scaled.at(1, x), x / 10.0, 1e-6);
  Image constant(4, 5);
  std::fill(constant.data.begin(), constant.data.end(), 7.0F);
  EXPECT_THAT(scale_to_unit(constant).data, Each(0.0F));
}

TEST(ScaleToUnit, WideRangeDoesNotOverflow) {
  Image image(1, 3);
  image.data = {-3e38F, 0, 3e38F};
  EXPECT_THAT(scale_to_unit(image).data, testing::ElementsAre(0.0F, 0.5F, 1.0F));
}

TEST(SubtractLocalMean, RampVanishesInside) {
  const Image difference = subtract_local_mean(ramp(5, 101), 3);
  for (int x = 13; x < 88; ++x) EXPECT_NEAR(difference.at(2, x), 0, 1e-4);
  EXPECT_LT(difference.at(2, 0), -1);  // where the ramp is mirrored the mean lies above
}

TEST(SubtractLocalMean, CosineLosesItsFilteredPart) {
  const int width = 200, half_waves = 10;
  const double sigma = 6, f = half_waves / (2.0 * width);
  const Image image = cosine(7, width, half_waves, 0.1);
  const Image difference = subtract_local_mean(image, sigma);
  const double kept = 1 - std::exp(-0.5 * std::pow(two_pi * sigma * f, 2));
  for (int x = 0; x < width; ++x) EXPECT_NEAR(difference.at(3, x), kept * image.at(3, x), 2e-4);
}

TEST(DivideByLocalDeviation, CosineHasItsKnownDeviation) {
  // cos^2 = 1/2 + 1/2 cos(2x): the local mean square is 1/2 (1 + m cos(2x)), m the filter's transfer at twice the
  // frequency.
  const int width = 200, half_waves = 10;
  const double sigma = 5, f = half_waves / (2.0 * width);
  const Image image = cosine(6, width, half_waves, 0.1);
  const Image quotient = divide_by_local_deviation(image, sigma);
  const double m = std::exp(-0.5 * std::pow(two_pi * sigma * 2 * f, 2));
  for (int x = 0; x < width; ++x) {
    const double phase = two_pi * f * (x + 0.5);
    EXPECT_NEAR(quotient.at(2, x), std::cos(phase) / std::sqrt(0.5 * (1 + m * std::cos(2 * phase))), 5e-4);
  }
}

TEST(DivideByLocalDeviation, VanishesWithTheDeviation) {
  EXPECT_THAT(divide_by_local_deviation(Image(6, 9), 2).data, Each(0.0F));
  Image image(3, 400);
  for (int y = 0; y < 3; ++y) image.at(y, 5) = 1;
  image.at(0, 300) = 1e-9F;  // rounding error of the steps before, say
  const Image quotient = divide_by_local_deviation(image, 2);
  EXPECT_GT(quotient.at(1, 5), 1);
  EXPECT_EQ(quotient.at(0, 300), 0);
}

TEST(NormaliseLocally, IsTheThreeStepsAtOneNanometre) {
  const Image image = sample_image(40, 30, 0.2);
  const Image expected = divide_by_local_deviation(subtract_local_mean(scale_to_unit(image), 5), 5);
  const Image found = normalise_locally(image);
  EXPECT_EQ(found.data, expected.data);
  EXPECT_EQ(found.intensity, "normalised");
  EXPECT_EQ(found.pixel_size_nm, 0.2);
}

TEST(NormaliseLocally, BrightnessAndContrastDoNotMatter) {
  const Image image = sample_image(40, 30, 0.2);
  Image other = image;
  for (float& value : other.data) value = 250 + 40 * value;
  const Image first = normalise_locally(image), second = normalise_locally(other);
  for (std::size_t i = 0; i < first.data.size(); ++i) EXPECT_NEAR(first.data[i], second.data[i], 2e-3);
}

TEST(NormaliseLocally, ConstantGivesZeros) {
  Image constant(30, 20, 0.1);
  std::fill(constant.data.begin(), constant.data.end(), 7.0F);
  EXPECT_THAT(normalise_locally(constant).data, Each(0.0F));
}

TEST(NormaliseLocally, NeedsThePixelSize) {
  EXPECT_THAT(message_of([] { normalise_locally(sample_image(5, 5, 0)); }), HasSubstr("pixel size"));
}

}  // namespace
}  // namespace colonnade
