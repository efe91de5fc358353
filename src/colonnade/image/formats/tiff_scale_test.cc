// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/tiff_scale.h"

#include <gmock/gmock.h>

#include "colonnade/image/test_folder.h"

namespace colonnade {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TiffScaleClues resolution(double x, int unit = 2) {
  TiffScaleClues clues;
  clues.x_resolution = clues.y_resolution = x;
  clues.resolution_unit = unit;
  return clues;
}

TiffScaleClues imagej(const std::string& unit, double x) {
  TiffScaleClues clues = resolution(x, 1);
  clues.description = "ImageJ=1.53t\nimages=1\nunit=" + unit + "\nmin=0\n";
  return clues;
}

TiffScaleClues digital_micrograph(const std::string& unit, double scale) {
  TiffScaleClues clues = resolution(72);
  clues.dm_scale_x = clues.dm_scale_y = scale;
  clues.dm_unit = unit;
  return clues;
}

double size_of(const TiffScaleClues& clues) { return find_tiff_scale(clues, "a.tif").pixel_size_nm; }

TEST(TiffScale, ImageJUnits) {
  EXPECT_DOUBLE_EQ(size_of(imagej("nm", 50)), 0.02);
  EXPECT_DOUBLE_EQ(size_of(imagej("nm\r", 50)), 0.02);
  EXPECT_DOUBLE_EQ(size_of(imagej("A", 5)), 0.02);
  for (const char* micron : {"micron", "um", "\\u00B5m", "\\u00b5m", "\u00b5m", "\u03bcm", "\xB5m"}) {
    EXPECT_DOUBLE_EQ(size_of(imagej(micron, 50000)), 0.02) << micron;
  }
  for (const char* angstrom : {"\\u00C5", "\u00c5", "\xC5"}) EXPECT_DOUBLE_EQ(size_of(imagej(angstrom, 5)), 0.02);
  EXPECT_THAT(find_tiff_scale(imagej("nm", 50), "a").source, StartsWith("ImageJ"));
  EXPECT_FALSE(find_tiff_scale(imagej("nm", 50), "a").guessed);
}

TEST(TiffScale, ImageJWithoutALength) {
  EXPECT_EQ(size_of(imagej("pixel", 1)), 0);
  EXPECT_EQ(size_of(imagej("inch", 72)), 0);
  EXPECT_EQ(size_of(imagej("cm", 28.346)), 0);
  EXPECT_EQ(size_of(imagej("nm", 0)), 0);
  TiffScaleClues clues;
  clues.description = "ImageJ=1.53t\nunit=nm";
  EXPECT_EQ(size_of(clues), 0);
  clues.description = "sunit=nm\n";
  EXPECT_EQ(size_of(clues), 0);
}

TEST(TiffScale, DigitalMicrograph) {
  EXPECT_DOUBLE_EQ(size_of(digital_micrograph("nm", 0.03)), 0.03);
  EXPECT_NEAR(size_of(digital_micrograph("\xB5m", 0.16867469)), 168.67469, 1e-9);
  EXPECT_EQ(size_of(digital_micrograph("1/nm", 0.03)), 0);
  EXPECT_THAT(find_tiff_scale(digital_micrograph("1/nm", 0.03), "a").source, HasSubstr("'1/nm', which is no length"));
  EXPECT_EQ(size_of(digital_micrograph("nm", 0)), 0);
  TiffScaleClues both = imagej("nm", 50);
  both.dm_scale_x = 7;
  both.dm_unit = "nm";
  EXPECT_DOUBLE_EQ(size_of(both), 0.02);
}

TEST(TiffScale, ResolutionAsStated) {
  EXPECT_NEAR(size_of(resolution(25.4e6 / 0.02)), 0.02, 1e-12);
  EXPECT_NEAR(size_of(resolution(1e7 / 1.5, 3)), 1.5, 1e-12);
  EXPECT_FALSE(find_tiff_scale(resolution(25.4e6 / 0.02), "a").guessed);
}

TEST(TiffScale, PixelsPerNanometreUnderTheNameOfInchIsAGuess) {
  const TiffScale scale = find_tiff_scale(resolution(34.13333, 2), "a.tif");
  EXPECT_NEAR(scale.pixel_size_nm, 0.0292969, 1e-6);
  EXPECT_TRUE(scale.guessed);
  EXPECT_THAT(scale.source, HasSubstr("34.1333 taken as pixels per nm (ResolutionUnit says inch)"));
}

TEST(TiffScale, PrintersResolutionsAreNoScale) {
  for (const double dots : {72.0, 96.0, 150.0, 300.0, 1.0}) EXPECT_EQ(size_of(resolution(dots)), 0) << dots;
  for (const double dots : {72 / 2.54, 300 / 2.54, 118.11}) EXPECT_EQ(size_of(resolution(dots, 3)), 0) << dots;
  EXPECT_EQ(size_of(resolution(0)), 0);
  EXPECT_EQ(size_of(resolution(-3)), 0);
  EXPECT_EQ(size_of(TiffScaleClues()), 0);
  EXPECT_THAT(find_tiff_scale(TiffScaleClues(), "a").source, StartsWith("none"));
}

TEST(TiffScale, PixelsMustBeSquare) {
  TiffScaleClues clues = imagej("nm", 50);
  clues.y_resolution = 25;
  EXPECT_THAT(message_of([&] { find_tiff_scale(clues, "a.tif"); }), HasSubstr("a.tif: pixels of 0.02 x 0.04 nm"));
  TiffScaleClues dm = digital_micrograph("nm", 1);
  dm.dm_scale_y = 2;
  EXPECT_THAT(message_of([&] { find_tiff_scale(dm, "a.tif"); }), HasSubstr("not square"));
}

}  // namespace
}  // namespace colonnade
