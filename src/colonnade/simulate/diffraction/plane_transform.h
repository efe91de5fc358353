// SPDX-License-Identifier: GPL-3.0-or-later
// Inside of atom_sum.h: atoms spread onto planes across the beam, and the planes' Fourier transforms.
#pragma once

#include <array>
#include <complex>
#include <vector>

#include "colonnade/image/fft.h"
#include "colonnade/structures/matrix3.h"

namespace colonnade {

/// exp(beta (sqrt(1 - x^2) - 1)) for |x| <= 1, over a width of `taps` grid points, on grids twice as fine as needed.
class SpreadKernel {
 public:
  static constexpr int taps = 7;
  /// The first grid point that a value at `place` (in grid points) touches, and the taps' weights.
  static int weights(double place, std::array<float, taps>& weights);
  /// The kernel's Fourier transform at a frequency in cycles per grid point, up to 1/4.
  static double transform(double cycles);
};

/// One element's atoms on planes z = first + n x spacing.
class PlaneTransform {
 public:
  /// Transverse frequencies are multiples of `spacing_per_A` up to `most` of them either way; depths up to
  /// `deepest_per_A`.
  PlaneTransform(const std::vector<Vector3>& places, double spacing_per_A, int most, double deepest_per_A);

  int planes() const { return planes_; }
  double plane_A(int plane) const { return first_A_ + plane * step_A_; }
  double step_A() const { return step_A_; }
  /// A plane's spectrum sum_p w_p exp(-2 pi i q.x_p), (ky in FFT order, kx >= 0), not corrected for the kernel.
  void transform(int plane, AlignedArray<float>& real, AlignedArray<std::complex<float>>& spectrum) const;
  int size() const { return size_; }
  /// What the spectrum is to be divided by, per frequency number from 0 to `most`, along one direction.
  const std::vector<float>& correction() const { return correction_; }

 private:
  struct Spread {
    int plane, row, column;
    std::array<float, SpreadKernel::taps> across_z, across_y, across_x;
  };

  int size_ = 0, planes_ = 0;
  double first_A_ = 0, step_A_ = 0;
  std::vector<Spread> atoms_;             // by first plane
  std::vector<std::size_t> first_atoms_;  // of those beginning in a plane; one more at the end
  std::vector<float> correction_;
  FftPlan plan_;
};

}  // namespace colonnade
