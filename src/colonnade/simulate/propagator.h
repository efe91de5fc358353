// SPDX-License-Identifier: GPL-3.0-or-later
// Steps of a wave through a specimen, arranged for speed: one slice is one pass over the rows (to real space along x,
// transmission, back) and one pass over the columns (to Fourier space along y, Fresnel propagator, back), each block of
// eight lines staying in the processor's first cache. Columns beyond the band limit are zero by definition and are
// skipped, which saves a sixth of the work of two plain two-dimensional transforms. Blocks of columns are transposed
// into lines first, except where FFTW does a whole column in one codelet.
#pragma once

#include <complex>
#include <functional>
#include <vector>

#include "colonnade/image/fft.h"
#include "colonnade/simulate/local_signal.h"
#include "colonnade/simulate/transmission.h"
#include "colonnade/simulate/wave_grid.h"

namespace colonnade {

class Propagator {
 public:
  using Complex = std::complex<float>;
  /// A wave of one thread, and room for one block of columns and for the intensities of one line.
  struct Wave {
    AlignedArray<Complex> rows, lines;
    AlignedArray<float> intensity;
  };
  /// Values on the Fourier grid's columns within the band, in the order of the pass over the columns.
  template <class T>
  using Table = std::vector<T>;

  /// The grid's sides must be even.
  Propagator(const WaveGrid& grid, double wavelength_A);

  const WaveGrid& grid() const { return grid_; }
  double wavelength_A() const { return wavelength_A_; }
  Wave make_wave() const;
  template <class T>
  Table<T> make_table(const std::function<T(int row, int column)>& value) const;
  /// exp(-i pi lambda z k^2) within the band limit, divided by the grid's size (the transforms are not normalised).
  Table<Complex> free_space(double distance_A) const;
  /// The number of blocks of columns, from the left and from the right, that hold everything within |kx| <= k.
  int blocks_within(double k_per_A) const;

  /// Sets the wave to spectrum x phase_y x phase_x and takes it to real space along y; only the first `blocks` blocks
  /// of columns are looked at, the others are zero.
  void start(Wave& wave, const Table<Complex>& spectrum, const Complex* phase_y, const Complex* phase_x,
             int blocks) const;
  /// Sets the wave to amplitude x exp(2 pi i k.r) with k the point (row, column) of the Fourier grid.
  void start_plane_wave(Wave& wave, int row, int column, Complex amplitude) const;
  /// Pass over the rows: multiplies by a window of a slice whose first pixel is (top, left) of the slice's grid.
  void transmit(Wave& wave, const TransmissionStack& stack, int slice, int top, int left) const {
    transmit(wave, stack, slice, top, left, LocalSignalMaps(), nullptr);
  }
  /// The same, and adds to local_sums what the wave gives of each local signal just before it is multiplied.
  void transmit(Wave& wave, const TransmissionStack& stack, int slice, int top, int left, const LocalSignalMaps& local,
                double* local_sums) const;
  /// Pass over the columns.
  void propagate(Wave& wave, const Table<Complex>& propagator) const { propagate(wave, propagator, {}, nullptr); }
  /// The same, and measures the far field on the way, before the step, as finish() does.
  void propagate(Wave& wave, const Table<Complex>& propagator, const std::vector<Table<float>>& weights,
                 double* sums) const;
  /// Ends in Fourier space: sums[i] = sum of |psi|^2 weights[i].
  void finish(Wave& wave, const std::vector<Table<float>>& weights, double* sums) const;
  /// Ends in Fourier space: |psi|^2 weights as a plane (ny, nx) in FFT order, 0 beyond the band limit.
  void finish(Wave& wave, const Table<float>& weights, std::vector<float>& plane) const;
  /// Ends in Fourier space: hands out the columns within the band one by one.
  void finish(Wave& wave, const std::function<void(int column, const Complex* values)>& take) const;

 private:
  struct Block {
    int first, width;
  };
  /// A block of columns where it is worked on: `count` runs of `length` numbers, `stride` apart; the runs are columns
  /// where blocks are transposed, else rows.
  struct Lines {
    Complex* data;
    int stride, length, count;
  };
  const FftPlan& columns_plan(const Block& block, FftSign sign) const;
  Lines lines_of(Wave& wave, const Block& block) const;
  void gather(Wave& wave, const Block& block) const;
  void scatter(Wave& wave, const Block& block) const;
  void plan();
  void measure(const Lines& lines, std::size_t offset, Wave& wave, const std::vector<Table<float>>& weights,
               double* sums) const;

  WaveGrid grid_;
  double wavelength_A_;
  int stride_;       ///< between the rows of a wave
  int line_stride_;  ///< between the lines of a transposed block
  bool transposed_;
  int left_end_, right_begin_;  ///< columns between are beyond the band limit
  std::vector<Block> blocks_;
  FftPlan rows_forward_, rows_backward_, last_rows_forward_, last_rows_backward_;
  FftPlan columns_forward_, columns_backward_, last_columns_forward_, last_columns_backward_;
};

template <class T>
Propagator::Table<T> Propagator::make_table(const std::function<T(int row, int column)>& value) const {
  Table<T> table;
  for (const auto [first, width] : blocks_) {
    for (int i = 0; i < grid_.ny * width; ++i) {
      table.push_back(transposed_ ? value(i % grid_.ny, first + i / grid_.ny) : value(i / width, first + i % width));
    }
  }
  return table;
}

}  // namespace colonnade
