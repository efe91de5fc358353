// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/raster.h"

#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <png.h>
#include <set>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/report/figure.h"
#include "colonnade/report/svg.h"

namespace colonnade {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

struct Raster {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgba;
  const std::uint8_t* at(int y, int x) const { return &rgba[4 * (std::size_t(y) * width + x)]; }
};

Raster read_png(const std::filesystem::path& path) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_file(&image, path.c_str()), 0) << image.message;
  image.format = PNG_FORMAT_RGBA;
  Raster out{int(image.width), int(image.height), std::vector<std::uint8_t>(PNG_IMAGE_SIZE(image))};
  EXPECT_NE(png_image_finish_read(&image, nullptr, out.rgba.data(), 0, nullptr), 0) << image.message;
  return out;
}

class RasterFile : public testing::Test {
 protected:
  bool folder_is_empty() const { return std::filesystem::is_empty(folder_); }

  const TemporaryFolder temporary_;
  const std::filesystem::path& folder_ = temporary_.path();
};

TEST_F(RasterFile, HasTheSizeAndTheImage) {
  Image image(2, 2, 0);
  image.data = {0, 1, 1, 0};
  write_png(folder_ / "a.png", to_svg(ImageFigure{.image = image}, 124), 1.5);
  const Raster raster = read_png(folder_ / "a.png");
  EXPECT_EQ(raster.width, 186);
  EXPECT_EQ(raster.height, 186);
  // Margins of 12 px; the image of 100 px holds a checkerboard, sharp up to its edges.
  EXPECT_EQ(raster.at(4, 4)[0], 255) << "paper";
  EXPECT_LT(raster.at(30, 30)[0], 8);
  EXPECT_GT(raster.at(30, 150)[0], 247);
  EXPECT_LT(raster.at(90, 90)[0], 8);
  EXPECT_GT(raster.at(90, 96)[0], 247);
  EXPECT_LT(raster.at(96, 96)[0], 8);
  for (std::size_t i = 3; i < raster.rgba.size(); i += 4) ASSERT_EQ(raster.rgba[i], 255) << "opaque";
}

TEST_F(RasterFile, TextAndBarsAreDrawnWithoutADisplay) {
  unsetenv("DISPLAY");
  BarFigure figure{.title = "Composition", .categories = {"Pt", "Ni"}, .series = {{"", "", {3, 5}, {}}}};
  write_png(folder_ / "bars.png", to_svg(figure));
  const Raster raster = read_png(folder_ / "bars.png");
  EXPECT_EQ(raster.width, 960);
  EXPECT_EQ(raster.height, 600);
  std::set<std::uint32_t> colours;
  int dark_in_title = 0;
  for (int y = 0; y < raster.height; ++y) {
    for (int x = 0; x < raster.width; ++x) {
      const auto* pixel = raster.at(y, x);
      colours.insert(pixel[0] << 16 | pixel[1] << 8 | pixel[2]);
      dark_in_title += y < 60 && x < 260 && pixel[0] < 80 ? 1 : 0;
    }
  }
  EXPECT_GT(dark_in_title, 200);
  const Colour ni = parse_colour(element_colour("Ni"));
  EXPECT_TRUE(colours.count(ni.red << 16 | ni.green << 8 | ni.blue)) << "the bar of nickel";
}

// Round caps of lines without length are how scatter figures draw points.
TEST_F(RasterFile, PointsAreDrawn) {
  ScatterFigure figure;
  figure.clouds = {{"", "#ff0000", {0, 1, 2}, {0, 1, 2}, {}}};
  write_png(folder_ / "points.png", to_svg(figure), 1);
  const Raster raster = read_png(folder_ / "points.png");
  int red = 0;
  for (std::size_t i = 0; i < raster.rgba.size(); i += 4)
    red += raster.rgba[i] > 200 && raster.rgba[i + 1] < 120 ? 1 : 0;
  EXPECT_NEAR(red, 3 * 28, 30) << "three discs of radius 3";
}

TEST_F(RasterFile, BrokenSvgFailsAndLeavesNothing) {
  for (const char* broken : {"", "<svg", "no svg", "<html></html>"}) {
    EXPECT_THROW(write_png(folder_ / "b.png", broken), Error) << broken;
  }
  const std::string svg = to_svg(BarFigure{});
  EXPECT_THROW(write_png(folder_ / "b.png", svg, 0), Error);
  EXPECT_THROW(write_png(folder_ / "b.png", svg, 1e6), Error);
  EXPECT_THROW(write_png(folder_ / "b.png", svg, -1), Error);
  EXPECT_TRUE(folder_is_empty());
}

TEST_F(RasterFile, UnwritablePlaceIsNamed) {
  std::ofstream(folder_ / "file") << "in the way";
  const auto path = folder_ / "file" / "c.png";
  EXPECT_THAT([&] { write_png(path, to_svg(BarFigure{})); }, ThrowsMessage<Error>(HasSubstr("c.png")));
}

TEST_F(RasterFile, PdfHasTheSizeOnPaperAndNoTimeOfWriting) {
  BarFigure figure{.title = "Bars"};
  figure.categories = {"a", "b"};
  figure.series.push_back({"", "", {1, 2}, {}});
  const std::string svg = with_width_mm(to_svg(figure, width_for_paper(85, 8)), 85);
  write_pdf(folder_ / "one.pdf", svg);
  write_pdf(folder_ / "two.pdf", svg);
  const std::string pdf = read_file(folder_ / "one.pdf");
  EXPECT_TRUE(pdf.starts_with("%PDF-"));
  EXPECT_EQ(pdf, read_file(folder_ / "two.pdf"));
  EXPECT_EQ(pdf.find("Image"), std::string::npos);  // nothing was rasterised
  double width = 0;
  ASSERT_NE(pdf.find("MediaBox"), std::string::npos);
  ASSERT_EQ(std::sscanf(pdf.c_str() + pdf.find("MediaBox"), "MediaBox [ 0 0 %lf", &width), 1);
  EXPECT_NEAR(width, 85 * 72 / 25.4, 0.5);
  write_png(folder_ / "one.png", svg, 300.0 / 96);
  EXPECT_NEAR(read_png(folder_ / "one.png").width, 85 / 25.4 * 300, 1);
}

TEST(PaperSize, LettersComeOutAsAskedFor) {
  // Labels are 11 px of a figure drawn so wide; on 85 mm they shall be 8 pt.
  const double px = width_for_paper(85, 8);
  EXPECT_NEAR(11 * (85 / px) * 72 / 25.4, 8, 1e-9);
  EXPECT_THROW(with_width_mm("<html>", 85), Error);
}

}  // namespace
}  // namespace colonnade
