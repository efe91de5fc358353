// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/image.h"

#include <gmock/gmock.h>
#include <limits>

#include "colonnade/image/test_folder.h"

namespace colonnade {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(Image, ExtremesAndMean) {
  Image image(2, 3);
  image.data = {1, -2, 3, 4, 5, 7};
  EXPECT_EQ(extremes(image).low, -2);
  EXPECT_EQ(extremes(image).high, 7);
  EXPECT_DOUBLE_EQ(mean(image), 3);
  EXPECT_THAT(message_of([] { extremes(Image()); }), HasSubstr("empty"));
  EXPECT_THAT(message_of([] { mean(Image()); }), HasSubstr("empty"));
}

TEST(Image, MeanOfManyIsExact) {
  Image image(1000, 1000);
  std::fill(image.data.begin(), image.data.end(), 0.1F);
  EXPECT_DOUBLE_EQ(mean(image), double(0.1F));
}

TEST(Image, CropTakesTheRectangleAndWhatIsKnown) {
  Image image = sample_image();
  image.title = "HAADF";
  image.intensity = "counts";
  image.metadata["dose"] = 3;
  const Image part = crop(image, 1, 2, 3, 4);
  ASSERT_EQ(part.height, 3);
  ASSERT_EQ(part.width, 4);
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 4; ++x) EXPECT_EQ(part.at(y, x), image.at(y + 1, x + 2));
  }
  EXPECT_EQ(part.pixel_size_nm, image.pixel_size_nm);
  EXPECT_EQ(part.title, "HAADF");
  EXPECT_EQ(part.intensity, "counts");
  EXPECT_EQ(part.metadata["dose"], 3);
  EXPECT_EQ(crop(image, 0, 0, 5, 7).data, image.data);
}

TEST(Image, CropRefusesToLeaveTheImage) {
  const Image image = sample_image();
  const int rectangles[][4] = {{-1, 0, 2, 2}, {0, -1, 2, 2},         {0, 0, 6, 2},         {0, 0, 2, 8},
                               {4, 0, 2, 2},  {0, 0, 0, 2},          {0, 0, 2, 0},         {0, 0, -1, 2},
                               {0, 5, 2, 3},  {2147483647, 0, 2, 2}, {1, 1, 2147483647, 2}};
  for (const auto& r : rectangles) {
    EXPECT_THAT(message_of([&] { crop(image, r[0], r[1], r[2], r[3]); }), HasSubstr("leave the image of 5 x 7"));
  }
}

TEST(Image, RequireFinite) {
  Image image = sample_image();
  EXPECT_NO_THROW(require_finite(image, "a"));
  image.at(4, 1) = -std::numeric_limits<float>::infinity();
  image.at(1, 6) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(message_of([&] { require_finite(image, "a.tif"); }),
              AllOf(HasSubstr("a.tif"), HasSubstr("2 of 35"), HasSubstr("row 1, column 6")));
  image.data.pop_back();
  EXPECT_THAT(message_of([&] { require_finite(image, "a.tif"); }), HasSubstr("34 values for an image of 5 x 7"));
}

}  // namespace
}  // namespace colonnade
