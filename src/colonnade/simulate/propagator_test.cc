// SPDX-License-Identifier: GPL-3.0-or-later
// The passes over rows and columns against plain two-dimensional transforms.
#include "colonnade/simulate/propagator.h"

#include <cmath>
#include <gtest/gtest.h>
#include <numbers>
#include <vector>

#include "colonnade/core/random.h"
#include "colonnade/simulate/probe.h"

namespace colonnade {
namespace {

using Complex = std::complex<float>;
constexpr double wavelength = 0.0250793;

struct Plain {
  AlignedArray<Complex> wave;
  WaveGrid grid;
  void multiply_spectrum(const std::function<std::complex<double>(double k)>& factor) {
    FftPlan::plane(grid.ny, grid.nx, FftSign::forward).execute(wave.data());
    for (int row = 0; row < grid.ny; ++row) {
      for (int column = 0; column < grid.nx; ++column) {
        wave[std::size_t(row) * grid.nx + column] *=
            Complex(factor(std::hypot(grid.kx(column), grid.ky(row))) / double(grid.size()));
      }
    }
    FftPlan::plane(grid.ny, grid.nx, FftSign::backward).execute(wave.data());
  }
};

class PropagatorOnGrid : public testing::TestWithParam<std::pair<int, int>> {};

// Two slices with a step between, a window that wraps around the cell's edge, whole-spectrum sums at the end.
TEST_P(PropagatorOnGrid, AgreesWithPlainTransforms) {
  const auto [ny, nx] = GetParam();
  const WaveGrid grid{ny, nx, 0.1, 0.1}, cell{ny + 8, nx + 20, 0.1, 0.1};
  Structure structure;
  Random random(7);
  for (int i = 0; i < 30; ++i) {
    structure.atoms.push_back(
        {40, {random.uniform(0, cell.length_x_A()), random.uniform(0, cell.length_y_A()), random.uniform(0, 4)}});
  }
  const TransmissionStack stack(structure, {{0, 0, 0}, cell}, {200, 2, 1, Parametrization::lobato});
  const Propagator propagator(grid, wavelength);
  const auto spectrum = probe_spectrum(grid, Optics{});
  const auto at = [&](int row, int column) { return spectrum[std::size_t(row) * grid.nx + column]; };
  std::vector<Complex> phase_y(ny), phase_x(nx);
  for (int i = 0; i < ny; ++i) phase_y[i] = Complex(std::polar(1.0, -2 * std::numbers::pi * grid.ky(i) * 1.23));
  for (int i = 0; i < nx; ++i) phase_x[i] = Complex(std::polar(1.0, -2 * std::numbers::pi * grid.kx(i) * 2.34));
  const int top = 11, left = nx - 5;
  const double distance = 2;

  auto wave = propagator.make_wave();
  propagator.start(wave, propagator.make_table<Complex>(at), phase_y.data(), phase_x.data(),
                   propagator.blocks_within(0.0175 / wavelength + 1 / grid.length_x_A()));
  propagator.transmit(wave, stack, 0, top, left);
  propagator.propagate(wave, propagator.free_space(distance));
  propagator.transmit(wave, stack, 1, top, left);
  const auto ring = [&](int row, int column) {
    const double angle = wavelength * std::hypot(grid.kx(column), grid.ky(row));
    return angle > 0.04 && angle < 0.07 ? 1.0F : 0.0F;
  };
  double sums[2] = {};
  propagator.finish(wave, {propagator.make_table<float>(ring), propagator.make_table<float>([&](int row, int column) {
                             return grid.band_limit(std::hypot(grid.kx(column), grid.ky(row))) == 1 ? 1.0F : 0.0F;
                           })},
                    sums);

  Plain plain{AlignedArray<Complex>(grid.size()), grid};
  for (int row = 0; row < ny; ++row) {
    for (int column = 0; column < nx; ++column) {
      plain.wave[std::size_t(row) * nx + column] = at(row, column) * phase_y[row] * phase_x[column];
    }
  }
  FftPlan::plane(ny, nx, FftSign::backward).execute(plain.wave.data());
  const auto transmit = [&](int slice) {
    for (int row = 0; row < ny; ++row) {
      for (int column = 0; column < nx; ++column) {
        plain.wave[std::size_t(row) * nx + column] *=
            stack.row(slice, (top + row) % cell.ny)[(left + column) % cell.nx];
      }
    }
  };
  transmit(0);
  plain.multiply_spectrum(
      [&](double k) { return std::polar(grid.band_limit(k), -std::numbers::pi * wavelength * distance * k * k); });
  transmit(1);
  FftPlan::plane(ny, nx, FftSign::forward).execute(plain.wave.data());
  double expected[2] = {};
  for (int row = 0; row < ny; ++row) {
    for (int column = 0; column < nx; ++column) {
      const double intensity = std::norm(plain.wave[std::size_t(row) * nx + column]);
      expected[0] += intensity * ring(row, column);
      if (grid.band_limit(std::hypot(grid.kx(column), grid.ky(row))) == 1) expected[1] += intensity;
    }
  }
  EXPECT_NEAR(sums[0] / expected[0], 1, 1e-5);
  EXPECT_NEAR(sums[1] / expected[1], 1, 1e-5);
  EXPECT_GT(expected[0] / double(grid.size()) / double(grid.size()), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Sizes, PropagatorOnGrid,
                         testing::Values(std::pair{128, 128}, std::pair{64, 128}, std::pair{128, 90},
                                         std::pair{90, 128}, std::pair{96, 120}, std::pair{50, 44}, std::pair{46, 58},
                                         std::pair{40, 32}, std::pair{256, 48}));

}  // namespace
}  // namespace colonnade
