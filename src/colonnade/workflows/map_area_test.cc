// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/map_area.h"

#include <cmath>
#include <gmock/gmock.h>

#include "colonnade/core/test_errors.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/workflows/map_image.h"

namespace colonnade {
namespace {

using testing::HasSubstr;

int pixels_in(const MapArea& area, const Image& image) {
  int count = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) count += area.contains(x, y) ? 1 : 0;
  }
  return count;
}

TEST(MapArea, TheWholeImageUnlessAskedOtherwise) {
  const Image image(30, 50, 0.02);
  const MapArea area(image, {});
  EXPECT_TRUE(area.whole());
  EXPECT_TRUE(area.contains(0, 29.4));
  EXPECT_FALSE(area.contains(50, 3));
  EXPECT_EQ(area.with_border(10).width, 50);
}

TEST(MapArea, ARectangleInPixelsAndNanometres) {
  const Image image(30, 50, 0.02);
  const MapArea px(image, {"10,5,20,10", ""}), nm(image, {"0.2, 0.1, 0.4, 0.2 nm", ""});
  for (const MapArea* area : {&px, &nm}) {
    EXPECT_EQ(pixels_in(*area, image), 200);
    EXPECT_EQ(area->box().left, 10);
    EXPECT_EQ(area->box().top, 5);
    EXPECT_FALSE(area->contains(9, 7));
    EXPECT_TRUE(area->contains(29, 14));
    EXPECT_EQ(area->with_border(7).top, 0);
    EXPECT_EQ(area->with_border(7).height, 22);
  }
}

TEST(MapArea, PolygonsByTheEvenOddRule) {
  const Image image(100, 100, 0.02);
  const MapArea triangle(image, {"", "10,10 90,10 50,90"});
  EXPECT_NEAR(pixels_in(triangle, image), 0.5 * 80 * 80, 100);
  EXPECT_FALSE(triangle.contains(15, 80));
  const MapArea two(image, {"", "0,0 20,0 20,20 0,20; 60,60 80,60 80,80 60,80"});
  EXPECT_TRUE(two.contains(10, 10) && two.contains(70, 70) && !two.contains(40, 40));
  // Together with a rectangle: what lies in both.
  EXPECT_FALSE(MapArea(image, {"50,50,50,50", "0,0 20,0 20,20 0,20; 60,60 80,60 80,80 60,80"}).contains(10, 10));
}

TEST(MapArea, AnImageAsMask) {
  const TemporaryFolder folder;
  Image mask(30, 50, 0.02);
  mask.at(4, 7) = 1;
  mask.at(9, 20) = 3;
  const std::string file = (folder.path() / "mask.tif").string();
  write_image(file, mask);
  const MapArea area(Image(30, 50, 0.02), {"", file});
  EXPECT_EQ(pixels_in(area, mask), 2);
  EXPECT_EQ(area.box().width, 14);
  EXPECT_THAT(message_of([&] { MapArea(Image(31, 50, 0.02), {"", file}); }), HasSubstr("one size"));
}

TEST(MapArea, OddWishes) {
  const Image image(30, 50, 0.02);
  const auto said = [&](const AreaOptions& options) { return message_of([&] { MapArea(image, options); }); };
  EXPECT_THAT(said({"1,2,3", ""}), HasSubstr("3 numbers where 4"));
  EXPECT_THAT(said({"1,2,x,4", ""}), HasSubstr("'x', which is no number"));
  EXPECT_THAT(said({"1,2,-3,4", ""}), HasSubstr("must be positive"));
  EXPECT_THAT(said({"60,40,10,10", ""}), HasSubstr("leave nothing"));
  EXPECT_THAT(said({"", "1,1 2,2"}), HasSubstr("2 corners"));
  EXPECT_THAT(said({"", "nofile.tif"}), HasSubstr("a file nor a list"));
}

TEST(MapArea, TheParticleFoundByItself) {
  Image image(160, 160, 0.02);
  for (int y = 0; y < 160; ++y) {
    for (int x = 0; x < 160; ++x) {
      const bool in = std::hypot(x - 70, y - 80) < 45;
      image.at(y, x) = float(0.02 + 0.001 * ((x * 7 + y * 13) % 5) + (in ? 0.1 * (1 + 0.5 * std::cos(x * 0.5)) : 0));
    }
  }
  const MapArea area(image, {"", "particle"});
  EXPECT_TRUE(area.contains(70, 80));
  EXPECT_FALSE(area.contains(150, 150));
  // The mask ends outside, about as far as its blur of a quarter of a nanometre reaches.
  EXPECT_GT(pixels_in(area, image), 3.1416 * 45 * 45);
  EXPECT_LT(pixels_in(area, image), 3.1416 * 65 * 65);
}

/// Columns on a square lattice, each a little different.
Image lattice() {
  Image image(200, 200, 0.02);
  image.intensity = "fraction of beam";
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const int i = x / 12, k = y / 12;
      const double dx = x - 12 * i - 5.7, dy = y - 12 * k - 5.7;
      image.at(y, x) = float(0.01 + (0.08 + 0.004 * ((7 * i + 3 * k) % 11)) * std::exp(-(dx * dx + dy * dy) / 12.5));
    }
  }
  return image;
}

TEST(MapArea, ColumnsInsideAreMeasuredAsInTheWholeImage) {
  MapOptions options;
  options.elements = {"Au"};
  const ElementMap whole = map_elements(lattice(), options);
  options.area.region = "60,60,80,70";
  const ElementMap part = map_elements(lattice(), options);
  std::size_t inside = 0;
  for (const Column& column : whole.columns) {
    if (column.x_px < 59.5 || column.x_px >= 139.5 || column.y_px < 59.5 || column.y_px >= 129.5) continue;
    ASSERT_LT(inside, part.columns.size());
    EXPECT_NEAR(part.columns[inside].x_px, column.x_px, 0.02);
    EXPECT_NEAR(part.columns[inside].y_px, column.y_px, 0.02);
    EXPECT_NEAR(part.columns[inside].cross_section_nm2 / column.cross_section_nm2, 1, 0.01);
    ++inside;
  }
  EXPECT_EQ(inside, part.columns.size());
  EXPECT_GT(inside, 30U);
  EXPECT_EQ(part.image.width, 200);
  EXPECT_EQ(part.area.left, 60);
}

}  // namespace
}  // namespace colonnade
