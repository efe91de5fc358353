// SPDX-License-Identifier: GPL-3.0-or-later
// Thermal diffuse scattering by its analytic mean, without configurations and without high angles on the grid: atoms
// that tremble independently scatter incoherently, and what falls on a detector is the wave's intensity at each atom
// weighted with an effective scattering potential (Pennycook and Jesson, Ultramicroscopy 37, 14, 1991; Ishizuka,
// Ultramicroscopy 90, 71, 2002; the integral of Hall and Hirsch, Proc. R. Soc. A286, 158, 1965, and of Bird and King,
// Acta Cryst. A46, 202, 1990, over the detector's angles):
//   kernel(g) = (gamma lambda)^2 integral over q on the detector of Re[F(|q + g/2|) F*(|q - g/2|)]
//               (exp(-B g^2 / 4) - exp(-B q^2 / 2 - B g^2 / 8)) d^2 q,
// in A^2, g and q in 1/A, B in A^2. F is the amplitude of phase_object.h, so that heavy atoms are not taken for weak
// scatterers; with the scattering factor itself for F the expression is the literature's.
// What is so scattered is taken to go straight to the detector. The atoms behind it in the same column in truth draw it
// inwards: against frozen phonons signals on heavy columns come out too large as the specimen grows thicker (figures in
// docs/design/specimen.md). Elastic scattering (Bragg beams and Laue rings) onto the
// detector is not in it: add the detector's own signal where the grid carries its angles.
#pragma once

#include <complex>
#include <functional>
#include <vector>

#include "colonnade/simulate/detector.h"
#include "colonnade/simulate/probe.h"
#include "colonnade/simulate/scattering_factors.h"
#include "colonnade/simulate/stem_algorithm.h"
#include "colonnade/simulate/thermal_motion.h"

namespace colonnade {

/// Scattering into q from low to high (1/A; up to a thousand: as good as all angles). `amplitude` in A.
double thermal_diffuse_kernel(const std::function<std::complex<double>(double)>& amplitude, double phase_per_factor_A,
                              double b_factor_A2, double low_q_per_A, double high_q_per_A, double g_per_A);

/// The thermal diffuse part of a detector's signal, for a wave computed with ThermalMotion::model "absorptive". The
/// kernels are tabulated here, once per element (tens of milliseconds each).
LocalSignal thermal_diffuse_signal(const AnnularDetector& detector, const std::vector<int>& elements,
                                   const ThermalMotion& motion, const Optics& optics, Parametrization parametrization);

}  // namespace colonnade
