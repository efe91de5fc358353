// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/image_figure.h"

#include <cmath>
#include <gmock/gmock.h>
#include <png.h>

#include "colonnade/core/error.h"
#include "colonnade/report/colour.h"
#include "colonnade/report/svg_test_reader.h"

namespace colonnade {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Image ramp(int height, int width, double pixel_nm) {
  Image image(height, width, pixel_nm);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) image.at(y, x) = float(x + width * y);
  }
  return image;
}

struct Pixels {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgba;
  Colour colour(int y, int x) const {
    const std::size_t i = 4 * (std::size_t(y) * width + x);
    return {rgba[i], rgba[i + 1], rgba[i + 2]};
  }
  int alpha(int y, int x) const { return rgba[4 * (std::size_t(y) * width + x) + 3]; }
};

/// The image that the figure embeds.
Pixels embedded(const std::string& svg) {
  const std::string address = SvgReader(svg).all("image").at(0).attribute("href"), head = "data:image/png;base64,";
  EXPECT_TRUE(address.starts_with(head));
  gsize size = 0;
  guchar* bytes = g_base64_decode(address.c_str() + head.size(), &size);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&image, bytes, size), 0);
  image.format = PNG_FORMAT_RGBA;
  Pixels out{int(image.width), int(image.height), std::vector<std::uint8_t>(PNG_IMAGE_SIZE(image))};
  EXPECT_NE(png_image_finish_read(&image, nullptr, out.rgba.data(), 0, nullptr), 0);
  g_free(bytes);
  return out;
}

TEST(ImageFigure, EmbedsEveryPixelInItsColour) {
  const Image image = ramp(3, 5, 0.02);
  const Pixels pixels = embedded(to_svg(ImageFigure{.image = image, .colour_map = "viridis"}));
  const int times = pixels.width / 5;
  ASSERT_GE(times, 100) << "small pixels are repeated to stay sharp";
  ASSERT_EQ(pixels.width, 5 * times);
  ASSERT_EQ(pixels.height, 3 * times);
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 5; ++x) {
      const auto wanted = map_colour("viridis", std::lround(254 * image.at(y, x) / 14.0) / 254.0);
      EXPECT_EQ(pixels.colour(y * times, x * times), wanted) << y << " " << x;
    }
  }
}

TEST(ImageFigure, RangeIsTakenAndClamped) {
  const Pixels pixels = embedded(to_svg(ImageFigure{.image = ramp(1, 4, 0), .low = 1, .high = 2}));
  const int times = pixels.width / 4;
  EXPECT_EQ(pixels.colour(0, 0).hex(), "#000000");
  EXPECT_EQ(pixels.colour(0, times).hex(), "#000000");
  EXPECT_EQ(pixels.colour(0, 2 * times).hex(), "#ffffff");
  EXPECT_EQ(pixels.colour(0, 3 * times).hex(), "#ffffff");
}

TEST(ImageFigure, PixelsWithoutAValueAreBlank) {
  Image image = ramp(2, 2, 0);
  image.at(0, 1) = NAN;
  image.at(1, 0) = INFINITY;
  const Pixels pixels = embedded(to_svg(ImageFigure{.image = image}));
  const int last = pixels.width - 1;
  EXPECT_EQ(pixels.alpha(0, last), 0);
  EXPECT_EQ(pixels.alpha(last, 0), 0);
  EXPECT_EQ(pixels.alpha(0, 0), 255);
  EXPECT_EQ(pixels.colour(last, last).hex(), "#ffffff") << "the largest finite value";
}

struct BarCase {
  int pixels;
  double pixel_nm;
  const char* label;
  double length_nm;
};

class ScaleBar : public testing::TestWithParam<BarCase> {};

TEST_P(ScaleBar, IsAsLongAsItSays) {
  const BarCase given = GetParam();
  const SvgReader reader(to_svg(ImageFigure{.image = ramp(given.pixels, given.pixels, given.pixel_nm)}));
  EXPECT_TRUE(reader.says(given.label)) << given.label;
  const auto bar = reader.all("rect", "fill", "#ffffff").back();
  const double width = reader.all("image").at(0).number("width");
  const double wanted = given.length_nm / (given.pixels * given.pixel_nm) * width;
  EXPECT_NEAR(bar.number("width"), wanted, 0.06);
  EXPECT_GT(wanted, 0.1 * width);
  EXPECT_LE(wanted, 0.3 * width + 1e-9);
}

