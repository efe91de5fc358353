// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/probe.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numbers>
#include <set>

#include "colonnade/core/error.h"
#include "colonnade/simulate/electron.h"

namespace colonnade {
namespace {

constexpr double pi = std::numbers::pi;

TEST(Probe, DefocusAndSphericalAberrationInClosedForm) {
  const double wavelength = electron_wavelength_A(200), alpha = 0.0137, k = alpha / wavelength;
  Aberrations defocus;
  defocus.C10 = -83;
  EXPECT_NEAR(defocus.phase(alpha, 1.1, wavelength), pi * wavelength * -83 * k * k, 1e-12);
  Aberrations spherical;
  spherical.C30 = 1.2e4;
  EXPECT_NEAR(spherical.phase(alpha, 0.4, wavelength), pi / 2 * std::pow(wavelength, 3) * 1.2e4 * std::pow(k, 4), 1e-9);
  Aberrations fifth;
  fifth.C50 = 1e7;
  EXPECT_NEAR(fifth.phase(alpha, 0, wavelength), pi / 3 * std::pow(wavelength, 5) * 1e7 * std::pow(k, 6), 1e-9);
}

TEST(Probe, AzimuthalSymmetries) {
  const double wavelength = electron_wavelength_A(200), alpha = 0.02, azimuth = 0.7;
  const auto phase = [&](double Aberrations::*coefficient, double at) {
    Aberrations aberrations;
    aberrations.phi12 = aberrations.phi21 = aberrations.phi23 = aberrations.phi32 = aberrations.phi34 = 14;
    aberrations.*coefficient = 100;
    return aberrations.phase(alpha, at, wavelength);
  };
  const auto repeats = [&](double Aberrations::*coefficient, int fold) {
    EXPECT_NEAR(phase(coefficient, azimuth), phase(coefficient, azimuth + 2 * pi / fold), 1e-9);
    EXPECT_NEAR(phase(coefficient, azimuth), -phase(coefficient, azimuth + pi / fold), 1e-9);
    EXPECT_GT(phase(coefficient, 14 * pi / 180), std::abs(phase(coefficient, azimuth)));
  };
  repeats(&Aberrations::C12, 2);
  repeats(&Aberrations::C21, 1);
  repeats(&Aberrations::C23, 3);
  repeats(&Aberrations::C32, 2);
  repeats(&Aberrations::C34, 4);
}

TEST(Probe, SpectrumIsNormalisedAndCoversTheAperture) {
  const WaveGrid grid{96, 120, 0.1, 0.08};
  Optics optics;
  optics.aberrations.C10 = -50;
  const auto spectrum = probe_spectrum(grid, optics);
  double norm = 0, area = 0;
  const double wavelength = electron_wavelength_A(optics.energy_keV);
  for (int row = 0; row < grid.ny; ++row) {
    for (int column = 0; column < grid.nx; ++column) {
      const auto value = spectrum[std::size_t(row) * grid.nx + column];
      norm += std::norm(value);
      area += aperture(grid, row, column, optics) / (grid.length_x_A() * grid.length_y_A());
      const double angle = wavelength * std::hypot(grid.kx(column), grid.ky(row));
      if (angle > 0.0175 + wavelength / grid.length_x_A()) {
        EXPECT_EQ(value, std::complex<float>(0));
      }
    }
  }
  EXPECT_NEAR(norm, 1, 1e-6);
  EXPECT_NEAR(area / (pi * std::pow(0.0175 / wavelength, 2)), 1, 0.02);
}

TEST(Probe, OptionsAreDescribedOnceAndChecked) {
  Optics optics;
  OptionTable table;
  optics.describe(table);
  std::set<std::string> names;
  for (const auto& option : table.options()) {
    EXPECT_TRUE(names.insert(option.name()).second);
    EXPECT_FALSE(option.help.empty());
    EXPECT_FALSE(option.unit.empty());
  }
  EXPECT_EQ(names.size(), 15U);
  table.set("optics.C12", "20");
  EXPECT_EQ(optics.aberrations.C12, 20);
  optics.check();
  const auto complaint = [](Optics wrong) -> std::string {
    try {
      wrong.check();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  optics.energy_keV = 200000;
  EXPECT_THAT(complaint(optics), testing::HasSubstr("200000 keV is outside 10 to 1000"));
  optics.energy_keV = 200;
  optics.semiangle_mrad = 0.02;
  EXPECT_THAT(complaint(optics), testing::HasSubstr("semiangle"));
  optics.semiangle_mrad = 20;
  optics.aberrations.phi34 = NAN;
  EXPECT_THAT(complaint(optics), testing::HasSubstr("phi34"));
}

}  // namespace
}  // namespace colonnade
