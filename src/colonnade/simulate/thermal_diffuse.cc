// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/thermal_diffuse.h"

#include <cmath>
#include <memory>
#include <numbers>

#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/phase_object.h"

namespace colonnade {

namespace {

constexpr double pi = std::numbers::pi;

}  // namespace

// Rings of equal width in asinh(q), each a mean over a quarter of the circle (the integrand is even in both axes).
double thermal_diffuse_kernel(const std::function<std::complex<double>(double)>& amplitude, double phase_per_factor_A,
                              double b_factor_A2, double low_q_per_A, double high_q_per_A, double g_per_A) {
  constexpr int azimuths = 48;
  const double g = g_per_A, b = b_factor_A2;
  const double low = std::asinh(low_q_per_A), high = std::asinh(high_q_per_A);
  const int rings = std::max(32, int(std::ceil(48 * (high - low))));
  const double step = (high - low) / rings;
  double total = 0;
  for (int i = 0; i < rings; ++i) {
    const double u = low + (i + 0.5) * step, q = std::sinh(u);
    const double incoherent = std::exp(-b * g * g / 4) - std::exp(-b * (q * q / 2 + g * g / 8));
    double ring = 0;
    for (int j = 0; j < azimuths; ++j) {
      const double cosine = std::cos((j + 0.5) * pi / 2 / azimuths), sum = q * q + g * g / 4;
      const auto plus = amplitude(std::sqrt(sum + q * g * cosine));
      const auto minus = amplitude(std::sqrt(std::max(0.0, sum - q * g * cosine)));
      ring += (plus * std::conj(minus)).real() / azimuths;
    }
    total += step * std::cosh(u) * 2 * pi * q * incoherent * ring;
  }
  return phase_per_factor_A * phase_per_factor_A * total;
}

LocalSignal thermal_diffuse_signal(const AnnularDetector& detector, const std::vector<int>& elements,
                                   const ThermalMotion& motion, const Optics& optics, Parametrization parametrization) {
  constexpr int nodes = 120;
  check_detectors({detector});
  optics.check();
  LocalSignal signal;
  signal.name = detector.name + " thermal";
  const double per_mrad = 1e-3 / electron_wavelength_A(optics.energy_keV);
  for (const int number : elements) {
    const double b = motion.b_factor(number);
    const PhaseObject atom(factor_terms(parametrization, number), optics.energy_keV);
    const PhaseObjectAmplitude amplitude(atom);
    const double end = b > 0 ? std::min(60.0, std::sqrt(8 * 14 / b)) : 1;
    const auto table = std::make_shared<RadialTable<double>>(end, nodes, 2.0, [&](double g) {
      return thermal_diffuse_kernel(amplitude, atom.phase_per_factor(), b, detector.inner_mrad * per_mrad,
                                    detector.outer_mrad * per_mrad, g);
    });
    signal.kernels[number] = [table](double k) { return (*table)(k); };
  }
  return signal;
}

}  // namespace colonnade
