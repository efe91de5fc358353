// SPDX-License-Identifier: GPL-3.0-or-later
// Projected atomic potentials of slices, V A, on a periodic grid. Atoms are placed exactly, not on pixels:
// V(k) = 47.878 V A^2 / area * sum over elements f_e(|k|) sum over atoms exp(-2 pi i k.r); each sum over atoms
// separates in x and y and is a complex matrix product. Each atom acts whole in the slice that holds its nucleus.
#pragma once

#include <complex>
#include <map>
#include <vector>

#include "colonnade/simulate/fft.h"
#include "colonnade/simulate/scattering_factors.h"
#include "colonnade/simulate/wave_grid.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

/// A box periodic in x and y: where pixel (0, 0) and the entrance surface lie in the structure's coordinates.
struct PeriodicCell {
  Position origin;
  WaveGrid grid;
};

/// Atoms by slice, index floor((z - origin.z) / slice_A); those above the entrance surface fall into the first slice.
std::vector<std::vector<Atom>> slice_atoms(const Structure& structure, const PeriodicCell& cell, double slice_A);

/// f_e on the half spectrum of a grid for each element of a structure; shared by all threads.
class ScatteringFactorMaps {
 public:
  ScatteringFactorMaps(const Structure& structure, const WaveGrid& grid, Parametrization parametrization);
  const std::vector<float>& of(int atomic_number) const { return maps_.at(atomic_number); }

 private:
  std::map<int, std::vector<float>> maps_;
};

/// Computes slices one after another; one for each thread.
class SlicePotential {
 public:
  SlicePotential(const PeriodicCell& cell, const ScatteringFactorMaps& factors);
  /// Projected potential in V A, (y, x); valid until the next call.
  const AlignedArray<float>& compute(const std::vector<Atom>& atoms);

 private:
  void add_element(const std::vector<Atom>& atoms, int atomic_number);

  const PeriodicCell& cell_;
  const ScatteringFactorMaps& factors_;
  FftPlan to_real_;
  AlignedArray<std::complex<float>> spectrum_, structure_factor_;
  AlignedArray<float> potential_;
};

}  // namespace colonnade
