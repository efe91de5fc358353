// SPDX-License-Identifier: GPL-3.0-or-later
// The pixels of a camera in the far field (4D-STEM): |psi(k)|^2 summed into n x n square pixels, as fractions of the
// incident beam. Each point of the wave's Fourier grid is spread evenly over the rectangle that it stands for, so
// that binning conserves intensity whatever the two grids' pitches; with a window the Fourier grid is coarse, and
// pixels finer than wavelength / window only interpolate. Nothing lies beyond the grid's band limit: corners of the
// camera that reach farther are empty.
#pragma once

#include <functional>
#include <vector>

#include "colonnade/simulate/wave_grid.h"

namespace colonnade {

/// The optical axis is the camera's middle: for an even number of pixels a corner, for an odd one a pixel's centre.
/// Rows run along y (down in the image), columns along x.
struct PatternGrid {
  int pixels = 128;       ///< along each side
  double half_mrad = 50;  ///< from the axis to the camera's edge
  double mrad_per_pixel() const { return 2 * half_mrad / pixels; }
  /// Angle of a pixel's centre along its axis.
  double mrad(int pixel) const { return (pixel + 0.5) * mrad_per_pixel() - half_mrad; }
  void check() const;
};

/// Takes one pattern, (row, column), of the position of this index; called in order, never twice at once.
using PatternSink = std::function<void(std::size_t position, const std::vector<float>& pattern)>;

/// Sums values on a Fourier grid into a camera's pixels.
class PatternBinning {
 public:
  /// Fails where the camera's edge lies beyond the band limit.
  PatternBinning(const PatternGrid& pattern, const WaveGrid& grid, double wavelength_A);
  /// `intensity`: (ny, nx) in FFT order.
  std::vector<float> bin(const std::vector<float>& intensity) const;

 private:
  struct Share {
    int from, to;  ///< point of the Fourier grid, pixel of the camera
    float weight;
  };
  static std::vector<Share> shares(const PatternGrid& pattern, int points, double mrad_per_point);

  int pixels_, columns_;
  std::vector<Share> row_shares_, column_shares_;
};

}  // namespace colonnade
