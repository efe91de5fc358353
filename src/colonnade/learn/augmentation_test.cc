// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/augmentation.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <set>

#include "colonnade/learn/synthetic_samples.h"

namespace colonnade {
namespace {

using testing::label_sigma_px;
using testing::synthetic_sample;

/// The image that is the first element's label map: moving it must be the same as moving the columns under it.
Sample sample_of_labels(int height, int width) {
  Random random(3);
  Sample sample = synthetic_sample(height, width, random);
  sample.image = label_maps(sample, {"Pt", "Ni"}, label_sigma_px)[0];
  return sample;
}

void expect_columns_under_image(const Sample& sample) {
  const Image map = label_maps(sample, {"Pt", "Ni"}, label_sigma_px)[0];
  ASSERT_EQ(map.data.size(), sample.image.data.size());
  for (std::size_t i = 0; i < map.data.size(); ++i) ASSERT_NEAR(map.data[i], sample.image.data[i], 1e-5);
}

TEST(Augmentation, MovesColumnsWithTheImage) {
  const Sample sample = sample_of_labels(32, 41);
  for (int turns = 0; turns < 4; ++turns) {
    const Sample moved = turned(sample, turns);
    EXPECT_EQ(moved.image.height, turns % 2 == 0 ? 32 : 41);
    expect_columns_under_image(moved);
    expect_columns_under_image(mirrored(moved));
    expect_columns_under_image(cropped(moved, 3, 5, 16, 24));
  }
  EXPECT_EQ(turned(sample, 4).image.data, sample.image.data);
  EXPECT_EQ(mirrored(mirrored(sample)).image.data, sample.image.data);
  EXPECT_NE(turned(sample, 1).image.data, turned(sample, 3).image.data);
}

TEST(Augmentation, ATurnIsCounterClockwise) {
  Sample sample;
  sample.image = Image(2, 3, 0.05);
  sample.image.data = {1, 2, 3, 4, 5, 6};
  EXPECT_EQ(turned(sample, 1).image.data, (std::vector<float>{3, 6, 2, 5, 1, 4}));
}

TEST(Augmentation, DrawsAllOrientationsAndStaysWithinItsBounds) {
  TrainingOptions options;
  options.crop_px = 32;
  Random random(7);
  std::set<std::pair<int, bool>> orientations;
  double largest_blur = 0, smallest_gamma = 2, largest_gamma = 0, largest_gradient = 0;
  int last_top = 0, last_left = 0;
  for (int i = 0; i < 2000; ++i) {
    const Augmentation drawn = draw_augmentation(options, 40, 48, random);
    orientations.insert({drawn.quarter_turns, drawn.mirror});
    largest_blur = std::max(largest_blur, drawn.blur_px);
    smallest_gamma = std::min(smallest_gamma, drawn.gamma);
    largest_gamma = std::max(largest_gamma, drawn.gamma);
    largest_gradient = std::max(largest_gradient, std::hypot(drawn.gradient_x, drawn.gradient_y));
    last_top = std::max(last_top, drawn.top);
    last_left = std::max(last_left, drawn.left);
    ASSERT_GE(std::min(drawn.top, drawn.left), 0);
  }
  EXPECT_EQ(orientations.size(), 8U);
  EXPECT_EQ(last_top, 8);
  EXPECT_EQ(last_left, 16);
  EXPECT_LE(largest_blur, 1);
  EXPECT_GT(largest_blur, 0.99);
  EXPECT_GE(smallest_gamma, 0.8);
  EXPECT_LE(largest_gamma, 1.2);
  EXPECT_GT(largest_gamma, 1.19);
  EXPECT_LE(largest_gradient, 0.2);
  EXPECT_GT(largest_gradient, 0.19);
}

TEST(Augmentation, ImagesThatAreNotSquareTurnByHalves) {
  const TrainingOptions options;
  Random random(1);
  for (int i = 0; i < 50; ++i) {
    const Augmentation drawn = draw_augmentation(options, 35, 48, random);
    EXPECT_EQ(drawn.quarter_turns % 2, 0);
    EXPECT_EQ(drawn.height, 32);  // four widths: the network halves three times
    EXPECT_EQ(drawn.width, 48);
    EXPECT_LE(drawn.top, 3);
  }
}

TEST(Augmentation, NothingDrawnChangesNothing) {
  Random random(1);
  const Sample sample = synthetic_sample(24, 40, random);
  EXPECT_EQ(augmented(sample, Augmentation{}, 0, random).image.data, sample.image.data);
}

TEST(Augmentation, ContrastKeepsTheLargestAndIlluminationTheMean) {
  Random random(1);
  Sample sample;
  sample.image = Image(16, 16, 0.05);
  for (float& value : sample.image.data) value = 0.1F;
  sample.image.data[5] = 0.4F;
  Augmentation contrast;
  contrast.gamma = 0.5;
  const Image bent = augmented(sample, contrast, 0, random).image;
  EXPECT_NEAR(bent.data[5], 0.4, 1e-6);
  EXPECT_NEAR(bent.data[0], 0.2, 1e-6);  // 0.4 sqrt(0.1 / 0.4)
  sample.image.data[5] = 0.1F;
  Augmentation light;
  light.gradient_x = 0.3;
  const Image lit = augmented(sample, light, 0, random).image;
  EXPECT_NEAR(lit.at(3, 0), 0.07, 1e-6);
  EXPECT_NEAR(lit.at(9, 15), 0.13, 1e-6);
  EXPECT_NEAR(mean(lit), 0.1, 1e-6);
}

TEST(Augmentation, NoiseHasTheVarianceOfTheDose) {
  Random random(2);
  Sample sample;
  sample.image = Image(128, 128, 0.05);
  sample.image.intensity = "fraction of beam";
  for (float& value : sample.image.data) value = 0.1F;
  const Image noisy = augmented(sample, Augmentation{}, 4000, random).image;
  const double average = mean(noisy);
  double variance = 0;
  for (const float value : noisy.data) variance += (value - average) * (value - average) / double(noisy.data.size());
  EXPECT_NEAR(average, 0.1, 1e-3);
  const double electrons = 4000 * 0.25;  // per pixel of 0.5 A
  EXPECT_NEAR(variance / (0.1 / electrons), 1, 0.05);
}

}  // namespace
}  // namespace colonnade
