// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/cross_section.h"

#include <Eigen/Dense>
#include <gtest/gtest.h>
#include <numeric>

#include "colonnade/columns/find_columns.h"
#include "colonnade/columns/test_images.h"
#include "colonnade/core/error.h"

namespace colonnade {
namespace {

constexpr double pixel_nm = 0.0125;

std::vector<Column> started_near(const std::vector<Drawn>& truth, double off_px, Random& random) {
  std::vector<Column> columns;
  for (const Drawn& column : truth) {
    columns.emplace_back();
    columns.back().x_px = column.place.x + random.uniform(-off_px, off_px);
    columns.back().y_px = column.place.y + random.uniform(-off_px, off_px);
  }
  return columns;
}

double section(double width_px, double height) { return 2 * M_PI * std::pow(width_px * pixel_nm, 2) * height; }

TEST(FitGaussians, RecoversOverlappingColumnsExactlyWithoutNoise) {
  Random random(1);
  Image image(140, 170, pixel_nm);
  auto truth = particle({83.3, 70.9}, 52, 16, 13, 0.05);
  for (Drawn& column : truth) column.height *= random.uniform(0.5, 1.5);
  draw(image, truth, 5);  // 3.2 widths apart
  for (float& value : image.data) value += 0.2F;
  auto columns = started_near(truth, 1.5, random);
  fit_gaussians(image, columns);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    EXPECT_NEAR(columns[i].x_px, truth[i].place.x, 2e-3);
    EXPECT_NEAR(columns[i].y_px, truth[i].place.y, 2e-3);
    EXPECT_NEAR(columns[i].height, truth[i].height, 1e-4);
    EXPECT_NEAR(columns[i].sigma_px, 5, 1e-4);
    EXPECT_NEAR(columns[i].cross_section_nm2, section(5, truth[i].height), 1e-4 * section(5, 1));
  }
}

/// Standard deviations of height, x and y per column at the Cramer-Rao bound of Poisson counts, all parameters unknown.
std::vector<Eigen::Vector3d> poisson_bound(const Image& expected, const std::vector<Drawn>& columns, double width) {
  const int count = int(columns.size()), size = 3 * count + 2;
  Eigen::MatrixXd information = Eigen::MatrixXd::Zero(size, size);
  Eigen::VectorXd slope(size);
  for (int y = 0; y < expected.height; ++y)
    for (int x = 0; x < expected.width; ++x) {
      slope.setZero();
      slope[size - 1] = 1;
      for (int i = 0; i < count; ++i) {
        const double u = x - columns[i].place.x, v = y - columns[i].place.y;
        const double shape = std::exp(-0.5 * (u * u + v * v) / (width * width));
        const double scale = columns[i].height * shape / (width * width);
        slope.segment<3>(3 * i) << shape, scale * u, scale * v;
        slope[size - 2] += scale * (u * u + v * v) / width;
      }
      information += slope * slope.transpose() / expected.at(y, x);
    }
  const Eigen::MatrixXd covariance = information.inverse();
  std::vector<Eigen::Vector3d> bounds;
  for (int i = 0; i < count; ++i) bounds.push_back(covariance.diagonal().segment<3>(3 * i).cwiseSqrt());
  return bounds;
}

TEST(FitGaussians, StaysNearTheCramerRaoBoundWithPoissonNoise) {
  Random random(2);
  Image expected(56, 60, pixel_nm);
  auto truth = particle({29.2, 28.4}, 18, 12, 25, 0.3);
  for (Drawn& column : truth) column.height *= 60;
  draw(expected, truth, 3.3);
  for (float& value : expected.data) value += 8;
  const auto bounds = poisson_bound(expected, truth, 3.3);
  Eigen::Vector3d squares(0, 0, 0);
  constexpr int trials = 30;
  for (int trial = 0; trial < trials; ++trial) {
    Image image = expected;
    for (float& value : image.data) value = float(random.poisson(value));
    auto columns = started_near(truth, 1, random);
    fit_gaussians(image, columns);
    for (std::size_t i = 0; i < truth.size(); ++i) {
      const Eigen::Vector3d error(columns[i].height - truth[i].height, columns[i].x_px - truth[i].place.x,
                                  columns[i].y_px - truth[i].place.y);
      squares += error.cwiseQuotient(bounds[i]).cwiseAbs2();
    }
  }
  const Eigen::Vector3d ratio = (squares / double(trials * truth.size())).cwiseSqrt();
  for (int k = 0; k < 3; ++k) {
    EXPECT_LT(ratio[k], 1.5) << k;  // equal weights lose something against the bound
    EXPECT_GT(ratio[k], 0.8) << k;  // and nothing beats it
  }
}

TEST(FitGaussians, KeepsColumnsNearTheirStart) {
  Random random(3);
  Image image(120, 120, pixel_nm);
  add_noise(image, 1, random);
  std::vector<Drawn> nowhere;
  for (int i = 0; i < 9; ++i)
    for (int j = 0; j < 9; ++j) nowhere.push_back({{12 + 12.0 * i, 12 + 12.0 * j}, 1});
  const auto start = started_near(nowhere, 0, random);
  auto columns = start;
  fit_gaussians(image, columns);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    EXPECT_LT(std::hypot(columns[i].x_px - start[i].x_px, columns[i].y_px - start[i].y_px), 6);
    EXPECT_GE(columns[i].height, 0);
    EXPECT_TRUE(std::isfinite(columns[i].cross_section_nm2));
  }
}

