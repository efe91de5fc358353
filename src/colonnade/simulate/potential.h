// SPDX-License-Identifier: GPL-3.0-or-later
// Projected atomic potentials of slices, V A, on a periodic grid. Atoms are placed exactly, not on pixels:
// V(k) = 47.878 V A^2 / area * sum over elements f_e(|k|) sum over atoms exp(-2 pi i k.r); each sum over atoms
// separates in x and y and is a complex matrix product. With infinite projections each atom acts whole in the slice
// that holds its nucleus. With finite ones each slice gets the integral of the three-dimensional potential over its own
// thickness: what lies beyond a plane between two slices (FactorTerms::beyond, a closed form) is taken from the slice
// on the nucleus's side and given to the other, so that the sum over the slices stays the infinite projection.
#pragma once

#include <complex>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "colonnade/image/fft.h"
#include "colonnade/simulate/scattering_factors.h"
#include "colonnade/simulate/wave_grid.h"
#include "colonnade/structures/structure.h"

namespace colonnade {

/// A box periodic in x and y: where pixel (0, 0) and the entrance surface lie in the structure's coordinates.
struct PeriodicCell {
  Position origin;
  WaveGrid grid;
};

/// Atomic numbers that occur, ascending.
std::vector<int> elements_of(const std::vector<Atom>& atoms);

/// Atoms by slice, index floor((z - origin.z) / slice_A); those above the entrance surface fall into the first slice.
std::vector<std::vector<Atom>> slice_atoms(const Structure& structure, const PeriodicCell& cell, double slice_A);

enum class Projection { infinite, finite };
/// "infinite" or "finite"; fails on another name.
Projection parse_projection(const std::string& name);

/// What lies beyond a plane `distance_A` from a nucleus, added to a slice (sign 1) or taken from it (sign -1).
struct AtomTail {
  int number = 0;
  double x_A = 0, y_A = 0, distance_A = 0;
  float sign = 1;
};

/// A slice between origin.z + index slice_A and one slice_A further.
struct SliceContent {
  std::vector<Atom> atoms;
  std::vector<AtomTail> tails;
};
/// The slices that hold atoms or parts of them, by index. With finite projections the potential reaches out of the
/// atoms' own slices, as far as a share of 1e-4 of it does, also above the entrance surface (negative indices).
std::map<int, SliceContent> slice_contents(const Structure& structure, const PeriodicCell& cell, double slice_A,
                                           Projection projection, Parametrization parametrization);

/// What the elements contribute, by |k| in 1/A: scattering factors in A, damped by motion where atoms move.
struct AtomFactors {
  std::function<double(int number, double k_per_A)> whole;
  std::function<double(int number, double k_per_A, double distance_A)> beyond;
};
AtomFactors still_atoms(Parametrization parametrization);

/// Factors on the half spectrum of a grid for each element of a structure; shared by all threads.
class ScatteringFactorMaps {
 public:
  ScatteringFactorMaps(const Structure& structure, const WaveGrid& grid, Parametrization parametrization);
  ScatteringFactorMaps(const Structure& structure, const WaveGrid& grid, AtomFactors factors);
  const std::vector<float>& of(int atomic_number) const { return maps_.at(atomic_number); }
  const AtomFactors& factors() const { return factors_; }

 private:
  AtomFactors factors_;
  std::map<int, std::vector<float>> maps_;
};

/// Computes slices one after another; one for each thread.
class SlicePotential {
 public:
  /// `absorption`: the factors of a second, absorptive potential of the same atoms; null: none.
  SlicePotential(const PeriodicCell& cell, const ScatteringFactorMaps& factors,
                 const ScatteringFactorMaps* absorption = nullptr);
  /// Projected potential in V A, (y, x); valid until the next call.
  const AlignedArray<float>& compute(const std::vector<Atom>& atoms) { return compute(atoms, {}); }
  const AlignedArray<float>& compute(const std::vector<Atom>& atoms, std::vector<AtomTail> tails);
  /// The absorptive potential of the last call's atoms, V A; empty where there is none.
  const AlignedArray<float>& absorptive() const { return absorptive_; }

 private:
  void add_element(const std::vector<Atom>& atoms, int atomic_number);
  void add_tails(const AtomTail* first, const AtomTail* last);

  const PeriodicCell& cell_;
  const ScatteringFactorMaps& factors_;
  const ScatteringFactorMaps* absorption_;
  FftPlan to_real_;
  AlignedArray<std::complex<float>> spectrum_, absorptive_spectrum_;
  AlignedArray<float> potential_, absorptive_;
};

}  // namespace colonnade
