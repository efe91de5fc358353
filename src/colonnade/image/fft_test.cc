// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/fft.h"

#include <complex>
#include <gtest/gtest.h>
#include <numbers>
#include <vector>

#include "colonnade/core/random.h"

namespace colonnade {
namespace {

TEST(Fft, SizesAreSmoothAndNotBelow) {
  EXPECT_EQ(fft_size(1), 2);
  EXPECT_EQ(fft_size(127), 128);
  EXPECT_EQ(fft_size(129), 144);
  EXPECT_EQ(fft_size(128.5, 8), 144);
  EXPECT_EQ(fft_size(101, 8), 120);
  EXPECT_EQ(fft_size(11, 3), 12);
}

TEST(Fft, LinesAgreeWithTheSum) {
  constexpr int length = 12, count = 3, stride = 5, distance = 1;
  Random random(3);
  AlignedArray<std::complex<float>> data(std::size_t(length) * stride);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = {float(random.normal()), float(random.normal())};
  const std::vector<std::complex<float>> before(data.data(), data.data() + data.size());
  FftPlan::lines(length, count, stride, distance, FftSign::forward).execute(data.data());
  for (int line = 0; line < count; ++line) {
    for (int k = 0; k < length; ++k) {
      std::complex<double> sum = 0;
      for (int i = 0; i < length; ++i) {
        sum += std::complex<double>(before[std::size_t(i) * stride + line]) *
               std::polar(1.0, -2 * std::numbers::pi * i * k / length);
      }
      EXPECT_NEAR(std::abs(std::complex<double>(data[std::size_t(k) * stride + line]) - sum), 0, 1e-5);
    }
  }
  EXPECT_EQ(data[3], before[3]) << "columns beyond the plan stay";
}

}  // namespace
}  // namespace colonnade
