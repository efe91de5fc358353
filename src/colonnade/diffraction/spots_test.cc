// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/diffraction/spots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/test_errors.h"
#include "colonnade/diffraction/pattern_centre.h"
#include "colonnade/diffraction/test_patterns.h"

namespace colonnade {
namespace {

using testing::HasSubstr;

struct Case {
  TestImage how;
  std::vector<MeasuredSpot> spots;
  Image image;
};

Case silicon_110(bool beam_stop = false) {
  Random random(21);
  Case one;
  one.how.beam_stop = beam_stop;
  TestPattern pattern;
  pattern.angle_deg = 17;
  pattern.position_noise_per_A = 0;
  pattern.tilt_mrad = {3, -2};
  one.spots = test_spots(test_phase("Si"), {1, 1, 0}, pattern, random);
  one.image = test_image(one.how, one.spots, random);
  return one;
}

TEST(PatternCentre, IsFoundToAFractionOfAPixel) {
  const Case one = silicon_110();
  PatternMask mask = find_pattern_mask(one.image);
  const PatternCentre centre = find_centre(one.image, mask);
  EXPECT_NEAR(centre.x_px, one.how.centre_x, 0.15);
  EXPECT_NEAR(centre.y_px, one.how.centre_y, 0.15);
  EXPECT_GT(centre.error_px, 0);
  EXPECT_LT(centre.error_px, 0.3);
  EXPECT_EQ(mask.beam_stop, 0U);
  const PatternCentre pairs = centre_of_pairs(find_spots(one.image, mask, centre), centre);
  EXPECT_EQ(pairs.method, "pairs");
  EXPECT_NEAR(pairs.x_px, one.how.centre_x, 0.05);
  EXPECT_NEAR(pairs.y_px, one.how.centre_y, 0.05);
}

TEST(PatternCentre, IsFoundBehindABeamStop) {
  const Case one = silicon_110(true);
  PatternMask mask = find_pattern_mask(one.image);
  PatternCentre centre = find_centre(one.image, mask);
  EXPECT_GT(mask.beam_stop, 1000U);
  EXPECT_FALSE(mask.at(one.image, 150, 40));
  EXPECT_TRUE(mask.at(one.image, 40, 150));
  centre = centre_of_pairs(find_spots(one.image, mask, centre), centre);
  EXPECT_NEAR(centre.x_px, one.how.centre_x, 0.3);
  EXPECT_NEAR(centre.y_px, one.how.centre_y, 0.3);
}

TEST(PatternCentre, MayLieFarFromTheMiddle) {
  Random random(4);
  TestImage how;
  how.height = 320, how.width = 256;
  how.centre_x = 88.2, how.centre_y = 205.6;
  TestPattern pattern;
  pattern.position_noise_per_A = 0;
  const auto spots = test_spots(test_phase("Al"), {1, 0, 0}, pattern, random);
  const Image image = test_image(how, spots, random);
  PatternMask mask = find_pattern_mask(image);
  const PatternCentre centre = find_centre(image, mask);
  EXPECT_NEAR(centre.x_px, how.centre_x, 0.3);
  EXPECT_NEAR(centre.y_px, how.centre_y, 0.3);
}

TEST(Spots, AreFoundWherePutWithTheirIntensities) {
  const Case one = silicon_110();
  PatternMask mask = find_pattern_mask(one.image);
  const PatternCentre centre = find_centre(one.image, mask);
  const SpotList list = find_spots(one.image, mask, centre);
  EXPECT_NEAR(list.width_px, one.how.width_px, 0.15);
  double most = 0;
  for (const auto& spot : one.spots) most = std::max(most, spot.intensity);
  int wanted = 0, found = 0;
  for (const MeasuredSpot& truth : one.spots) {
    const double x = one.how.centre_x + truth.g[0] / one.how.per_px, y = one.how.centre_y + truth.g[1] / one.how.per_px;
    const double height = one.how.strongest * truth.intensity / most;
    const double edge = std::min({x, y, one.how.width - 1 - x, one.how.height - 1 - y});
    if (height < 40 || edge < 6 || std::hypot(x - centre.x_px, y - centre.y_px) < list.centre_radius_px) continue;
    ++wanted;
    for (const Spot& spot : list.spots) {
      if (std::hypot(spot.x_px - x, spot.y_px - y) > 0.5) continue;
      ++found;
      EXPECT_LT(std::hypot(spot.x_px - x, spot.y_px - y), 0.05 + 5 * spot.position_error_px);
      const double sum = height * 2 * std::numbers::pi * std::pow(one.how.width_px, 2);
      EXPECT_NEAR(spot.intensity, sum, 0.03 * sum + 6 * spot.intensity_error);
    }
  }
  EXPECT_GT(wanted, 20);
  EXPECT_EQ(found, wanted);
  EXPECT_LE(list.spots.size(), one.spots.size());
}

TEST(Spots, SayWhereTheyTouchAndWhereTheyAreClipped) {
  Random random(2);
  TestImage how;
  const std::vector<MeasuredSpot> spots{{{0.5, 0}, 0.7}, {{0.5, 0.05}, 0.5}, {{-0.6, 0.2}, 1}, {{0.1, -0.7}, 0.5}};
  Image image = test_image(how, spots, random);
  for (float& value : image.data) value = std::min(value, 2400.0F);
  PatternMask mask = find_pattern_mask(image);
  EXPECT_EQ(mask.saturation, 2400);
  const SpotList list = find_spots(image, mask, {how.centre_x, how.centre_y, 0.1, ""});
  ASSERT_EQ(list.spots.size(), 4U);
  int split = 0, clipped = 0;
  for (const Spot& spot : list.spots) split += spot.split, clipped += spot.saturated;
  EXPECT_EQ(split, 2);
  EXPECT_EQ(clipped, 1);
}

TEST(Spots, RefusePatternsWithoutAny) {
  Random random(9);
  const Image empty(64, 80);
  EXPECT_THAT(message_of([&] { find_pattern_mask(empty); }), HasSubstr("empty"));
  Image full(64, 80);
  for (std::size_t i = 0; i < full.data.size(); ++i) full.data[i] = i % 4 ? 255.0F : 10.0F;
  EXPECT_THAT(message_of([&] { find_pattern_mask(full); }), HasSubstr("saturated"));
  EXPECT_THAT(message_of([&] { find_pattern_mask(Image(20, 300)); }), HasSubstr("at least 32"));
  const Image noise = test_image({}, {}, random);
  PatternMask mask = find_pattern_mask(noise);
  const PatternCentre centre = find_centre(noise, mask);
  EXPECT_NEAR(centre.x_px, TestImage().centre_x, 0.5);
  EXPECT_THAT(message_of([&] { find_spots(noise, mask, centre); }), HasSubstr("no diffraction spot"));
}

}  // namespace
}  // namespace colonnade
