// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/propagator.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numbers>

namespace colonnade {

namespace {

using Complex = std::complex<float>;

// Lines that are transformed together: wide enough for SIMD, small enough for the first cache.
constexpr int block_rows = 8;
constexpr int block_columns = 8;
// FFTW does powers of two up to this length in one step, and then columns are as fast as lines.
constexpr int largest_codelet = 128;

int round_up(int n, int multiple) { return (n + multiple - 1) / multiple * multiple; }

// Four by four complex numbers, moved as 64-bit words: target[j][i] = source[i][j], rows `stride` apart.
void transpose_4x4(const Complex* source, int source_stride, Complex* target, int target_stride) {
  using Words = long long __attribute__((vector_size(32)));
  Words row[4], half[4];
  for (int i = 0; i < 4; ++i) std::memcpy(&row[i], source + std::ptrdiff_t(i) * source_stride, sizeof(Words));
  half[0] = __builtin_shufflevector(row[0], row[1], 0, 4, 2, 6);
  half[1] = __builtin_shufflevector(row[0], row[1], 1, 5, 3, 7);
  half[2] = __builtin_shufflevector(row[2], row[3], 0, 4, 2, 6);
  half[3] = __builtin_shufflevector(row[2], row[3], 1, 5, 3, 7);
  row[0] = __builtin_shufflevector(half[0], half[2], 0, 1, 4, 5);
  row[1] = __builtin_shufflevector(half[1], half[3], 0, 1, 4, 5);
  row[2] = __builtin_shufflevector(half[0], half[2], 2, 3, 6, 7);
  row[3] = __builtin_shufflevector(half[1], half[3], 2, 3, 6, 7);
  for (int i = 0; i < 4; ++i) {
    std::memcpy(static_cast<void*>(target + std::ptrdiff_t(i) * target_stride), &row[i], sizeof(Words));
  }
}

// target[j][i] = source[i][j] for i < rows, j < columns.
void transpose(const Complex* source, int source_stride, int rows, int columns, Complex* target, int target_stride) {
  for (int i = 0; i < rows; i += 4) {
    for (int j = 0; j < columns; j += 4) {
      const Complex* from = source + std::ptrdiff_t(i) * source_stride + j;
      Complex* to = target + std::ptrdiff_t(j) * target_stride + i;
      if (i + 4 <= rows && j + 4 <= columns) {
        transpose_4x4(from, source_stride, to, target_stride);
        continue;
      }
      for (int k = 0; k < std::min(4, rows - i); ++k) {
        for (int l = 0; l < std::min(4, columns - j); ++l) {
          to[std::ptrdiff_t(l) * target_stride + k] = from[std::ptrdiff_t(k) * source_stride + l];
        }
      }
    }
  }
}

void multiply(Complex* values, const Complex* factors, int count) {
  using Eight = Eigen::Array<Complex, 8, 1>;
  int i = 0;
  for (; i + 8 <= count; i += 8) Eigen::Map<Eight>(values + i) *= Eigen::Map<const Eight>(factors + i);
  for (; i < count; ++i) values[i] *= factors[i];
}

}  // namespace

Propagator::Propagator(const WaveGrid& grid, double wavelength_A)
    : grid_(grid),
      wavelength_A_(wavelength_A),
      stride_(round_up(grid.nx, 8) + 8),
      line_stride_(round_up(grid.ny, 8) + 8),
      transposed_(grid.ny > largest_codelet || (grid.ny & (grid.ny - 1)) != 0) {
  const int reach = int(std::floor(grid.band_end() * grid.length_x_A()));
  left_end_ = round_up(reach + 1, block_columns);
  right_begin_ = grid.nx - round_up(reach, block_columns);
  if (left_end_ >= right_begin_) left_end_ = right_begin_ = grid.nx;
  // Left and right blocks alternate, so that low frequencies come first.
  for (int first = 0; first < std::max(left_end_, grid.nx - right_begin_); first += block_columns) {
    if (first < left_end_) blocks_.push_back({first, std::min(block_columns, left_end_ - first)});
    if (grid.nx - first > right_begin_) blocks_.push_back({grid.nx - first - block_columns, block_columns});
  }
  plan();
}

void Propagator::plan() {
  const auto rows = [&](int count, FftSign sign) { return FftPlan::lines(grid_.nx, count, 1, stride_, sign); };
  const auto columns = [&](int count, FftSign sign) {
    return transposed_ ? FftPlan::lines(grid_.ny, count, 1, line_stride_, sign)
                       : FftPlan::lines(grid_.ny, count, stride_, 1, sign);
  };
  rows_forward_ = rows(block_rows, FftSign::forward);
  rows_backward_ = rows(block_rows, FftSign::backward);
  columns_forward_ = columns(block_columns, FftSign::forward);
  columns_backward_ = columns(block_columns, FftSign::backward);
  if (const int rest = grid_.ny % block_rows; rest != 0) {
    last_rows_forward_ = rows(rest, FftSign::forward);
    last_rows_backward_ = rows(rest, FftSign::backward);
  }
  if (const int rest = left_end_ % block_columns; rest != 0) {
    last_columns_forward_ = columns(rest, FftSign::forward);
    last_columns_backward_ = columns(rest, FftSign::backward);
  }
}

Propagator::Wave Propagator::make_wave() const {
  return {AlignedArray<Complex>(std::size_t(grid_.ny) * stride_),
          AlignedArray<Complex>(std::size_t(block_columns) * line_stride_),
          AlignedArray<float>(std::size_t(std::max({grid_.nx, grid_.ny, block_columns})))};
}

const FftPlan& Propagator::columns_plan(const Block& block, FftSign sign) const {
  if (block.width == block_columns) return sign == FftSign::forward ? columns_forward_ : columns_backward_;
  return sign == FftSign::forward ? last_columns_forward_ : last_columns_backward_;
}

Propagator::Lines Propagator::lines_of(Wave& wave, const Block& block) const {
  return transposed_ ? Lines{wave.lines.data(), line_stride_, grid_.ny, block.width}
                     : Lines{wave.rows.data() + block.first, stride_, block.width, grid_.ny};
}

void Propagator::gather(Wave& wave, const Block& block) const {
  if (!transposed_) return;
  transpose(wave.rows.data() + block.first, stride_, grid_.ny, block.width, wave.lines.data(), line_stride_);
}

void Propagator::scatter(Wave& wave, const Block& block) const {
  if (!transposed_) return;
  transpose(wave.lines.data(), line_stride_, block.width, grid_.ny, wave.rows.data() + block.first, stride_);
}

Propagator::Table<Complex> Propagator::free_space(double distance_A) const {
  const double scale = 1.0 / double(grid_.size());
  return make_table<Complex>([&](int row, int column) {
    const double k = std::hypot(grid_.kx(column), grid_.ky(row));
    const double phase = -std::numbers::pi * wavelength_A_ * distance_A * k * k;
    return Complex(std::polar(grid_.band_limit(grid_.kx(column), grid_.ky(row)) * scale, phase));
  });
}

int Propagator::blocks_within(double k_per_A) const {
  int count = 0;
  for (int i = 0; i < int(blocks_.size()); ++i) {
    const Block& block = blocks_[i];
    for (int column = block.first; column < block.first + block.width; ++column) {
      if (std::abs(grid_.kx(column)) <= k_per_A) count = i + 1;
    }
  }
  return count;
}

void Propagator::start(Wave& wave, const Table<Complex>& spectrum, const Complex* phase_y, const Complex* phase_x,
                       int blocks) const {
  std::fill_n(wave.rows.data(), wave.rows.size(), Complex(0));
  const Complex* value = spectrum.data();
  for (int i = 0; i < blocks; ++i) {
    const Block& block = blocks_[i];
    const auto [data, stride, length, count] = lines_of(wave, block);
    const Complex* inner = transposed_ ? phase_y : phase_x + block.first;
    const Complex* outer = transposed_ ? phase_x + block.first : phase_y;
    for (int j = 0; j < count; ++j, value += length) {
      Complex* line = data + std::ptrdiff_t(j) * stride;
      for (int k = 0; k < length; ++k) line[k] = value[k] * (outer[j] * inner[k]);
    }
    columns_plan(block, FftSign::backward).execute(data);
    scatter(wave, block);
  }
}

void Propagator::transmit(Wave& wave, const TransmissionStack& stack, int slice, int top, int left,
                          const LocalSignalMaps& local, double* local_sums) const {
  const WaveGrid& cell = stack.grid();
  for (int first = 0; first < grid_.ny; first += block_rows) {
    const int count = std::min(block_rows, grid_.ny - first);
    Complex* block = wave.rows.data() + std::size_t(first) * stride_;
    for (int row = 0; row < count; ++row) {
      Complex* line = block + std::size_t(row) * stride_;
      std::fill(line + left_end_, line + right_begin_, Complex(0));
    }
    (count == block_rows ? rows_backward_ : last_rows_backward_).execute(block);
    for (int row = 0; row < count; ++row) {
      Complex* line = block + std::size_t(row) * stride_;
      const int y = (top + first + row) % cell.ny;
      if (!local.empty()) local.accumulate(slice, y, left, line, grid_.nx, wave.intensity.data(), local_sums);
      const Complex* factors = stack.row(slice, y);
      for (int done = 0, column = left; done < grid_.nx; column = 0) {
        const int run = std::min(grid_.nx - done, cell.nx - column);
        multiply(line + done, factors + column, run);
        done += run;
      }
    }
    (count == block_rows ? rows_forward_ : last_rows_forward_).execute(block);
  }
}

void Propagator::start_plane_wave(Wave& wave, int row, int column, Complex amplitude) const {
  std::fill_n(wave.rows.data(), wave.rows.size(), Complex(0));
  for (int y = 0; y < grid_.ny; ++y) {
    const double turns = double(std::int64_t(row) * y % grid_.ny) / grid_.ny;
    wave.rows[std::size_t(y) * stride_ + column] = amplitude * Complex(std::polar(1.0, 2 * std::numbers::pi * turns));
  }
}

void Propagator::propagate(Wave& wave, const Table<Complex>& propagator, const std::vector<Table<float>>& weights,
                           double* sums) const {
  std::fill_n(sums, weights.size(), 0.0);
  std::size_t offset = 0;
  for (const Block& block : blocks_) {
    gather(wave, block);
    const Lines lines = lines_of(wave, block);
    columns_plan(block, FftSign::forward).execute(lines.data);
    if (!weights.empty()) measure(lines, offset, wave, weights, sums);
    for (int j = 0; j < lines.count; ++j, offset += std::size_t(lines.length)) {
      multiply(lines.data + std::ptrdiff_t(j) * lines.stride, propagator.data() + offset, lines.length);
    }
    columns_plan(block, FftSign::backward).execute(lines.data);
    scatter(wave, block);
  }
}

void Propagator::measure(const Lines& lines, std::size_t offset, Wave& wave, const std::vector<Table<float>>& weights,
                         double* sums) const {
  const Eigen::Map<Eigen::ArrayXf> measured(wave.intensity.data(), lines.length);
  for (int j = 0; j < lines.count; ++j, offset += std::size_t(lines.length)) {
    const Complex* line = lines.data + std::ptrdiff_t(j) * lines.stride;
    for (int k = 0; k < lines.length; ++k) wave.intensity[std::size_t(k)] = std::norm(line[k]);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      sums[i] += double((measured * Eigen::Map<const Eigen::ArrayXf>(weights[i].data() + offset, lines.length)).sum());
    }
  }
}