INSTANTIATE_TEST_SUITE_P(Sizes, ScaleBar,
                         testing::Values(BarCase{256, 0.02, "1 nm", 1}, BarCase{64, 0.02, "2 Å", 0.2},
                                         BarCase{100, 0.1, "2 nm", 2}, BarCase{64, 1.0, "10 nm", 10},
                                         BarCase{100, 100, "2 µm", 2000}, BarCase{100, 0.005, "1 Å", 0.1}));

TEST(ImageFigure, NoScaleBarWithoutAPixelSize) {
  const SvgReader reader(to_svg(ImageFigure{.image = ramp(64, 64, 0)}));
  EXPECT_TRUE(reader.all("text").empty());
}

TEST(ImageFigure, MarkersSitOnPixelCentres) {
  ImageFigure figure{.image = ramp(50, 100, 0.02)};
  figure.markers = {
      {0, 0, "first <Pt>", ""}, {99, 49, "last", "#112233"}, {200, 0, "outside", ""}, {NAN, 2, "nowhere", ""}};
  const SvgReader reader(to_svg(figure));
  const auto image = reader.all("image").at(0);
  const auto circles = reader.all("circle");
  ASSERT_EQ(circles.size(), 2U);
  const double scale = image.number("width") / 100;
  EXPECT_NEAR(circles[0].number("cx"), image.number("x") + 0.5 * scale, 0.06);
  EXPECT_NEAR(circles[0].number("cy"), image.number("y") + 0.5 * scale, 0.06);
  EXPECT_NEAR(circles[1].number("cx"), image.number("x") + 99.5 * scale, 0.06);
  EXPECT_EQ(circles[0].hover, "first <Pt>");
  EXPECT_EQ(circles[1].attribute("stroke"), "#112233");
}

TEST(ImageFigure, MarkersAreSmallerThanTheirDistance) {
  ImageFigure figure{.image = ramp(100, 100, 0.02)};
  for (int i = 0; i < 10; ++i) {
    for (int k = 0; k < 10; ++k) figure.markers.push_back({5.0 + 10 * i, 5.0 + 10 * k, "", ""});
  }
  const SvgReader reader(to_svg(figure, 480));
  const double distance = 10 * reader.all("image").at(0).number("width") / 100;
  EXPECT_LT(2 * reader.all("circle").at(0).number("r"), distance);
}

TEST(ImageFigure, ColourBarTicksStandAtTheirValues) {
  const SvgReader reader(to_svg(
      ImageFigure{.image = ramp(64, 64, 0), .colour_bar = true, .colour_bar_label = "atoms", .low = 0, .high = 10}));
  const auto image = reader.all("image").at(0);
  EXPECT_TRUE(reader.says("atoms"));
  const double top = image.number("y"), height = image.number("height");
  int ticks = 0;
  for (const auto& text : reader.all("text")) {
    if (text.text != "4" && text.text != "6") continue;
    EXPECT_NEAR(text.number("y") - 4, top + height * (1 - std::stod(text.text) / 10), 0.15);
    ++ticks;
  }
  EXPECT_EQ(ticks, 2);
}

TEST(ImageFigure, LargeImagesAreReducedByMeans) {
  Image image(40, 3000, 0.02);
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 3000; ++x) image.at(y, x) = x < 1500 ? 0.0F : (x % 3 == 0 ? 3.0F : 0.0F);
  }
  const Pixels pixels = embedded(to_svg(ImageFigure{.image = image, .low = 0, .high = 1}));
  EXPECT_EQ(pixels.width, 1000);
  EXPECT_EQ(pixels.height, 14);
  EXPECT_EQ(pixels.colour(3, 100).hex(), "#000000");
  EXPECT_EQ(pixels.colour(3, 900).hex(), "#ffffff") << "mean of 3, 0, 0";
}

TEST(ImageFigure, SharpWherePixelsAreLarge) {
  const auto style = [](int size) {
    return SvgReader(to_svg(ImageFigure{.image = ramp(size, size, 0)})).all("image").at(0).attribute("style");
  };
  EXPECT_THAT(style(64), HasSubstr("pixelated"));
  EXPECT_THAT(style(512), testing::Not(HasSubstr("pixelated")));
}

