// SPDX-License-Identifier: GPL-3.0-or-later
// Transmission functions t = exp(i sigma V) of all slices that hold atoms, band-limited (see wave_grid.h). In the
// absorptive model of thermal motion V is the mean potential, complex (see phase_object.h): the beam then loses what is
// scattered thermally.
#pragma once

#include <complex>
#include <memory>
#include <vector>

#include "colonnade/image/fft.h"
#include "colonnade/simulate/potential.h"
#include "colonnade/simulate/thermal_motion.h"

namespace colonnade {

struct TransmissionOptions {
  double energy_keV = 200;
  double slice_A = 2;
  /// exp(i sigma V) is taken on a grid this many times finer before the band limit, so that it does not alias.
  int oversampling = 1;
  Parametrization parametrization = Parametrization::lobato;
  Projection projection = Projection::infinite;
  ThermalMotion thermal;       ///< only the absorptive model changes anything
  double memory_limit_GB = 0;  ///< 0: what is free
};

class TransmissionStack {
 public:
  using Complex = std::complex<float>;
  /// Fails where the slices would not fit into the memory (memory.h).
  TransmissionStack(const Structure& structure, const PeriodicCell& cell, const TransmissionOptions& options);

  /// From given projected potentials in V A, one array (y, x) of the grid's size per slice, the first at index 0.
  /// `band_limited`: t is band-limited as the grid says, else left as it is.
  static TransmissionStack from_potentials(const WaveGrid& grid, const std::vector<std::vector<float>>& potentials,
                                           double energy_keV, bool band_limited = true);

  const WaveGrid& grid() const { return grid_; }
  /// Indices of the slices that hold atoms, ascending (without atoms: one slice, t = 1); the entries below are numbered
  /// by their place in this list. With finite projections the first indices are negative where the potential reaches
  /// out of the entrance surface.
  const std::vector<int>& slice_indices() const { return indices_; }
  const Complex* row(int entry, int y) const { return slices_[entry]->data() + std::size_t(y) * grid_.nx; }

 private:
  TransmissionStack() = default;
  WaveGrid grid_;
  std::vector<int> indices_;
  std::vector<std::shared_ptr<const AlignedArray<Complex>>> slices_;  ///< copies of a stack share them
};

}  // namespace colonnade
