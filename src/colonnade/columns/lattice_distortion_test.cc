// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/columns/lattice_distortion.h"

#include <cmath>
#include <gmock/gmock.h>

#include "colonnade/columns/find_columns.h"
#include "colonnade/columns/test_images.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/image/undistort.h"
#include "colonnade/structures/known_crystals.h"

namespace colonnade {
namespace {

constexpr int side = 400, border = 40;
constexpr double pixel_nm = 0.0145;

/// SrTiO3 along [001], its axes turned by 20 degrees, larger by a border, as image and scanned.
struct Scanned {
  Image recorded;
  Displacements truth;
  Scanned(const ScanOptions& options, double noise, std::uint64_t seed) {
    const double cell = 0.3905 / pixel_nm, c = std::cos(0.35), s = std::sin(0.35);
    Image large(side + 2 * border, side + 2 * border, pixel_nm);
    std::vector<Drawn> columns;
    for (int i = -40; i <= 40; ++i) {
      for (int j = -40; j <= 40; ++j) {
        for (const double at : {0.0, 0.5}) {
          const double u = cell * (i + at), v = cell * (j + at);
          const Point place{240 + u * c - v * s, 240 + u * s + v * c};
          if (std::min(place.x, place.y) < -20 || std::max(place.x, place.y) > side + 2 * border + 20) continue;
          columns.push_back({place, at == 0 ? 1 : 0.6});
        }
      }
    }
    draw(large, columns, 4.5);
    Random random(seed);
    truth = scan_displacements(side, side, pixel_nm, options, random);
    recorded = scan_distorted(large, side, side, truth);
    add_noise(recorded, noise, random);
  }
};

/// Of found displacements against the truth, apart from a shift and a rotation (which a lattice cannot tell) of the
/// whole.
double error_px(const Displacements& found, const Displacements& truth, int margin) {
  // Least squares of shift and rotation: difference = t + w (-(y - c), x - c).
  double n = 0, sx = 0, sy = 0, rr = 0, rd = 0;
  const double c = 0.5 * (side - 1);
  const auto each = [&](const auto& visit) {
    for (int y = margin; y < side - margin; y += 3) {
      for (int x = margin; x < side - margin; x += 3) {
        const std::size_t i = std::size_t(y) * side + x;
        visit(y - c, x - c, found.y[i] - truth.y[i], found.x[i] - truth.x[i]);
      }
    }
  };
  each([&](double y, double x, double dy, double dx) {
    n += 1, sx += dx, sy += dy, rr += x * x + y * y, rd += x * dy - y * dx;
  });
  double sum = 0;
  each([&](double y, double x, double dy, double dx) {
    const double w = rd / rr;
    sum += 0.5 * (std::pow(dx - sx / n + w * y, 2) + std::pow(dy - sy / n - w * x, 2));
  });
  return std::sqrt(sum / n);
}

struct Found {
  LatticeDistortion distortion;
  PixelCalibration calibration;
  double before = 0, after = 0;
};

Found take_out(const Scanned& scanned, const std::string& kind) {
  const auto columns = find_columns(scanned.recorded);
  const LatticeFit fit = fit_lattice(scanned.recorded, columns);
  const auto crystal = projected_lattice(crystal_from("SrTiO3"), parse_zone_axis("001"));
  Found found;
  found.calibration = calibrate_pixel(fit, crystal, pixel_nm);
  DistortionOptions options;
  options.kind = kind;
  found.distortion = measure_distortion(scanned.recorded, columns, fit, found.calibration, options);
  const std::vector<float> none(scanned.truth.x.size(), 0.0F);
  found.before = error_px({none, none}, scanned.truth, 12);
  found.after = error_px(found.distortion.displacements, scanned.truth, 12);
  return found;
}

/// The square pixel differs in size from the true one, by what drift makes of an area: that scale is no distortion.
void rescale(Found& found, const Scanned& scanned) {
  const double scale = found.calibration.pixel_size_nm / pixel_nm, c = 0.5 * (side - 1);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const std::size_t i = std::size_t(y) * side + x;
      auto& u = found.distortion.displacements;
      u.y[i] = float((y - c + u.y[i]) * scale - (y - c));
      u.x[i] = float((x - c + u.x[i]) * scale - (x - c));
    }
  }
  found.after = error_px(found.distortion.displacements, scanned.truth, 12);
}

TEST(LatticeDistortion, SteadyDriftIsAffine) {
  ScanOptions options;
  options.drift_x_nm_s = 0.04;
  options.drift_y_nm_s = -0.03;
  const Scanned scanned(options, 0.05, 51);
  Found found = take_out(scanned, "affine");
  rescale(found, scanned);
  EXPECT_GT(found.before, 0.7);
  EXPECT_LT(found.after, 0.1);
  std::cout << "drift: " << found.before << " -> " << found.after << " px rms\n";
}

TEST(LatticeDistortion, SettlingAndDriftAreSmooth) {
  ScanOptions options;
  options.drift_x_nm_s = 0.04;
  options.settling_px = 4;
  options.settling_us = 400;
  const Scanned scanned(options, 0.05, 52);
  Found found = take_out(scanned, "smooth");
  rescale(found, scanned);
  EXPECT_GT(found.before, 0.6);
  EXPECT_LT(found.after, 0.1);
  EXPECT_LT(found.distortion.after_px, 0.2);
  std::cout << "drift and settling: " << found.before << " -> " << found.after << " px rms\n";
}

TEST(LatticeDistortion, JitterByRows) {
  ScanOptions options;
  options.drift_x_nm_s = 0.03;
  options.drift_y_nm_s = 0.02;
  options.jitter_px = 0.5;
  const Scanned scanned(options, 0.05, 53);
  Found found = take_out(scanned, "rows");
  rescale(found, scanned);
  EXPECT_GT(found.before, 0.6);
  EXPECT_LT(found.after, 0.1);
  EXPECT_NEAR(found.distortion.jitter_x_px, 0.5, 0.1);
  std::cout << "drift and jitter: " << found.before << " -> " << found.after << " px rms, jitter "
            << found.distortion.jitter_y_px << " " << found.distortion.jitter_x_px << "\n";
}

TEST(LatticeDistortion, TrueStrainIsLeftAlone) {
  // Columns around a centre pushed outwards: strain that no scan makes. Neither affine nor smooth may take it out.
  const double cell = 27;
  std::vector<Column> columns;
  for (int i = 0; i < 15; ++i) {
    for (int j = 0; j < 15; ++j) {
      Column column;
      column.x_px = 10 + cell * i;
      column.y_px = 10 + cell * j;
      const double dx = column.x_px - 200, dy = column.y_px - 200, push = 1.5 * std::exp(-(dx * dx + dy * dy) / 8000);
      column.x_px += push * dx / 50;
      column.y_px += push * dy / 50;
      columns.push_back(column);
    }
  }
  const LatticeFit fit = fit_lattice(columns, {{cell, 0}, {0, cell}});
  DistortionOptions options;
  options.kind = "smooth";
  const auto found = measure_distortion(Image(side, side, pixel_nm), columns, fit, {}, options);
  EXPECT_GT(found.after_px, 0.75 * found.before_px);
  options.kind = "affine";
  EXPECT_THAT(message_of([&] { measure_distortion(Image(side, side), columns, fit, {}, options); }),
              testing::HasSubstr("--crystal"));
}

}  // namespace
}  // namespace colonnade