void Propagator::finish(Wave& wave, const std::vector<Table<float>>& weights, double* sums) const {
  std::fill_n(sums, weights.size(), 0.0);
  std::size_t offset = 0;
  for (const Block& block : blocks_) {
    gather(wave, block);
    const Lines lines = lines_of(wave, block);
    columns_plan(block, FftSign::forward).execute(lines.data);
    measure(lines, offset, wave, weights, sums);
    offset += std::size_t(lines.count) * std::size_t(lines.length);
  }
}

void Propagator::finish(Wave& wave, const Table<float>& weights, std::vector<float>& plane) const {
  plane.assign(grid_.size(), 0.0F);
  const float* weight = weights.data();
  for (const Block& block : blocks_) {
    gather(wave, block);
    const auto [data, stride, length, count] = lines_of(wave, block);
    columns_plan(block, FftSign::forward).execute(data);
    for (int j = 0; j < count; ++j) {
      for (int k = 0; k < length; ++k, ++weight) {
        const int row = transposed_ ? k : j, column = block.first + (transposed_ ? j : k);
        plane[std::size_t(row) * std::size_t(grid_.nx) + std::size_t(column)] =
            *weight * std::norm(data[std::ptrdiff_t(j) * stride + k]);
      }
    }
  }
}

void Propagator::finish(Wave& wave, const std::function<void(int column, const Complex* values)>& take) const {
  std::vector<Complex> column(std::size_t(grid_.ny));
  for (const Block& block : blocks_) {
    gather(wave, block);
    const auto [data, stride, length, count] = lines_of(wave, block);
    columns_plan(block, FftSign::forward).execute(data);
    for (int i = 0; i < block.width; ++i) {
      for (int y = 0; y < grid_.ny; ++y) {
        column[std::size_t(y)] =
            transposed_ ? data[std::ptrdiff_t(i) * stride + y] : data[std::ptrdiff_t(y) * stride + i];
      }
      take(block.first + i, column.data());
    }
  }
}

}  // namespace colonnade
