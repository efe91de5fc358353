// SPDX-License-Identifier: GPL-3.0-or-later
// Dynamical diffraction by Bloch waves: elastic scattering of many beams in a parallel-sided crystal, its surface
// across the beam (H. A. Bethe, Ann. Phys. 392, 55, 1928; M. De Graef, Introduction to Conventional Transmission
// Electron Microscopy, chapter 5). High-energy electrons: no backscattering. Without absorption, so that the beams'
// intensities add up to 1. One diagonalisation gives every thickness. Angstrom and 1/Angstrom.
#pragma once

#include <complex>
#include <memory>
#include <vector>

#include "colonnade/simulate/diffraction/spot_list.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

struct BlochOptions {
  double energy_keV = 200;
  double longest_per_A = 2;                ///< largest |g| of a beam
  double largest_excitation_per_A = 0.06;  ///< of a beam that is diagonalised
  /// Beams with excitation errors between that and this act on the others in first order only (Bethe's potentials); 0:
  /// none.
  double largest_perturbing_per_A = 0;
  Parametrization parametrization = Parametrization::lobato;
  DebyeWallerFactors b_factors_A2;
  int most_beams = 2000;  ///< more are refused: time goes with their third power
  void check() const;
};

struct BlochSolution;  // inside of the class

class BlochWaves {
 public:
  /// Beams near the Ewald sphere that the direct beam can feed, directly or through others.
  BlochWaves(const Structure& crystal, const Matrix3& orientation, const BlochOptions& options);
  /// These beams and no others; 000 must be among them.
  BlochWaves(const Structure& crystal, const Matrix3& orientation, const std::vector<Miller>& beams,
             const BlochOptions& options);

  /// The beams with their places, excitation errors and no intensity; 000 first.
  const std::vector<DiffractionSpot>& beams() const { return beams_; }
  std::vector<std::complex<double>> amplitudes(double thickness_A) const;
  /// Shares of the incident beam, in the order of the beams.
  std::vector<double> intensities(double thickness_A) const;
  /// The beams with their intensities, none weaker than this.
  std::vector<DiffractionSpot> spots(double thickness_A, double weakest = 1e-12) const;

 private:
  std::vector<DiffractionSpot> beams_;
  std::shared_ptr<const BlochSolution> solution_;
};

}  // namespace colonnade
