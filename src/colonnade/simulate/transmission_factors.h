// SPDX-License-Identifier: GPL-3.0-or-later
// Which scattering factors a slice's exp(i sigma V) is made from.
//
// exp(i sigma V) of a heavy atom has a far wider band than any grid; sampled, it folds back into the band and makes the
// image depend on where between pixels an atom stands (2 to 6 % for platinum). So it is computed blurred: the mean of
// exp(i phi) over a narrow normal distribution of the atom's place, which is known in closed form for each atom
// (phase_object.h) and is smooth, and in Fourier space within the band the blur is taken back. That is exact for atoms
// which do not overlap in projection within the slice (at 1 A: 2e-4); slices with nearer ones are left as they are.
#pragma once

#include <memory>
#include <vector>

#include "colonnade/simulate/potential.h"
#include "colonnade/simulate/transmission.h"

namespace colonnade {

struct SliceFactors {
  std::unique_ptr<ScatteringFactorMaps> elastic, absorptive;  ///< the second may be null
  double blur_b_A2 = 0;                                       ///< exp(-B k^2 / 4) is to be divided out
};

/// Of still atoms, as they are.
SliceFactors plain_factors(const Structure& structure, const WaveGrid& fine, const TransmissionOptions& options);
/// Of still atoms, blurred so that a grid `oversampling` times finer than `grid` holds exp(i sigma V).
SliceFactors blurred_factors(const Structure& structure, const WaveGrid& fine, const WaveGrid& grid,
                             const TransmissionOptions& options);
/// Of trembling atoms.
SliceFactors absorptive_factors(const Structure& structure, const WaveGrid& fine, const TransmissionOptions& options);

/// Whether two of the atoms are nearer than 1 A to each other across the beam.
bool overlapping(const std::vector<Atom>& atoms);

}  // namespace colonnade
