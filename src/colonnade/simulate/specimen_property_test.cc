// SPDX-License-Identifier: GPL-3.0-or-later
// What must hold whatever the algorithm: properties of the specimen and the optics seen in images.
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <numbers>

#include "colonnade/core/random.h"
#include "colonnade/simulate/multislice_engine.h"
#include "colonnade/simulate/phase_object.h"
#include "colonnade/simulate/plain_multislice.h"

namespace colonnade {
namespace {

using Complex = std::complex<float>;
constexpr double pi = std::numbers::pi;

MultisliceOptions whole_cell(double slice_A = 2) {
  MultisliceOptions options;
  options.window_A = 0;
  options.slice_A = slice_A;
  return options;
}

Structure column(int number, int atoms, const Position& top, double spacing_A = 2.5) {
  Structure structure;
  for (int i = 0; i < atoms; ++i) structure.atoms.push_back({number, {top.x, top.y, top.z + spacing_A * i}});
  return structure;
}

// One atom under an unaberrated probe, by radial integrals only: the probe k0 J1(2 pi k0 r) / r, times exp(i phi) - 1,
// Hankel-transformed to each angle of the ring.
double direct_integral(int number, const AnnularDetector& ring) {
  const Optics optics;
  const double wavelength = electron_wavelength_A(optics.energy_keV), k0 = optics.semiangle_mrad * 1e-3 / wavelength;
  const PhaseObject atom(factor_terms(Parametrization::lobato, number), optics.energy_keV);
  const double low = ring.inner_mrad * 1e-3 / wavelength, high = ring.outer_mrad * 1e-3 / wavelength;
  constexpr int angles = 60;
  double intensity = 0;
  for (int i = 0; i < angles; ++i) {
    const double k = low + (high - low) * (i + 0.5) / angles;
    std::complex<double> amplitude = 0;
    for (double root = 0.001; root < 2.4; root += 0.002) {
      const double r = root * root;
      const double weight = 0.002 * 2 * root * 2 * pi * ::j0(2 * pi * k * r) * k0 * ::j1(2 * pi * k0 * r);
      amplitude += weight * (std::polar(1.0, atom.phase(r)) - 1.0);
    }
    intensity += (high - low) / angles * 2 * pi * k * std::norm(amplitude);
  }
  return intensity / (pi * k0 * k0);
}

TEST(SpecimenProperty, OneAtomAgreesWithTheDirectIntegral) {
  const AnnularDetector ring{"ADF", 60, 100};
  const PeriodicCell cell{{0, 0, 0}, {400, 400, 0.04, 0.04}};
  MultisliceOptions options = whole_cell();
  for (const int number : {6, 78}) {
    const Multislice multislice(column(number, 1, {8.013, 7.987, 1}), cell, Optics{}, {ring}, options);
    const double found = multislice.probe_intensities(8.013, 7.987)[0];
    std::printf("Z %d found %.6g direct %.6g ratio %.5f\n", number, found, direct_integral(number, ring),
                found / direct_integral(number, ring));
    EXPECT_NEAR(found / direct_integral(number, ring), 1, 0.01) << number;
  }
}

double spread_over_subpixel_places(double pitch_A, int oversampling, bool absorptive) {
  const int side = int(std::lround(12 / pitch_A / 8)) * 8;
  const PeriodicCell cell{{0, 0, 0}, {side, side, pitch_A, pitch_A}};
  MultisliceOptions options = whole_cell(2.5);
  options.oversampling = oversampling;
  if (absorptive) options.thermal.model = "absorptive";
  std::vector<double> values;
  Random random(3);
  for (int i = 0; i < 6; ++i) {
    const double x = 6 + pitch_A * random.uniform(), y = 6 + pitch_A * random.uniform();
    const Multislice multislice(column(78, 5, {x, y, 1}), cell, Optics{}, {{"ADF", 60, 100}}, options);
    values.push_back(multislice.probe_intensities(x, y)[0]);
  }
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  std::printf("pitch %.4f oversampling %d absorptive %d: %.6f spread %.5f\n", pitch_A, oversampling, int(absorptive),
              *low, *high / *low - 1);
  return *high / *low - 1;
}

TEST(SpecimenProperty, Experiment) {
  for (const double pitch : {0.0576, 0.04}) {
    for (const int over : {1, 2, 3, 4, 6}) spread_over_subpixel_places(pitch, over, false);
    spread_over_subpixel_places(pitch, 2, true);
  }
}

}  // namespace
}  // namespace colonnade
