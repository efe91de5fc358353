// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/phase_object.h"

#include <cmath>
#include <math.h>
#include <numbers>
#include <vector>

#include "colonnade/simulate/electron.h"

namespace colonnade {

namespace {

using Complex = std::complex<double>;
constexpr double pi = std::numbers::pi;
constexpr double smallest_radius_A = 1e-4, largest_radius_A = 7;

// The transform of a function of the radius given at the squares of equidistant numbers (dense where atoms vary fast).
class HankelTransform {
 public:
  HankelTransform(int nodes, double end_A) {
    const double step = std::sqrt(end_A) / nodes;
    for (int i = 0; i < nodes; ++i) {
      const double root = (i + 0.5) * step;
      radii_.push_back(root * root);
      weights_.push_back(2 * pi * root * root * 2 * root * step);
    }
  }
  const std::vector<double>& radii() const { return radii_; }
  template <class T>
  T operator()(const std::vector<T>& values, double k_per_A) const {
    T sum = 0;
    for (std::size_t i = 0; i < radii_.size(); ++i)
      sum += values[i] * (weights_[i] * ::j0(2 * pi * k_per_A * radii_[i]));
    return sum;
  }

 private:
  std::vector<double> radii_, weights_;
};

// exp(-x) I_0(x).
double scaled_bessel_i0(double x) {
  if (x < 20) return std::exp(-x) * std::cyl_bessel_i(0.0, x);
  const double y = 1 / (8 * x);
  return (1 + y * (1 + y * 4.5 * (1 + y * 25.0 / 3 * (1 + y * 49.0 / 4)))) / std::sqrt(2 * pi * x);
}

struct Averages {
  double phase;          ///< <phi>
  Complex transmission;  ///< <exp(i phi)>
};

// Means over a normal distribution of the atom's place, standard deviation u, at a radius.
Averages averages(const PhaseObject& atom, double radius_A, double u_A) {
  constexpr int points = 160;
  const double low = std::sqrt(std::max(0.0, radius_A - 7 * u_A)), high = std::sqrt(radius_A + 7 * u_A);
  Averages sum{0, 0};
  double total = 0;
  for (int i = 0; i < points; ++i) {
    const double root = low + (high - low) * (i + 0.5) / points, r = root * root;
    const double weight =
        root * r * std::exp(-0.5 * std::pow((r - radius_A) / u_A, 2)) * scaled_bessel_i0(r * radius_A / (u_A * u_A));
    const double phase = atom.phase(r);
    sum.phase += weight * phase;
    sum.transmission += weight * std::polar(1.0, phase);
    total += weight;
  }
  return {sum.phase / total, sum.transmission / total};
}

}  // namespace

double phase_per_factor_A(double energy_keV) {
  return electron_mass_ratio(energy_keV) * electron_wavelength_A(energy_keV);
}

PhaseObject::PhaseObject(const FactorTerms& terms, double energy_keV)
    : terms_(&terms), per_factor_(phase_per_factor_A(energy_keV)) {
  constexpr int nodes = 400;
  phase_ = RadialTable<double>(largest_radius_A, nodes, smallest_radius_A, [&](double r) {
    return per_factor_ * terms.projected(std::max(r, smallest_radius_A / 10));
  });
}

PhaseObjectAmplitude::PhaseObjectAmplitude(const PhaseObject& atom) : terms_(&atom.terms()) {
  constexpr int radii = 2400, nodes = 240;
  constexpr double largest_q = 40, scale = 0.5;
  const HankelTransform transform(radii, largest_radius_A);
  std::vector<Complex> excess;
  for (const double r : transform.radii()) excess.push_back(std::polar(1.0, atom.phase(r)) - Complex(1, atom.phase(r)));
  beyond_born_ = RadialTable<Complex>(
      largest_q, nodes, scale, [&](double q) { return transform(excess, q) / Complex(0, atom.phase_per_factor()); });
}

Complex PhaseObjectAmplitude::operator()(double q_per_A) const {
  const double born = terms_->factor(q_per_A);
  return q_per_A < beyond_born_.end() ? born + beyond_born_(q_per_A) : born;
}

AbsorptiveFactor::AbsorptiveFactor(const PhaseObject& atom, double b_factor_A2)
    : terms_(&atom.terms()), b_factor_(b_factor_A2) {
  if (b_factor_ == 0) return;
  constexpr int radii = 700, nodes = 200;
  constexpr double scale = 1;
  const double u = std::sqrt(b_factor_ / 8) / pi;
  const HankelTransform transform(radii, largest_radius_A);
  std::vector<Complex> values;
  for (const double r : transform.radii()) {
    const auto [phase, transmission] = averages(atom, r, u);
    // Relative to the phase nearby, so that the logarithm's branch is never in doubt.
    const double near = atom.phase(std::hypot(r, u));
    values.emplace_back(near + std::arg(transmission * std::polar(1.0, -near)) - phase,
                        -std::log(std::abs(transmission)));
  }
  const double end = std::min(60.0, std::sqrt(8 * 16 / b_factor_));
  excess_ =
      RadialTable<Complex>(end, nodes, scale, [&](double k) { return transform(values, k) / atom.phase_per_factor(); });
}

double AbsorptiveFactor::elastic(double k_per_A) const {
  return terms_->factor(k_per_A) * std::exp(-b_factor_ * k_per_A * k_per_A / 4) + excess_(k_per_A).real();
}

}  // namespace colonnade
