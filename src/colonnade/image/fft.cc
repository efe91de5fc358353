// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/fft.h"

#include <cmath>
#include <fftw3.h>
#include <mutex>
#include <utility>

#include "colonnade/core/error.h"

namespace colonnade {

namespace {

// FFTW's planner keeps global tables and is not safe to call from two threads.
std::mutex& planner_mutex() {
  static std::mutex mutex;
  return mutex;
}

fftwf_complex* as_fftw(std::complex<float>* data) { return reinterpret_cast<fftwf_complex*>(data); }

}  // namespace

FftPlan::FftPlan(fftwf_plan_s* plan)
    : plan_(plan, [](fftwf_plan_s* p) {
        const std::lock_guard lock(planner_mutex());
        fftwf_destroy_plan(p);
      }) {
  if (plan == nullptr) fail("FFTW could not plan a transform; is the installed fftw3f complete?");
}

FftPlan FftPlan::lines(int length, int count, int stride, int distance, FftSign sign) {
  AlignedArray<std::complex<float>> scratch(std::size_t(length - 1) * stride + std::size_t(count - 1) * distance + 1);
  fftwf_complex* data = as_fftw(scratch.data());
  const std::lock_guard lock(planner_mutex());
  return FftPlan(fftwf_plan_many_dft(1, &length, count, data, nullptr, stride, distance, data, nullptr, stride,
                                     distance, int(sign), FFTW_ESTIMATE));
}

FftPlan FftPlan::plane(int rows, int columns, FftSign sign) {
  AlignedArray<std::complex<float>> scratch(std::size_t(rows) * columns);
  fftwf_complex* data = as_fftw(scratch.data());
  const std::lock_guard lock(planner_mutex());
  return FftPlan(fftwf_plan_dft_2d(rows, columns, data, data, int(sign), FFTW_ESTIMATE));
}

FftPlan FftPlan::plane_to_real(int rows, int columns) {
  AlignedArray<std::complex<float>> spectrum(std::size_t(rows) * (columns / 2 + 1));
  AlignedArray<float> real(std::size_t(rows) * columns);
  const std::lock_guard lock(planner_mutex());
  return FftPlan(fftwf_plan_dft_c2r_2d(rows, columns, as_fftw(spectrum.data()), real.data(), FFTW_ESTIMATE));
}

FftPlan FftPlan::plane_from_real(int rows, int columns) {
  AlignedArray<std::complex<float>> spectrum(std::size_t(rows) * (columns / 2 + 1));
  AlignedArray<float> real(std::size_t(rows) * columns);
  const std::lock_guard lock(planner_mutex());
  return FftPlan(
      fftwf_plan_dft_r2c_2d(rows, columns, real.data(), as_fftw(spectrum.data()), FFTW_ESTIMATE | FFTW_PRESERVE_INPUT));
}

void FftPlan::execute(std::complex<float>* data) const { fftwf_execute_dft(plan_.get(), as_fftw(data), as_fftw(data)); }

void FftPlan::execute(std::complex<float>* half_spectrum, float* real) const {
  fftwf_execute_dft_c2r(plan_.get(), as_fftw(half_spectrum), real);
}

void FftPlan::execute(const float* real, std::complex<float>* half_spectrum) const {
  fftwf_execute_dft_r2c(plan_.get(), const_cast<float*>(real), as_fftw(half_spectrum));  // the plan keeps its input
}

int fft_size(double at_least, int multiple) {
  const auto is_smooth = [](int n) {
    for (const int factor : {2, 3, 5}) {
      while (n % factor == 0) n /= factor;
    }
    return n == 1;
  };
  const int step = multiple % 2 == 0 ? multiple : 2 * multiple;
  int size = step * std::max(1, int(std::ceil(at_least / step - 1e-9)));
  while (!is_smooth(size)) size += step;
  return size;
}

}  // namespace colonnade
