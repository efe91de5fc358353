// SPDX-License-Identifier: GPL-3.0-or-later
// Signals made where the wave meets atoms (X-rays, thermal diffuse scattering), as a fraction of the incident beam: the
// sum over atoms of the integral of |psi(r)|^2 kernel(r - r_atom) d^2r, psi being the wave just before the transmission
// of the slice that holds the nucleus, normalised to one incident electron.
//
// Each slice's map of weights is computed as slices of the potential are, from structure factors: atoms lie exactly
// where they are, and kernels are cut at the grid's Nyquist frequency. Since |psi|^2 reaches to 2/3 of the pitch's
// inverse, components of kernel and |psi|^2 between 1/3 and 1/2 meet aliases; both are small there on any grid that
// carries the probe well. Maps are kept as runs of weights along rows: the smallest weights, 1e-4 of the map's absolute
// sum together, are dropped and the rest is scaled to keep the sum. A map is never larger than 4 bytes a pixel of the
// cell, and about 4 pi (3 width)^2 / pitch^2 bytes an atom for a narrow kernel.
#pragma once

#include <complex>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "colonnade/simulate/potential.h"
#include "colonnade/simulate/wave_grid.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

/// Kernels are given by their two-dimensional Fourier transform, a function of |k| in 1/A, in A^2; its value at k = 0
/// is the cross-section. It is called once for each point of the grid's half spectrum: it should be cheap, and safe to
/// call from several threads. Atoms of other elements give nothing.
struct LocalSignal {
  std::string name;
  std::map<int, std::function<double(double k_per_A)>> kernels;  ///< by atomic number
};

/// Fails on an empty name or one given twice, no kernel, an impossible element, or a cross-section that is no number.
void check_local_signals(const std::vector<LocalSignal>& signals);

/// The weight maps of the slices of a cell, shared by all threads.
class LocalSignalMaps {
 public:
  LocalSignalMaps() = default;
  /// Fails where the maps would not fit into the machine's memory. `slice_indices`: the slices that are walked through,
  /// ascending (TransmissionStack::slice_indices()). `window`: the grid of the waves, whose sum of |psi|^2 over pixels
  /// is its number of pixels for one electron.
  LocalSignalMaps(const Structure& structure, const PeriodicCell& cell, double slice_A,
                  const std::vector<int>& slice_indices, const std::vector<LocalSignal>& signals,
                  const WaveGrid& window);

  int count() const { return count_; }
  bool empty() const { return count_ == 0; }
  /// Adds to sums[signal] what one row of a wave gives: `psi` has `size` pixels from column `left` of the cell's row y,
  /// wrapped. `intensity` is room for `size` numbers.
  void accumulate(int entry, int y, int left, const std::complex<float>* psi, int size, float* intensity,
                  double* sums) const;
  std::size_t bytes() const;
  /// One signal's weights in a slice as a map (y, x) of the cell; empty where no atom of the slice makes the signal.
  std::vector<float> dense(int entry, int signal) const;

 private:
  struct Run {
    int signal, first, length;
    std::size_t offset;
  };
  /// One slice: runs of row y are runs[row_begin[y]] to runs[row_begin[y + 1]].
  struct Entry {
    std::vector<std::size_t> row_begin;
    std::vector<Run> runs;
    std::vector<float> weights;
    std::size_t bytes() const;
  };
  class Maker;

  int count_ = 0, cell_columns_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace colonnade
