// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/pattern_square.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/test_errors.h"
#include "colonnade/workflows/test_recordings.h"

namespace colonnade {
namespace {

using testing::HasSubstr;

constexpr int side = 64;

/// Of the network's pictures, where they come from beyond `inner` px of the square.
double correlation(const std::vector<float>& a, const std::vector<float>& b, double inner = 0) {
  double n = 0, sa = 0, sb = 0, aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto [x, y] = network_pixel_place(int(i) / side, int(i) % side, side);
    if (std::hypot(x, y) < inner) continue;
    n += 1, sa += a[i], sb += b[i], aa += a[i] * a[i], bb += b[i] * b[i], ab += a[i] * b[i];
  }
  return (ab / n - sa * sb / n / n) / std::sqrt((aa / n - sa * sa / n / n) * (bb / n - sb * sb / n / n));
}

/// The same pattern drawn on 128 px as training does, over what the square shows.
std::vector<float> drawn_directly(const std::vector<DiffractionSpot>& spots, Recording how,
                                  const PatternSquare& square) {
  const double mm = how.mm_per_px(), step = 2 * square.reach_px / recorded_side_px;
  RasterOptions options;
  options.camera.height_px = options.camera.width_px = recorded_side_px;
  options.camera.half_width_mm = square.reach_px * mm;
  options.spread.sigma_px = std::max(1.0, std::hypot(how.sigma_px / step, std::sqrt(1.0 / 12)));
  options.electrons = how.electrons;
  options.background_share = 0;  // the floor is taken off
  Random random(6);
  return network_pixels(PatternRaster(options, 200).draw(spots, random).data, side);
}

void expect_alike(const Recording& how, double inner = 0) {
  const auto spots = recorded_spots("Al", {0, 1, 1});
  const PatternSquare square = pattern_square(recorded(spots, how));
  EXPECT_NEAR(square.centre.x_px, 0.5 * (how.width - 1) + how.x, 0.5);
  EXPECT_NEAR(square.centre.y_px, 0.5 * (how.height - 1) + how.y, 0.5);
  EXPECT_GE(square.nearest_spot, 5.9);
  EXPECT_GT(correlation(network_pixels(square.pixels, side), drawn_directly(spots, how, square), inner), 0.98);
}

TEST(PatternSquare, IsThePatternAsTrainingDrawsIt) { expect_alike({}); }

TEST(PatternSquare, DoesNotMindWhereTheBeamIs) {
  expect_alike({.x = 31.3, .y = -22.8});
  expect_alike({.height = 520, .width = 380, .x = -12.6, .y = 40.1});
}

TEST(PatternSquare, DoesNotMindTheSizeOfTheImage) {
  expect_alike({.height = 700, .width = 720, .sigma_px = 3});
  expect_alike({.height = 140, .width = 150, .sigma_px = 1.2});
}

TEST(PatternSquare, TakesTheOppositeSideForABeamStop) {
  const BeamStop stop{1.2, 1.4, 17};  // over the spots of one row
  Recording how{.height = 420, .width = 400, .x = 6.3, .y = -4.2, .background = 0.4, .stop = stop};
  const auto spots = recorded_spots("Al", {0, 1, 1});
  PatternSquareOptions options;
  options.background = "radial";
  const PatternSquare square = pattern_square(recorded(spots, how), options);
  EXPECT_GT(square.mask.beam_stop + square.mask.rim, 500u);
  EXPECT_NEAR(square.centre.x_px, 205.8, 0.5);
  EXPECT_NEAR(square.centre.y_px, 205.3, 0.5);
  EXPECT_GT(square.filled, 0.005);
  EXPECT_GT(square.empty, 0.0005);
  const double inner = 2 * stop.disc_radius_mm / how.mm_per_px() / (2 * square.reach_px / recorded_side_px);
  const auto picture = network_pixels(square.pixels, side), direct = drawn_directly(spots, how, square);
  EXPECT_GT(correlation(picture, direct, inner), 0.98);
}

TEST(PatternSquare, GoesByTheOutermostSpots) {
  // The same pattern, small in the middle of a large image and filling one: the same picture.
  const auto spots = recorded_spots("Al", {0, 1, 1});
  Image small = recorded(spots, {.height = 300, .width = 300, .sigma_px = 1.5, .background = 0});
  Image large(700, 800);
  for (int y = 0; y < 300; ++y)
    for (int x = 0; x < 300; ++x) large.at(y + 200, x + 260) = small.at(y, x);
  Random random(8);
  for (float& value : large.data) value += 3 + float(random.normal());
  for (float& value : small.data) value += 3 + float(random.normal());
  const PatternSquare in_large = pattern_square(large), in_small = pattern_square(small);
  EXPECT_NEAR(in_large.reach_px / in_small.reach_px, 1, 0.2);
  EXPECT_LT(in_large.reach_px, 0.55 * 350);
  PatternSquareOptions same;
  same.reach = in_small.reach_px;
  EXPECT_GT(
      correlation(network_pixels(pattern_square(large, same).pixels, side), network_pixels(in_small.pixels, side)),
      0.98);
}

TEST(PatternSquare, TakesTheCentreThatIsGiven) {
  const Image image = recorded(recorded_spots("Al", {0, 0, 1}), {.x = 20, .y = 10});
  PatternSquareOptions options;
  options.centre = {219.3, 209.8};
  const PatternSquare square = pattern_square(image, options);
  EXPECT_NEAR(square.centre.x_px, 219.5, 0.1);
  EXPECT_NEAR(square.centre.y_px, 209.5, 0.1);
  options.centre = {500, 20};
  EXPECT_THAT(message_of([&] { pattern_square(image, options); }), HasSubstr("--centre"));
}

TEST(PatternSquare, RefusesWhatIsNoPatternOfSpots) {
  const auto refusal = [](const Image& image) { return message_of([&] { pattern_square(image); }); };
  EXPECT_THAT(refusal(recorded({}, {.background = 1})), HasSubstr("no diffraction spot"));
  EXPECT_THAT(refusal(Image(20, 400)), HasSubstr("32"));
  EXPECT_THAT(refusal(Image(100, 100)), HasSubstr("empty"));
  Image image = recorded(recorded_spots("Al", {0, 0, 1}), {});
  Image bright = image;
  for (std::size_t i = 0; i < bright.data.size() * 3 / 5; ++i) bright.data[i] = 1e7F;
  EXPECT_THAT(refusal(bright), HasSubstr("saturated"));
  image.at(7, 9) = NAN;
  EXPECT_THAT(refusal(image), HasSubstr("NaN"));
  PatternSquareOptions options;
  options.background = "some";
  EXPECT_THAT(message_of([&] { options.check(); }), HasSubstr("--background"));
}

}  // namespace
}  // namespace colonnade
