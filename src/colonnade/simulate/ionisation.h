// SPDX-License-Identifier: GPL-3.0-or-later
// Inner-shell ionisation by fast electrons, and the X-rays that follow: what an EDS signal is made of. Energies in keV
// of the beam and eV of the shells, cross-sections in barn (1e-24 cm^2) an atom.
//
// Cross-sections: the empirical formula of E. Casnati, A. Tartari and C. Baraldi, J. Phys. B 15, 155 (1982), made for K
// shells, 6 <= Z <= 79 and up to 20 times the binding energy; used here for the L subshells and beyond 20, too, as in
// C. J. Powell, Ultramicroscopy 28, 24 (1989). Against the distorted-wave calculations of D. Bote et al., At. Data
// Nucl. Data Tables 95, 871 (2009), at 100 to 300 keV: K of Ti to Cu 2 to 11 % high, K of Pd 8 to 15 %, K of C and O 9
// to 24 %, L2 and L3 of Pd, Pt and Au -4 to +8 %, L1 23 to 39 %, K of Pt and Au 27 to 64 % high. Fluorescence yields:
// the fits of J. H. Hubbell et al., J. Phys. Chem. Ref. Data 23, 339 (1994), for K and for the mean of the L subshells.
#pragma once

#include <string>

namespace colonnade {

enum class Subshell { K, L1, L2, L3 };
enum class Shell { K, L };
/// "K" or "L"; fails on another name.
Shell parse_shell(const std::string& name);
const char* shell_name(Shell shell);

/// Binding energy in eV: square roots of energies as polynomials of Z (Moseley's law), fitted for this project to the
/// measured edges of J. A. Bearden and A. F. Burr, Rev. Mod. Phys. 39, 125 (1967); within 1.3 % for K (Z 6 to 92), 1.6
/// % for L (Z 20 to 92). Fails outside.
double binding_energy_eV(int atomic_number, Subshell subshell);

/// Barn; 0 where the beam's energy is below the binding energy.
double ionisation_cross_section_barn(int atomic_number, Subshell subshell, double energy_keV);

/// X-rays for one vacancy of a shell, all its lines together. Z up to 100.
double fluorescence_yield(int atomic_number, Shell shell);

/// Root mean square impact parameter of an ionisation, A: (hbar v / dE) / sqrt(ln(4 E / dE)) with the binding energy as
/// the loss (S. J. Pennycook, Ultramicroscopy 26, 239 (1988)).
double ionisation_impact_parameter_A(double binding_eV, double energy_keV);

}  // namespace colonnade
