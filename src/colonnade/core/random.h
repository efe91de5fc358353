// SPDX-License-Identifier: GPL-3.0-or-later
// A random generator whose numbers are the same on every machine and with every standard library (those of <random>'s
// distributions are not): xoshiro256** (Blackman and Vigna, ACM TOMS 47, 36, 2021) seeded by splitmix64.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

namespace colonnade {

class Random {
 public:
  explicit Random(std::uint64_t seed);

  std::uint64_t bits();
  /// Uniform in [0, 1), 53 bits.
  double uniform();
  double uniform(double low, double high);
  /// Uniform integer in [0, n); n > 0.
  std::uint64_t below(std::uint64_t n);
  /// Normal with mean 0 and standard deviation 1.
  double normal();
  /// Poisson of the given mean >= 0 (exact by inversion below 30, Hörmann's PTRS above).
  std::int64_t poisson(double mean);
  /// A generator for an independent stream: the same parent seed and number give the same stream, whatever was drawn.
  Random stream(std::uint64_t number) const;

  template <class Sequence>
  void shuffle(Sequence& sequence) {
    for (std::uint64_t i = sequence.size(); i > 1; --i) std::swap(sequence[i - 1], sequence[below(i)]);
  }

 private:
  std::uint64_t seed_;
  std::array<std::uint64_t, 4> state_;
  double spare_normal_ = 0;
  bool has_spare_ = false;
};

}  // namespace colonnade
