// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/lattice_fit.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <gmock/gmock.h>

#include "colonnade/columns/find_columns.h"
#include "colonnade/columns/pixel_calibration.h"
#include "colonnade/columns/test_images.h"
#include "colonnade/core/file.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/structures/known_crystals.h"

namespace colonnade {
namespace {

using testing::HasSubstr;

const LatticeBasis skewed{{17.3, 2.1}, {-3.4, 21.7}};

/// Two columns per cell, `lost` of them missing, each off by a normal error.
std::vector<Column> crystal(const LatticeBasis& basis, std::optional<Point> second, double deviation, double lost,
                            Random& random, int side = 420) {
  std::vector<Column> columns;
  for (int i = -60; i <= 60; ++i) {
    for (int j = -60; j <= 60; ++j) {
      for (int s = 0; s < (second ? 2 : 1); ++s) {
        const Point site = s == 0 ? Point{} : *second;
        Column column;
        column.height = s == 0 ? 1 : 0.5;
        column.x_px = 200 + site.x + i * basis.a.x + j * basis.b.x;
        column.y_px = 210 + site.y + i * basis.a.y + j * basis.b.y;
        if (column.x_px < 0 || column.y_px < 0 || column.x_px > side || column.y_px > side) continue;
        column.x_px += deviation * random.normal();
        column.y_px += deviation * random.normal();
        if (random.uniform() >= lost) columns.push_back(column);
      }
    }
  }
  return columns;
}

Image drawn(const std::vector<Column>& columns, int side, double width) {
  Image image(side, side, 0.01);
  std::vector<Drawn> spots;
  for (const Column& column : columns) spots.push_back({{column.x_px, column.y_px}, column.height});
  draw(image, spots, width);
  return image;
}

TEST(LatticeFit, TwoSitesWithGapsAndErrors) {
  Random random(3);
  const Point second{9.1, 8.2};
  const auto columns = crystal(skewed, second, 0.2, 0.15, random);
  const LatticeBasis rough{{17.6, 1.9}, {-3.1, 21.3}};
  const LatticeFit fit = fit_lattice(columns, rough);
  ASSERT_EQ(fit.sites.size(), 2U);
  EXPECT_NEAR(fit.basis.a.x, skewed.a.x, 4 * std::sqrt(fit.covariance[0][0]));
  EXPECT_NEAR(fit.basis.a.y, skewed.a.y, 4 * std::sqrt(fit.covariance[1][1]));
  EXPECT_NEAR(fit.basis.b.x, skewed.b.x, 4 * std::sqrt(fit.covariance[2][2]));
  EXPECT_NEAR(fit.basis.b.y, skewed.b.y, 4 * std::sqrt(fit.covariance[3][3]));
  EXPECT_LT(std::sqrt(fit.covariance[0][0]), 0.005);
  EXPECT_NEAR(fit.rms_px, 0.2, 0.03);
  EXPECT_GT(double(fit.used), 0.95 * double(columns.size()));
  double worst = 0;
  for (std::size_t k = 0; k < columns.size(); ++k) {
    const Point place = fit.place(fit.index[k]);
    worst = std::max(worst, std::hypot(place.x - columns[k].x_px, place.y - columns[k].y_px));
  }
  EXPECT_LT(worst, 1.2);
}

TEST(LatticeFit, ErrorsAreThoseOfRepeatedMeasurements) {
  double squares = 0, expected = 0;
  constexpr int repeats = 20;
  for (int r = 0; r < repeats; ++r) {
    Random random(100 + r);
    const LatticeFit fit = fit_lattice(crystal(skewed, Point{9.1, 8.2}, 0.3, 0.1, random), skewed);
    squares += std::pow(fit.basis.a.x - skewed.a.x, 2) + std::pow(fit.basis.b.y - skewed.b.y, 2);
    expected += fit.covariance[0][0] + fit.covariance[3][3];
  }
  EXPECT_NEAR(std::sqrt(expected / squares), 1, 0.25);
}

TEST(LatticeFit, StrangersDoNotPull) {
  Random random(4);
  auto columns = crystal(skewed, Point{9.1, 8.2}, 0.1, 0.05, random);
  for (int k = 0; k < 60; ++k) {
    columns.emplace_back();
    columns.back().x_px = random.uniform(0, 420);
    columns.back().y_px = random.uniform(0, 420);
  }
  const LatticeFit fit = fit_lattice(columns, skewed);
  EXPECT_NEAR(fit.basis.a.x, skewed.a.x, 0.01);
  EXPECT_NEAR(fit.basis.b.y, skewed.b.y, 0.01);
}

TEST(LatticeFit, TheImageAloneGivesTheFirstGuess) {
  Random random(5);
  for (const double turn : {0.7}) {
    const double c = std::cos(turn), s = std::sin(turn);
    // A perovskite along [001]: strong corners, weaker centres; the cell is the large one.
    const LatticeBasis square{{30 * c, 30 * s}, {-30 * s, 30 * c}};
    const auto columns = crystal(square, Point{15 * c - 15 * s, 15 * s + 15 * c}, 0, 0, random);
    Image image = drawn(columns, 420, 5);
    add_noise(image, 0.15, random);
    const auto guess = guess_lattice(image);
    ASSERT_TRUE(guess) << turn;
    EXPECT_NEAR(std::hypot(guess->a.x, guess->a.y), 30, 0.2) << turn;
    EXPECT_NEAR(std::hypot(guess->b.x, guess->b.y), 30, 0.2) << turn;
    EXPECT_NEAR(guess->a.x * guess->b.y - guess->a.y * guess->b.x, 900, 9) << turn;
  }
  Image noise(256, 256, 0.01);
  add_noise(noise, 1, random);
  EXPECT_FALSE(guess_lattice(noise));
  EXPECT_FALSE(guess_lattice(Image(256, 256, 0.01)));
}

TEST(LatticeFit, TheColumnsOfAParticleGiveAGuess) {
  Random random(16);
  std::vector<Column> columns;
  for (const Drawn& drawn : particle({128, 128}, 70, 14, 25, 0.3)) {
    columns.emplace_back();
    columns.back().x_px = drawn.place.x + 0.4 * random.normal();
    columns.back().y_px = drawn.place.y + 0.4 * random.normal();
  }
  const auto guess = guess_lattice(columns);
  ASSERT_TRUE(guess);
  const double area = guess->a.x * guess->b.y - guess->a.y * guess->b.x;
  EXPECT_NEAR(area / (14 * 14 * std::sqrt(8.0) / 3), 1, 0.05);  // fcc along [110]: sin 70.53 degrees
  const LatticeFit fit = fit_lattice(columns, *guess);
  EXPECT_GT(double(fit.used), 0.9 * double(columns.size()));
  EXPECT_NEAR(std::hypot(fit.basis.a.x, fit.basis.a.y), 14, 0.1);
  EXPECT_FALSE(guess_lattice(std::vector<Column>(5)));
}

TEST(LatticeFit, WhatIsNoLatticeIsRefused) {
  EXPECT_THAT(message_of([] { fit_lattice(std::vector<Column>(3), skewed); }), HasSubstr("too few"));
  Random random(6);
  std::vector<Column> cloud(200);
  for (Column& column : cloud) column.x_px = random.uniform(0, 400), column.y_px = random.uniform(0, 400);
  EXPECT_THAT(message_of([&] { fit_lattice(cloud, skewed); }), HasSubstr("lattice"));
}

TEST(PixelCalibration, RecoversScaleAnisotropyAndShear) {
  Random random(7);
  const double truth = 0.0125, across = 1.013, shear = 0.8 * M_PI / 180;
  const double cell = 0.3905 / truth, turn = 0.4;
  // A square crystal, seen by a scan whose lines lie `across` apart (in pixels) and start later by the shear.
  const auto seen = [&](double x, double y) {
    const double line = y / (across * std::cos(shear));
    return Point{x + std::sin(shear) * across * line, line};
  };
  const Point a = seen(cell * std::cos(turn), cell * std::sin(turn)),
              b = seen(-cell * std::sin(turn), cell * std::cos(turn));
  const LatticeBasis basis{a, b};
  const auto columns = crystal(basis, Point{0.5 * (a.x + b.x), 0.5 * (a.y + b.y)}, 0.1, 0, random, 800);
  const auto lattice = projected_lattice(crystal_from("SrTiO3"), parse_zone_axis("001"));
  const PixelCalibration found = calibrate_pixel(fit_lattice(columns, basis), lattice);
  EXPECT_NEAR(found.x_nm, truth, 2e-6);
  EXPECT_NEAR(found.y_nm, truth * across, 2e-6);
  EXPECT_NEAR(found.anisotropy, across - 1, 4 * found.anisotropy_error + 1e-5);
  EXPECT_NEAR(found.shear_deg, 0.8, 4 * found.shear_error_deg + 1e-3);
  EXPECT_NEAR(found.pixel_size_nm, truth * std::sqrt(across * std::cos(shear)), 4 * found.pixel_size_error_nm);
  EXPECT_LT(found.pixel_size_error_nm / truth, 3e-4);
  EXPECT_DOUBLE_EQ(found.cells, 1);
  // to_square carries the basis into one with right angles and equal sides.
  const auto square = [&](const Point& p) {
    return Point{found.to_square[0][0] * p.x + found.to_square[0][1] * p.y, found.to_square[1][1] * p.y};
  };
  const Point p = square(a), q = square(b);
  EXPECT_NEAR(std::hypot(p.x, p.y) / std::hypot(q.x, q.y), 1, 1e-3);
  EXPECT_NEAR((p.x * q.x + p.y * q.y) / (cell * cell), 0, 1e-3);
}

TEST(PixelCalibration, AFinerRepeatIsRecognisedByTheExpectedSize) {
  // Sr and Ti-O columns that look alike: the cell that is seen has half the area.
  const double side = 0.3905 / std::sqrt(2.0) / 0.01;
  Random random(8);
  const LatticeBasis basis{{side, 0}, {0, side}};
  const LatticeFit fit = fit_lattice(crystal(basis, {}, 0.05, 0, random, 800), basis);
  const auto lattice = projected_lattice(crystal_from("SrTiO3"), parse_zone_axis("001"));
  EXPECT_NEAR(calibrate_pixel(fit, lattice, 0.0104).pixel_size_nm, 0.01, 5e-5);
  EXPECT_NEAR(calibrate_pixel(fit, lattice, 0.0104).cells, 0.5, 1e-9);
  EXPECT_NEAR(calibrate_pixel(fit, lattice).pixel_size_nm, 0.01 * std::sqrt(2.0), 1e-4);
}

TEST(PixelCalibration, AnotherZoneIsRefused) {
  Random random(9);
  const LatticeBasis basis{{30, 0}, {0, 30}};
  const LatticeFit fit = fit_lattice(crystal(basis, Point{15, 15}, 0.05, 0, random), basis);
  const auto along_110 = projected_lattice(crystal_from("SrTiO3"), parse_zone_axis("110"));
  EXPECT_THAT(message_of([&] { calibrate_pixel(fit, along_110); }), HasSubstr("--zone"));
}

std::filesystem::path micrograph(const std::string& name) {
  return std::filesystem::path(COLONNADE_SHARED_DATA) / "micrographs" / name;
}

/// The 16-bit numbers of a TIA series file with one image of 1024 x 1024 pixels, which begin 50 bytes after the place
/// that the table of offsets says.
Image tia_image(const std::filesystem::path& path, double pixel_size_nm) {
  const std::string bytes = read_file(path);
  const auto integer = [&](std::size_t at) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return std::size_t(value);
  };
  const std::size_t data = integer(integer(22)) + 50;
  Image image(1024, 1024, pixel_size_nm);
  for (std::size_t i = 0; i < image.data.size(); ++i) {
    std::uint16_t value = 0;
    std::memcpy(&value, bytes.data() + data + 2 * i, sizeof value);
    image.data[i] = value;
  }
  return image;
}

struct Micrograph {
  const char *file, *zone;
  double cell_px;  ///< root of the cell's area, from NumPy's Fourier transform of the file (peaks 100 and 010); 0: none
  double stated;   ///< found over stated pixel size
};

// The scales that the two files of 1024 pixels state are 3.5 and 5 % too large: their cells measure 40.40 and 33.50
// pixels in anybody's Fourier transform, 4.05 and 4.10 A by the file and 3.905 A by nature.
TEST(PixelCalibration, StrontiumTitanateOfRealMicroscopes) {
  for (const Micrograph& m :
       {Micrograph{"STO_image_1.ser", "001", 40.399, 0.9654}, Micrograph{"Acquisition_18.emd", "001", 33.497, 0.952},
        Micrograph{"atomap_ADF_cropped.hdf5", "110", 0, 1}}) {
    if (!std::filesystem::exists(micrograph(m.file))) GTEST_SKIP() << "no " << micrograph(m.file);
    const bool tia = std::string(m.file).ends_with(".ser");
    const Image image = tia ? tia_image(micrograph(m.file), 0.010013) : read_image(micrograph(m.file));
    const auto columns = find_columns(image);
    const LatticeFit fit = fit_lattice(image, columns);
    const auto lattice = projected_lattice(crystal_from("SrTiO3"), parse_zone_axis(m.zone));
    const PixelCalibration found = calibrate_pixel(fit, lattice, image.pixel_size_nm);
    EXPECT_NEAR(found.pixel_size_nm / image.pixel_size_nm, m.stated, 0.005) << m.file;
    if (m.cell_px > 0) {
      EXPECT_NEAR(found.pixel_size_nm * m.cell_px / 0.3905, 1, 0.005) << m.file;
    }
    EXPECT_GT(double(fit.used), 0.9 * double(columns.size())) << m.file;
    EXPECT_DOUBLE_EQ(found.cells, 1) << m.file;
    std::cout << m.file << ": " << found.pixel_size_nm << " +- " << found.pixel_size_error_nm << " nm (file "
              << image.pixel_size_nm << "), y/x - 1 " << found.anisotropy << ", shear " << found.shear_deg
              << " deg, rms " << fit.rms_px << " px\n";
  }
}

}  // namespace
}  // namespace colonnade
