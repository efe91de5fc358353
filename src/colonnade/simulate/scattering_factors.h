// SPDX-License-Identifier: GPL-3.0-or-later
// Electron scattering factors of neutral atoms from published parametrisations: E. J. Kirkland, Advanced Computing in
// Electron Microscopy, Appendix C (three Lorentzians and three Gaussians); I. Lobato and D. Van Dyck, Acta Cryst. A70,
// 636 (2014) (five terms that obey the limits at small and large q).
#pragma once

#include <string>

namespace colonnade {

enum class Parametrization { lobato, kirkland };
/// "lobato" or "kirkland"; fails on another name.
Parametrization parse_parametrization(const std::string& name);

/// f_e(q) in Angstrom (first Born approximation) for q = 2 sin(theta)/lambda = k in 1/Angstrom, atomic number 1 to 103.
/// The projected potential's Fourier transform is (h^2 / 2 pi m e) f_e(q) = 47.878 V A^2 x f_e.
double scattering_factor(Parametrization parametrization, int atomic_number, double q_per_A);

}  // namespace colonnade