TEST(ImageFigure, WithoutDataSaysSo) {
  EXPECT_TRUE(SvgReader(to_svg(ImageFigure{.title = "empty"})).says("no data"));
  Image nothing(4, 4);
  for (float& value : nothing.data) value = NAN;
  EXPECT_TRUE(SvgReader(to_svg(ImageFigure{.image = nothing})).says("no data"));
}

TEST(ImageFigure, ConstantAndTallImagesWork) {
  EXPECT_FALSE(SvgReader(to_svg(ImageFigure{.image = Image(8, 8), .colour_bar = true})).says("no data"));
  const auto tall = SvgReader(to_svg(ImageFigure{.image = Image(1000, 10)}, 300)).all("svg").at(0);
  EXPECT_LE(tall.number("height"), 700);
}

TEST(ImageFigure, RefusesNonsense) {
  Image broken = ramp(4, 4, 0);
  broken.data.pop_back();
  EXPECT_THAT([&] { to_svg(ImageFigure{.image = broken, .title = "Pt"}); }, ThrowsMessage<Error>(HasSubstr("'Pt'")));
  const Image image = ramp(4, 4, 0);
  EXPECT_THROW(to_svg(ImageFigure{.image = image, .low = 2, .high = 1}), Error);
  EXPECT_THROW(to_svg(ImageFigure{.image = image, .colour_map = "jet"}), Error);
  EXPECT_THROW(to_svg(ImageFigure{.image = image}, 20), Error);
  EXPECT_THROW(to_svg(ImageFigure{.image = image, .markers = {{1, 1, "", ""}}, .marker_colour = "gold"}), Error);
}

TEST(ImageFigure, SameInputSameBytes) {
  const ImageFigure figure{.image = ramp(32, 32, 0.02), .title = "Pt", .colour_map = "magma", .colour_bar = true};
  EXPECT_EQ(to_svg(figure), to_svg(figure));
}

TEST(ImageFigure, DiscsInPlaceOfPixels) {
  ImageFigure figure;
  figure.image.width = 50;
  figure.image.height = 40;
  figure.image.pixel_size_nm = 0.02;
  figure.colour_map = "viridis";
  figure.low = 0;
  figure.high = 10;
  figure.discs = {{10, 20, 0}, {20, 20, 10}, {30, 20, NAN}};
  const std::string svg = to_svg(figure, 300);
  EXPECT_THAT(svg, testing::Not(testing::HasSubstr("<image")));
  EXPECT_THAT(svg, testing::HasSubstr(map_colour("viridis", 0).hex()));
  EXPECT_THAT(svg, testing::HasSubstr(map_colour("viridis", 1).hex()));
  std::size_t circles = 0;
  for (std::size_t i = svg.find("<circle"); i != std::string::npos; i = svg.find("<circle", i + 1)) ++circles;
  EXPECT_EQ(circles, 2U);
}

TEST(GreyRange, LeavesOutTheExtremes) {
  Image image(100, 100);
  for (std::size_t i = 0; i < image.data.size(); ++i) image.data[i] = float(i % 100);
  image.data[17] = 1e6F;
  image.data[18] = NAN;
  const GreyRange range = grey_range(image);
  EXPECT_EQ(range.low, 0);
  EXPECT_EQ(range.high, 99);
  EXPECT_TRUE(grey_address(image).starts_with("data:image/png;base64,"));
}

TEST(ImageFigure, LabelsOfMarkersStayInside) {
  ImageFigure figure{.image = ramp(40, 60, 0)};
  figure.marker_radius_px = 2;
  figure.markers = {{5, 5, "", "", "0 0 2"}, {58, 30, "", "", "1 -1 1"}, {20, 20, "", ""}};
  const SvgReader reader(to_svg(figure, 300));
  const auto texts = reader.all("text");
  const auto circles = reader.all("circle");
  ASSERT_EQ(texts.size(), 2U);
  ASSERT_EQ(circles.size(), 3U);
  EXPECT_GT(texts[0].number("x"), circles[0].number("cx") + circles[0].number("r"));
  EXPECT_EQ(texts[1].attribute("text-anchor"), "end");  // to its left: there is no room to its right
  EXPECT_LT(texts[1].number("x"), circles[1].number("cx") - circles[1].number("r"));
}

}  // namespace
}  // namespace colonnade
