// SPDX-License-Identifier: GPL-3.0-or-later
// Fourier transforms by FFTW in single precision: aligned arrays, plans that own themselves, sizes that are fast.
// Plans are FFTW's estimates, not its measurements: measured plans differ from run to run and with them the last
// digits.
#pragma once

#include <complex>
#include <cstddef>
#include <memory>

struct fftwf_plan_s;

namespace colonnade {

/// Memory aligned for SIMD, set to zero.
template <class T>
class AlignedArray {
 public:
  AlignedArray() = default;
  explicit AlignedArray(std::size_t size) : data_(new (std::align_val_t(64)) T[size]()), size_(size) {}
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return data_.get()[i]; }
  const T& operator[](std::size_t i) const { return data_.get()[i]; }

 private:
  struct Free {
    void operator()(T* pointer) const { ::operator delete[](pointer, std::align_val_t(64)); }
  };
  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

enum class FftSign { forward = -1, backward = 1 };

/// A transform planned once; execute() may be called from many threads on arrays aligned to 16 bytes. Not normalised.
class FftPlan {
 public:
  FftPlan() = default;
  /// `count` lines of `length` in place; neighbours of a line are `stride` apart, lines `distance`.
  static FftPlan lines(int length, int count, int stride, int distance, FftSign sign);
  /// In place over a (rows, columns) array.
  static FftPlan plane(int rows, int columns, FftSign sign);
  /// From the half spectrum (rows, columns/2 + 1) to the real (rows, columns); destroys its input.
  static FftPlan plane_to_real(int rows, int columns);
  /// From the real (rows, columns) to the half spectrum (rows, columns/2 + 1); keeps its input.
  static FftPlan plane_from_real(int rows, int columns);

  void execute(std::complex<float>* data) const;
  void execute(std::complex<float>* half_spectrum, float* real) const;
  void execute(const float* real, std::complex<float>* half_spectrum) const;

 private:
  explicit FftPlan(fftwf_plan_s* plan);
  std::shared_ptr<fftwf_plan_s> plan_;
};

/// The smallest even number 2^a 3^b 5^c, a multiple of `multiple`, not below `at_least`.
int fft_size(double at_least, int multiple = 2);

}  // namespace colonnade
