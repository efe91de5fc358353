// SPDX-License-Identifier: GPL-3.0-or-later
// Structure factors for electrons in the first Born approximation: F_g = sum_j f_j(|g|) exp(-B_j s^2) exp(2 pi i g.r_j)
// in Angstrom, s = |g| / 2, of the atoms of one cell (C. G. Darwin's sum; L.-M. Peng, S. L. Dudarev, M. J. Whelan,
// High-Energy Electron Diffraction and Microscopy, Oxford 2004, chapter 2). Rest mass; what a voltage and a cell make
// of it is in FactorScale.
#pragma once

#include <complex>
#include <map>
#include <string>
#include <vector>

#include "colonnade/simulate/scattering_factors.h"
#include "colonnade/structures/reciprocal_lattice.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

/// B = 8 pi^2 u^2 in A^2 by atomic number; an element that is not in it stands still.
using DebyeWallerFactors = std::map<int, double>;

/// For every element of the structure. `factors` as ThermalMotion's ("Pt:0.38,Ni:0.36" or "0.07 A"; empty: the
/// elements' own at 300 K). All are then taken in proportion to the temperature, as B is well above a third of the
/// Debye temperature; 0 K: nothing moves (an empty map). Fails on elements without a known factor.
DebyeWallerFactors debye_waller_factors(const Structure& structure, const std::string& factors, double temperature_K);

struct StructureFactorOptions {
  Parametrization parametrization = Parametrization::lobato;
  double longest_per_A = 2;  ///< largest |g|
  DebyeWallerFactors b_factors_A2;
  void check() const;
};

/// Below this share of the sum of the moduli a structure factor is an extinction: exactly 0.
inline constexpr double extinction_limit = 1e-12;

/// At any point of reciprocal space (1/A, the frame of the atoms).
std::complex<double> structure_factor(const Structure& crystal, const Vector3& g,
                                      const StructureFactorOptions& options);

/// At many.
std::vector<std::complex<double>> structure_factors_at(const Structure& crystal, const std::vector<Vector3>& points,
                                                       const StructureFactorOptions& options);

struct Reflection {
  Miller hkl{};
  Vector3 g{};  ///< 1/Angstrom
  std::complex<double> factor;
};

/// 000, then every reflection that is not extinct, in the order of reciprocal_points(). Fails where the crystal has no
/// cell, no atoms, or no reflection in range.
std::vector<Reflection> structure_factors(const Structure& crystal, const StructureFactorOptions& options);

/// Which number stands for a reflection: F in A; or F / V_cell in 1/A^2; either times the mass ratio 1 + eU / m c^2.
struct FactorScale {
  bool per_volume = false;
  double energy_keV = 0;  ///< 0: rest mass
  double value(const Structure& crystal) const;
};

}  // namespace colonnade
