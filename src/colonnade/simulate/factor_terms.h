// SPDX-License-Identifier: GPL-3.0-or-later
// An atom's scattering factor as a sum of terms whose three-dimensional potential is known in closed form, whatever the
// parametrisation: f(q) = sum a / (q^2 + c) + sum a / (q^2 + c)^2 + sum a exp(-b q^2), q = 2 sin(theta)/lambda in 1/A,
// f in A. From that follow, without any fit or numerical integral, the projected potential in real space and the part
// of an atom that lies beyond a plane.
#pragma once

#include <vector>

#include "colonnade/simulate/scattering_factors.h"

namespace colonnade {

class FactorTerms {
 public:
  /// Fails where the parametrisation does not have the element. See factor_terms() below.
  FactorTerms(Parametrization parametrization, int atomic_number);

  double factor(double q_per_A) const;
  /// The part of the factor that comes from beyond a plane perpendicular to the beam, at a distance >= 0 from the
  /// nucleus: the two-dimensional Fourier transform, at |k|, of the potential integrated along the beam from there to
  /// infinity, in the units of factor(). Half of factor() at distance 0.
  double beyond(double k_per_A, double distance_A) const;
  /// The two-dimensional inverse transform of factor(): projected potential / 47.878 V A^2, in 1/A, at a radius > 0.
  double projected(double radius_A) const;
  /// The distance beyond which less than this share of the whole potential lies.
  double reach(double share) const;

 private:
  struct Term {
    double amplitude, width;  ///< a and c, or a and b
  };
  std::vector<Term> lorentzians_, squares_, gaussians_;
};

/// The terms of an element, made once; fails where the parametrisation does not have it.
const FactorTerms& factor_terms(Parametrization parametrization, int atomic_number);

}  // namespace colonnade