TEST(FitGaussians, HandlesLoneColumnsEdgesAndNone) {
  std::vector<Column> none;
  Image image(64, 48, pixel_nm);
  fit_gaussians(image, none);
  const std::vector<Drawn> truth{{{1.5, 30.25}, 2}};
  draw(image, truth, 4);
  Random random(4);
  auto columns = started_near(truth, 0.5, random);
  fit_gaussians(image, columns);
  EXPECT_NEAR(columns[0].x_px, 1.5, 1e-3);
  EXPECT_NEAR(columns[0].y_px, 30.25, 1e-3);
  EXPECT_NEAR(columns[0].cross_section_nm2, section(4, 2), 1e-4 * section(4, 2));
  EXPECT_TRUE(columns[0].at_edge);
  Image flat(64, 48, pixel_nm);
  fit_gaussians(flat, columns);
  EXPECT_NEAR(columns[0].height, 0, 1e-9);
}

TEST(FitGaussians, TakesCoincidingColumns) {
  Image image(64, 64, pixel_nm);
  const std::vector<Drawn> truth{{{20, 30}, 1}, {{40, 30}, 1}};
  draw(image, truth, 4);
  std::vector<Column> columns(3);
  columns[0].x_px = columns[1].x_px = 20;
  columns[2].x_px = 40;
  for (Column& column : columns) column.y_px = 30;
  fit_gaussians(image, columns);
  EXPECT_NEAR(columns[0].height + columns[1].height, 1, 0.05);
  EXPECT_NEAR(columns[2].height, 1, 0.05);
}

TEST(FitGaussians, RefusesColumnsOutsideAndImagesWithoutScale) {
  std::vector<Column> columns(1);
  columns[0].x_px = 70;
  EXPECT_THROW(fit_gaussians(Image(64, 64, 0.02), columns), Error);
  columns[0].x_px = std::nan("");
  EXPECT_THROW(fit_gaussians(Image(64, 64, 0.02), columns), Error);
  columns[0].x_px = 10;
  EXPECT_THROW(fit_gaussians(Image(64, 64), columns), Error);
}

double root_mean_square_error(const std::vector<Column>& columns, const std::vector<Drawn>& truth, double width) {
  double squares = 0;
  for (std::size_t i = 0; i < truth.size(); ++i)
    squares += std::pow(columns[i].cross_section_nm2 / section(width, 1) - truth[i].height, 2);
  return std::sqrt(squares / double(truth.size()));
}

TEST(FitGaussians, AnUnevenBackgroundIsBetterOnASupportAndIsChosenThere) {
  Random random(5);
  Image image(200, 200, pixel_nm);
  const auto truth = particle({100, 100}, 80, 16, 13, 0.3);
  draw(image, truth, 4);
  for (int y = 0; y < 200; ++y)
    for (int x = 0; x < 200; ++x)
      image.at(y, x) += float(3 * std::exp(-(std::pow(x - 90, 2) + std::pow(y - 120, 2)) / 2e4));
  add_noise(image, 0.02, random);
  auto constant = started_near(truth, 0.5, random), uneven = constant, automatic = constant;
  fit_gaussians(image, constant, Background::constant);
  fit_gaussians(image, uneven, Background::uneven);
  fit_gaussians(image, automatic);
  const double error = root_mean_square_error(uneven, truth, 4);
  EXPECT_LT(error, 0.05);
  EXPECT_GT(root_mean_square_error(constant, truth, 4), 5 * error);
  EXPECT_DOUBLE_EQ(root_mean_square_error(automatic, truth, 4), error);
}

TEST(VoronoiCrossSections, IntegratesIsolatedColumns) {
  Image image(160, 200, pixel_nm);
  std::vector<Drawn> truth;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 2; ++j) truth.push_back({{40.0 + 50 * i, 50.0 + 50 * j}, 1.0 + i + j});
  draw(image, truth, 4);
  for (float& value : image.data) value += 7;
  Random random(6);
  const auto columns = started_near(truth, 0, random);
  const auto sections = voronoi_cross_sections(image, columns);
  for (std::size_t i = 0; i < truth.size(); ++i)
    EXPECT_NEAR(sections[i], section(4, truth[i].height), 2e-3 * sections[i]);
  const auto half = voronoi_cross_sections(image, columns, 4 * std::sqrt(2 * std::log(2.0)) * pixel_nm);
  for (std::size_t i = 0; i < truth.size(); ++i) EXPECT_NEAR(half[i] / sections[i], 0.5, 0.02);
}

TEST(VoronoiCrossSections, CellsShareTheWholeIntensity) {
  Random random(7);
  Image image(150, 150, pixel_nm);
  const auto truth = particle({75, 75}, 35, 14, 5, 0.3);
  draw(image, truth, 4);
  const auto columns = started_near(truth, 0.5, random);
  const auto sections = voronoi_cross_sections(image, columns, 60 * pixel_nm);
  const double whole = std::accumulate(image.data.begin(), image.data.end(), 0.0) * pixel_nm * pixel_nm;
  EXPECT_NEAR(std::accumulate(sections.begin(), sections.end(), 0.0), whole, 1e-3 * whole);
  EXPECT_TRUE(voronoi_cross_sections(image, {}).empty());
  EXPECT_THROW(voronoi_cross_sections(image, columns, -1), Error);
}

}  // namespace
}  // namespace colonnade
