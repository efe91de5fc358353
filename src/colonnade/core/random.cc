// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/core/random.h"

#include <cmath>
#include <numbers>

namespace colonnade {
namespace {

std::uint64_t splitmix64(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::uint64_t rotate_left(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

/// log(n!): exact sums below 10, Stirling's series above (error below 1e-10).
double log_factorial(double n) {
  if (n < 10) {
    double sum = 0;
    for (int i = 2; i <= static_cast<int>(n); ++i) sum += std::log(i);
    return sum;
  }
  const double x = n + 1;
  return (x - 0.5) * std::log(x) - x + 0.5 * std::log(2 * std::numbers::pi) + 1 / (12 * x) - 1 / (360 * x * x * x) +
         1 / (1260 * std::pow(x, 5));
}

}  // namespace

Random::Random(std::uint64_t seed) : seed_(seed) {
  for (auto& word : state_) word = splitmix64(seed);
}

std::uint64_t Random::bits() {
  const std::uint64_t result = rotate_left(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = rotate_left(state_[3], 45);
  return result;
}

double Random::uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

double Random::uniform(double low, double high) { return low + (high - low) * uniform(); }

std::uint64_t Random::below(std::uint64_t n) {
  // Values under 2^64 mod n are drawn again, so that every remainder is equally likely.
  const std::uint64_t threshold = (0 - n) % n;
  std::uint64_t value = bits();
  while (value < threshold) value = bits();
  return value % n;
}

double Random::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_normal_;
  }
  // Box-Muller; 1 - u is never 0.
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  const double angle = 2 * std::numbers::pi * uniform();
  spare_normal_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

std::int64_t Random::poisson(double mean) {
  if (!(mean > 0)) return 0;
  if (mean < 30) {
    double product = uniform();
    const double limit = std::exp(-mean);
    std::int64_t count = 0;
    while (product > limit) {
      product *= uniform();
      ++count;
    }
    return count;
  }
  // Transformed rejection with squeeze: W. Hörmann, Insurance: Mathematics and Economics 12, 39 (1993).
  const double b = 0.931 + 2.53 * std::sqrt(mean), a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), limit = 0.9277 - 3.6224 / (b - 2);
  while (true) {
    const double u = uniform() - 0.5, v = 1 - uniform();
    const double us = 0.5 - std::fabs(u);
    const double k = std::floor((2 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= limit) return static_cast<std::int64_t>(k);
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (std::log(v) + std::log(inverse_alpha) - std::log(a / (us * us) + b) <=
        k * std::log(mean) - mean - log_factorial(k)) {
      return static_cast<std::int64_t>(k);
    }
  }
}

Random Random::stream(std::uint64_t number) const {
  std::uint64_t state = seed_ ^ 0xd1b54a32d192ed03ULL;
  const std::uint64_t first = splitmix64(state);
  state = first ^ (number * 0x9e3779b97f4a7c15ULL + 0x2545f4914f6cdd1dULL);
  return Random(splitmix64(state));
}

}  // namespace colonnade
