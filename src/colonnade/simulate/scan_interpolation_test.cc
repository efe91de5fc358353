// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/scan_interpolation.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <numbers>
#include <vector>

#include "colonnade/core/random.h"

namespace colonnade {
namespace {

// Waves of all frequencies up to the band's end, fading towards it as those of a scanned image do.
class BandLimited {
 public:
  BandLimited(double band_end, Random& random) {
    for (int i = 0; i < 300; ++i) {
      const double frequency = random.uniform(0, band_end);
      waves_.push_back({frequency, 1 - frequency / band_end, random.uniform(0, 2 * std::numbers::pi)});
    }
  }
  double operator()(double x) const {
    double sum = 0;
    for (const auto& wave : waves_) {
      sum += wave.amplitude * std::cos(2 * std::numbers::pi * wave.frequency * x + wave.phase);
    }
    return sum;
  }

 private:
  struct Wave {
    double frequency, amplitude, phase;
  };
  std::vector<Wave> waves_;
};

TEST(ScanInterpolation, BandLimitedFunctionsComeBack) {
  Random random(5);
  const double nyquist = 0.358;
  const BandLimited in_x(0.5 / nyquist, random), in_y(0.5 / nyquist, random);
  const ScanAxis x(-3.1, 0.2, 90, 0.9 * nyquist), y(12, 0.2, 61, 0.9 * nyquist);
  std::vector<float> samples;
  for (const double at_y : y.samples_A()) {
    for (const double at_x : x.samples_A()) samples.push_back(float(in_y(at_y) * in_x(at_x)));
  }
  const auto pixels = interpolate_scan(y, x, samples);
  ASSERT_EQ(pixels.size(), 61U * 90U);
  double error = 0, power = 0;
  for (int row = 0; row < 61; ++row) {
    for (int column = 0; column < 90; ++column) {
      const double expected = in_y(12 + 0.2 * row) * in_x(-3.1 + 0.2 * column);
      error += std::pow(pixels[std::size_t(row) * 90 + column] - expected, 2);
      power += expected * expected;
    }
  }
  EXPECT_LT(std::sqrt(error / power), 0.005);
}

TEST(ScanInterpolation, SamplesLieWithinThePitchAndCoverTheField) {
  const ScanAxis axis(2, 0.2, 50, 0.33);
  const auto& samples = axis.samples_A();
  EXPECT_LE(samples[1] - samples[0], 0.33 + 1e-12);
  EXPECT_LT(samples.front(), 2);
  EXPECT_GT(samples.back(), 2 + 49 * 0.2);
  EXPECT_LT(samples.size(), 50U);
}

TEST(ScanInterpolation, ConstantsStay) {
  const ScanAxis axis(0, 0.2, 30, 0.3);
  const std::vector<float> ones(axis.samples_A().size() * axis.samples_A().size(), 1);
  for (const float value : interpolate_scan(axis, axis, ones)) EXPECT_NEAR(value, 1, 1e-6);
}

TEST(ScanInterpolation, CoarsePixelsAreScannedThemselves) {
  const ScanAxis coarse(1, 0.5, 4, 0.3), single(7, 0.1, 1, 0.3);
  EXPECT_EQ(coarse.samples_A(), (std::vector<double>{1, 1.5, 2, 2.5}));
  EXPECT_EQ(single.samples_A(), std::vector<double>{7});
  EXPECT_EQ(interpolate_scan(single, coarse, {1, 2, 3, 4}), (std::vector<float>{1, 2, 3, 4}));
}

}  // namespace
}  // namespace colonnade
