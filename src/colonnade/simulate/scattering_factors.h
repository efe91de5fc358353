// SPDX-License-Identifier: GPL-3.0-or-later
// Electron scattering factors of neutral atoms from published parametrisations: E. J. Kirkland, Advanced Computing in
// Electron Microscopy, Appendix C (three Lorentzians and three Gaussians); I. Lobato and D. Van Dyck, Acta Cryst. A70,
// 636 (2014) (five terms that obey the limits at small and large q); L.-M. Peng, G. Ren, S. L. Dudarev, M. J. Whelan,
// Acta Cryst. A52, 257 (1996) (five Gaussians, the fit for s = q/2 up to 6 1/A).
#pragma once

#include <string>

namespace colonnade {

enum class Parametrization { lobato, kirkland, peng };
/// "lobato", "kirkland" or "peng"; fails on another name.
Parametrization parse_parametrization(const std::string& name);
std::string parametrization_name(Parametrization parametrization);

/// The last atomic number that a parametrisation has: 103 (Peng: 98).
int largest_number(Parametrization parametrization);
/// The largest q (1/A) to which a parametrisation gives every element well: Lobato has no end, as it tends to the bare
/// nucleus; Kirkland 12, beyond which it falls as 1/q^2 with 0.9 to 1.1 of the right strength; Peng 4 (100 mrad at 200
/// kV). Peng's five Gaussians were fitted up to 12, but to the absolute factor, which is small there: against Lobato
/// they differ by 0.5 to 2 % rms over the elements up to q = 2, 4 % at 4, 14 % at 6, 27 % at 8, 51 % at 10, and far
/// more for some elements (scandium, gadolinium, radium).
double largest_valid_q(Parametrization parametrization);

/// f_e(q) in Angstrom (first Born approximation) for q = 2 sin(theta)/lambda = k in 1/Angstrom, atomic number 1 to
/// largest_number. The projected potential's Fourier transform is (h^2 / 2 pi m e) f_e(q) = 47.878 V A^2 x f_e.
double scattering_factor(Parametrization parametrization, int atomic_number, double q_per_A);

}  // namespace colonnade
