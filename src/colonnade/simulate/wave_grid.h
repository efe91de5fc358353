// SPDX-License-Identifier: GPL-3.0-or-later
// The periodic grid on which a wave lives: pixels in Angstrom, frequencies in 1/Angstrom in FFT order, and the
// anti-aliasing limit: radial, at 2/3 of the Nyquist frequency 1/(2 pitch), with a cosine taper 0.01/pitch wide inside.
// To follow programs that do otherwise, a hard square may be had: -1/(4 pitch) <= kx, ky < 1/(4 pitch).
#pragma once

#include <cstddef>

namespace colonnade {

enum class BandShape { radial, square };

struct WaveGrid {
  int ny = 0, nx = 0;
  double pitch_y_A = 0, pitch_x_A = 0;
  BandShape band = BandShape::radial;

  double length_x_A() const { return nx * pitch_x_A; }
  double length_y_A() const { return ny * pitch_y_A; }
  double kx(int column) const { return (column < (nx + 1) / 2 ? column : column - nx) / length_x_A(); }
  double ky(int row) const { return (row < (ny + 1) / 2 ? row : row - ny) / length_y_A(); }
  std::size_t size() const { return std::size_t(ny) * nx; }

  /// Where the band limit reaches zero (of a square: along x or y), and where its taper begins, 1/Angstrom.
  double band_end() const;
  double band_flat() const;
  /// 1 inside, 0 outside, the taper between; of the radial limit, and of the grid's own.
  double band_limit(double k_per_A) const;
  double band_limit(double kx_per_A, double ky_per_A) const;
};

/// The index of a pixel in a period that it may lie outside of.
inline int wrap(long long index, int period) { return int((index % period + period) % period); }

/// Largest angle (mrad) that a grid of this pitch carries: where the band limit reaches zero.
double largest_angle_mrad(double sampling_A, double energy_keV);
/// The pitch that carries an angle (mrad).
double sampling_for_angle(double angle_mrad, double energy_keV);

}  // namespace colonnade
