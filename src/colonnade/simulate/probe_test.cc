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
  for (int order = 1; order <= 5; ++order) {
    for (int fold = (order + 1) % 2; fold <= order + 1; fold += 2) {
      const std::string indices = std::to_string(order) + std::to_string(fold);
      Aberrations aberrations;
      aberrations.set("C" + indices, 1e4);
      if (fold > 0) aberrations.set("phi" + indices, 14);
      const double peak = 2 * pi / wavelength * 1e4 * std::pow(alpha, order + 1) / (order + 1);
      const double tolerance = 1e-9 * peak;
      const auto phase = [&](double at) { return aberrations.phase(alpha, at, wavelength); };
      EXPECT_NEAR(phase(fold > 0 ? 14 * pi / 180 : 1.23), peak, tolerance) << indices;
      EXPECT_NEAR(aberrations.phase(2 * alpha, 14 * pi / 180, wavelength), std::pow(2, order + 1) * peak, 1e-8 * peak);
      if (fold == 0) {
        EXPECT_NEAR(phase(azimuth), peak, tolerance) << indices;
        continue;
      }
      EXPECT_NEAR(phase(azimuth), peak * std::cos(fold * (azimuth - 14 * pi / 180)), tolerance) << indices;
      EXPECT_NEAR(phase(azimuth + 2 * pi / fold), phase(azimuth), tolerance) << indices;
      EXPECT_NEAR(phase(azimuth + pi / fold), -phase(azimuth), tolerance) << indices;
    }
  }
}

TEST(Probe, AberrationsByName) {
  Aberrations aberrations;
  aberrations.set("C45", 3);
  aberrations.set("phi45", 7);
  EXPECT_EQ(aberrations.C45, 3);
  EXPECT_EQ(aberrations.phi45, 7);
  for (const char* name : {"C33", "c10", "C60", "phi10", "defocus", ""}) EXPECT_THROW(aberrations.set(name, 1), Error);
  try {
    aberrations.set("phi54x", 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr("phi54x"), testing::HasSubstr("did you mean phi54")));
  }
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
  EXPECT_EQ(names.size(), 27U);
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
