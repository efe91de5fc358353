// SPDX-License-Identifier: GPL-3.0-or-later
// One atom as multislice sees it: a phase object t(r) = exp(i phi(r)), phi = sigma x projected potential, still or
// trembling. Nothing is expanded in phi, so that heavy atoms are treated as multislice with displaced atoms treats them
// (the eikonal of Moliere and Glauber); to first and second order in phi the expressions are those of Born's
// approximation, and the absorption that of Hall and Hirsch (Proc. R. Soc. A286, 158, 1965).
#pragma once

#include <complex>

#include "colonnade/simulate/factor_terms.h"
#include "colonnade/simulate/radial_table.h"

namespace colonnade {

/// gamma lambda in A: phi's transform is this times the scattering factor.
double phase_per_factor_A(double energy_keV);

class PhaseObject {
 public:
  PhaseObject(const FactorTerms& terms, double energy_keV);

  /// The phase at a radius (A).
  double phase(double radius_A) const { return phase_(radius_A); }
  const FactorTerms& terms() const { return *terms_; }
  double phase_per_factor() const { return per_factor_; }

 private:
  const FactorTerms* terms_;
  double per_factor_;
  RadialTable<double> phase_;
};

/// The scattering amplitude in A: the transform of exp(i phi) - 1, over i gamma lambda. Tends to the scattering factor
/// for weak phases, and in its absolute value at large q.
class PhaseObjectAmplitude {
 public:
  explicit PhaseObjectAmplitude(const PhaseObject& atom);
  std::complex<double> operator()(double q_per_A) const;

 private:
  const FactorTerms* terms_;
  RadialTable<std::complex<double>> beyond_born_;
};

/// What such an atom does on average to the wave when it trembles: <t>(r) = exp(i v(r)), v complex. Its transform over
/// gamma lambda is a complex scattering factor f' + i f''; f'' takes from the elastic wave what is scattered thermally
/// to any angle.
class AbsorptiveFactor {
 public:
  AbsorptiveFactor(const PhaseObject& atom, double b_factor_A2);

  /// f' and f'' in A.
  double elastic(double k_per_A) const;
  double absorptive(double k_per_A) const { return excess_(k_per_A).imag(); }
  double b_factor() const { return b_factor_; }

 private:
  const FactorTerms* terms_;
  double b_factor_;
  RadialTable<std::complex<double>> excess_;  ///< over the damped scattering factor
};

}  // namespace colonnade
