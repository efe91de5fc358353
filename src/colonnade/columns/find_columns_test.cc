// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/find_columns.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <limits>

#include "colonnade/columns/counts.h"
#include "colonnade/columns/test_images.h"
#include "colonnade/core/error.h"
#include "colonnade/image/filter.h"

namespace colonnade {
namespace {

struct Found {
  int matched = 0, missed = 0, extra = 0;
  double root_mean_square_px = 0;
};

Found compare(const std::vector<Drawn>& truth, const std::vector<Column>& columns, double distance_px) {
  const std::vector<Point> expected = places(truth), got = places(columns);
  const std::vector<int> partner = match_points(expected, got, distance_px);
  Found found;
  double squares = 0;
  for (std::size_t i = 0; i < partner.size(); ++i) {
    if (partner[i] < 0) continue;
    ++found.matched;
    const Point& other = got[partner[i]];
    squares += std::pow(expected[i].x - other.x, 2) + std::pow(expected[i].y - other.y, 2);
  }
  found.missed = int(truth.size()) - found.matched;
  found.extra = int(columns.size()) - found.matched;
  found.root_mean_square_px = std::sqrt(squares / std::max(1, found.matched));
  return found;
}

TEST(FindColumns, FindsEveryColumnOfAParticleInVacuum) {
  for (double degrees : {0.0, 17.0, 45.0}) {
    Image image(230, 270, 0.02);
    const auto truth = particle({130.3, 110.7}, 80, 12, degrees, 0.15);
    draw(image, truth, 2.9);
    const auto columns = find_columns(image);
    const Found found = compare(truth, columns, 1);
    EXPECT_EQ(found.missed, 0) << degrees;
    EXPECT_EQ(found.extra, 0) << degrees;
    EXPECT_LT(found.root_mean_square_px, 0.25) << degrees;
    EXPECT_TRUE(std::is_sorted(columns.begin(), columns.end(), [](const Column& a, const Column& b) {
      return a.y_px < b.y_px || (a.y_px == b.y_px && a.x_px < b.x_px);
    }));
  }
}

TEST(FindColumns, KeepsWeakRimColumnsInNoiseAndLeavesTheVacuumEmpty) {
  Random random(3);
  for (int trial = 0; trial < 5; ++trial) {
    Image image(256, 256, 0.02);
    const auto truth = particle({120, 130}, 85, 12, 11.0 * trial, 0.12);
    draw(image, truth, 3);
    add_noise(image, 0.03, random);
    const Found found = compare(truth, find_columns(image), 2);
    EXPECT_EQ(found.missed, 0) << trial;
    EXPECT_LE(found.extra, 1) << trial;
  }
}

TEST(FindColumns, WorksOnASlopingBackgroundAndASupportFilm) {
  Random random(5);
  Image film(240, 200, 0.02);
  add_noise(film, 1, random);
  film = gaussian_filter(film, 12);
  const auto truth = particle({100, 120}, 80, 12, 30, 0.25);
  Image image(240, 200, 0.02);
  draw(image, truth, 2.9);
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x) image.at(y, x) += 5 + 0.01F * x + 0.005F * y + 4 * film.at(y, x);
  add_noise(image, 0.04, random);
  const Found found = compare(truth, find_columns(image), 2);
  EXPECT_LE(found.missed, 2);
  EXPECT_LE(found.extra, 2);
}

TEST(FindColumns, SurvivesHeavyNoise) {
  Random random(7);
  Image image(512, 512, 0.01);
  const auto truth = particle({256, 256}, 400, 24, 20, 1);
  std::vector<Drawn> inside;
  for (const Drawn& column : truth)
    if (column.place.x > 8 && column.place.y > 8 && column.place.x < 503 && column.place.y < 503)
      inside.push_back(column);
  draw(image, truth, 6);
  add_noise(image, 0.7, random);
  const Found found = compare(inside, find_columns(image), 6);
  EXPECT_LE(found.missed, int(inside.size()) / 100);
  EXPECT_LT(found.root_mean_square_px, 2);
}

TEST(FindColumns, SeparatesDumbbells) {
  Random random(9);
  Image image(200, 260, 0.01);
  std::vector<Drawn> truth;
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j < 7; ++j) {
      // Silicon along [110]: pairs 0.136 nm apart.
      const double x = 20 + 38.4 * i + (j % 2 ? 19.2 : 0), y = 14 + 27.15 * j;
      if (x > 240) continue;
      truth.push_back({{x, y}, 1});
      truth.push_back({{x, y + 13.6}, 0.9});
    }
  std::erase_if(truth, [](const Drawn& column) { return column.place.y > 190; });
  draw(image, truth, 4);
  add_noise(image, 0.05, random);
  const Found found = compare(truth, find_columns(image), 3);
  EXPECT_EQ(found.missed, 0);
  EXPECT_EQ(found.extra, 0);
}

TEST(FindColumns, FindsTheWeakerOfTwoKindsOfColumns) {
  Random random(11);
  Image image(220, 220, 0.0125);
  std::vector<Drawn> truth;
  for (int i = 0; i < 13; ++i)
    for (int j = 0; j < 9; ++j) truth.push_back({{14 + 16.0 * i, 16 + 23.0 * j}, (i + j) % 2 ? 1.0 : 0.3});
  draw(image, truth, 4);
  add_noise(image, 0.05, random);
  const Found found = compare(truth, find_columns(image), 3);
  EXPECT_EQ(found.missed, 0);
  EXPECT_EQ(found.extra, 0);
}

