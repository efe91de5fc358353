// SPDX-License-Identifier: GPL-3.0-or-later
// Transmission functions t = exp(i sigma V) of all slices that hold atoms, band-limited (see wave_grid.h).
#pragma once

#include <complex>
#include <vector>

#include "colonnade/simulate/fft.h"
#include "colonnade/simulate/potential.h"

namespace colonnade {

struct TransmissionOptions {
  double energy_keV = 200;
  double slice_A = 2;
  /// exp(i sigma V) is taken on a grid this many times finer before the band limit, so that it does not alias.
  int oversampling = 1;
  Parametrization parametrization = Parametrization::lobato;
  double memory_limit_GB = 0;  ///< 0: what is free
};

class TransmissionStack {
 public:
  using Complex = std::complex<float>;
  /// Fails where the slices would not fit into the memory (memory.h).
  TransmissionStack(const Structure& structure, const PeriodicCell& cell, const TransmissionOptions& options);

  const WaveGrid& grid() const { return grid_; }
  /// Indices of the slices that hold atoms, ascending (without atoms: one slice, t = 1); the entries below are numbered
  /// by their place in this list.
  const std::vector<int>& slice_indices() const { return indices_; }
  const Complex* row(int entry, int y) const { return slices_[entry].data() + std::size_t(y) * grid_.nx; }

 private:
  WaveGrid grid_;
  std::vector<int> indices_;
  std::vector<AlignedArray<Complex>> slices_;
};

}  // namespace colonnade