TEST(FindColumns, PureNoiseAndConstantImagesHaveNone) {
  for (int seed = 0; seed < 6; ++seed) {
    Random random(seed);
    Image image(256, 200, 0.01 * (1 + seed % 3));
    add_noise(image, 1 + seed, random);
    EXPECT_EQ(find_columns(image).size(), 0U) << seed;
    EXPECT_EQ(find_columns(gaussian_filter(image, 2)).size(), 0U) << seed;
    for (float& value : image.data) value = float(random.poisson(2));
    EXPECT_EQ(find_columns(image).size(), 0U) << seed;
  }
  EXPECT_EQ(find_columns(Image(64, 80, 0.02)).size(), 0U);
  Image ramp(64, 80, 0.02);
  for (int y = 0; y < 64; ++y)
    for (int x = 0; x < 80; ++x) ramp.at(y, x) = 0.1F * x + 3;
  EXPECT_EQ(find_columns(ramp).size(), 0U);
}

TEST(FindColumns, OddShapesDoNotCrash) {
  Random random(1);
  for (auto [height, width] : {std::pair(1, 1), {1, 300}, {300, 1}, {2, 2}, {3, 5}, {7, 40}}) {
    for (double pixel : {1e-6, 0.02, 5.0}) {
      Image image(height, width, pixel);
      EXPECT_EQ(find_columns(image).size(), 0U);
      add_noise(image, 1, random);
      EXPECT_LE(find_columns(image).size(), 3U) << height << " x " << width;
    }
  }
}

TEST(FindColumns, FindsALoneColumn) {
  Random random(13);
  Image image(128, 128, 0.02);
  draw(image, {{{60.25, 71.5}, 1}}, 3);
  add_noise(image, 0.05, random);
  const auto columns = find_columns(image);
  ASSERT_EQ(columns.size(), 1U);
  EXPECT_NEAR(columns[0].x_px, 60.25, 0.3);
  EXPECT_NEAR(columns[0].y_px, 71.5, 0.3);
  EXPECT_NEAR(columns[0].height, 1, 0.15);
  EXPECT_FALSE(columns[0].at_edge);
}

TEST(FindColumns, DoesNotDependOnScaleOffsetOrOrientation) {
  Random random(15);
  Image image(150, 190, 0.02);
  draw(image, particle({90, 75}, 60, 11, 23, 0.3), 2.8);
  add_noise(image, 0.02, random);
  const auto columns = find_columns(image);
  ASSERT_GT(columns.size(), 80U);
  Image scaled = image, turned(190, 150, 0.02);
  for (float& value : scaled.data) value = 1000 * value + 5000;
  for (int y = 0; y < 150; ++y)
    for (int x = 0; x < 190; ++x) turned.at(x, y) = image.at(y, x);
  const auto from_scaled = find_columns(scaled), from_turned = find_columns(turned);
  ASSERT_EQ(from_scaled.size(), columns.size());
  EXPECT_EQ(from_turned.size(), columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    EXPECT_NEAR(from_scaled[i].x_px, columns[i].x_px, 0.02);
    EXPECT_NEAR(from_scaled[i].y_px, columns[i].y_px, 0.02);
    EXPECT_NEAR(from_scaled[i].height, 1000 * columns[i].height, 10);
  }
  std::vector<Point> swapped;
  for (const Column& column : from_turned) swapped.push_back({column.y_px, column.x_px});
  const std::vector<int> partner = match_points(places(columns), swapped, 0.05);
  EXPECT_EQ(std::count(partner.begin(), partner.end(), -1), 0);
}

TEST(FindColumns, MarksColumnsAtTheEdge) {
  Image image(120, 120, 0.02);
  std::vector<Drawn> truth;
  for (int i = 0; i < 10; ++i)
    for (int j = 0; j < 10; ++j) truth.push_back({{2 + 12.0 * i, 6 + 12.0 * j}, 1});
  draw(image, truth, 3);
  const auto columns = find_columns(image);
  EXPECT_EQ(compare(truth, columns, 1).missed, 0);
  EXPECT_EQ(columns.size(), 100U);
  for (const Column& column : columns) EXPECT_EQ(column.at_edge, column.x_px < 3) << column.x_px;
}

TEST(FindColumns, OptionsSetSpacingAndThreshold) {
  Random random(17);
  Image image(200, 200, 0.02);
  std::vector<Drawn> truth;
  for (int i = 0; i < 12; ++i)
    for (int j = 0; j < 12; ++j) truth.push_back({{12 + 16.0 * i, 12 + 16.0 * j}, i < 6 ? 1.0 : 0.4});
  draw(image, truth, 3.5);
  add_noise(image, 0.1, random);
  FindColumnsOptions options;
  OptionTable table;
  options.describe(table);
  table.set("columns.spacing", "0.32");
  EXPECT_EQ(find_columns(image, options).size(), 144U);
  table.set("columns.threshold", "6");  // between 4 and 10 times the noise
  EXPECT_EQ(find_columns(image, options).size(), 72U);
}

TEST(FindColumns, RefusesBadInput) {
  EXPECT_THROW(find_columns(Image(32, 32)), Error);
  EXPECT_THROW(find_columns(Image()), Error);
  Image image(32, 32, 0.02);
  EXPECT_THROW(find_columns(image, {-1, 0}), Error);
  EXPECT_THROW(find_columns(image, {0, -1}), Error);
  EXPECT_THROW(find_columns(image, {std::numeric_limits<double>::quiet_NaN(), 0}), Error);
  image.at(3, 4) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(find_columns(image), Error);
}

}  // namespace
}  // namespace colonnade
