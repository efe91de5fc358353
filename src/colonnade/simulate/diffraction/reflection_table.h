// SPDX-License-Identifier: GPL-3.0-or-later
// A crystal's reflections laid out for making spot lists by the million: single precision, one array per component,
// neighbours in reciprocal space together in blocks, so that blocks far from the Ewald sphere are passed over whole.
// The same spots as spot_list() within single precision (1e-6 1/A in s, 1e-5 of an intensity).
#pragma once

#include <cstdint>
#include <vector>

#include "colonnade/simulate/diffraction/spot_list.h"

namespace colonnade {

/// Spots as one array per quantity; used again and again, it allocates nothing.
struct SpotArrays {
  std::vector<std::uint32_t> reflection;  ///< number in the table
  std::vector<float> x_per_A, y_per_A, excitation_per_A, intensity;
  std::size_t count = 0;  ///< how many of the entries hold
};

class ReflectionTable {
 public:
  /// Intensities are |F|^2 x scale^2 (FactorScale::value()).
  explicit ReflectionTable(const std::vector<Reflection>& reflections, double scale = 1);

  std::size_t size() const { return hkl_.size(); }
  const Miller& hkl(std::size_t reflection) const { return hkl_[reflection]; }
  double g_per_A(std::size_t reflection) const { return length_[reflection]; }
  /// |F|^2 x scale^2.
  double strength(std::size_t reflection) const { return strength_[reflection]; }

  /// Replaces what `spots` holds, in the order of the table. Threads may share a table, not the arrays.
  void find_spots(const Matrix3& orientation, const SpotOptions& options, SpotArrays& spots) const;
  /// The same as a list.
  std::vector<DiffractionSpot> spot_list(const Matrix3& orientation, const SpotOptions& options) const;

 private:
  static constexpr std::size_t block_size = 16;
  struct Block {
    Vector3 centre;
    double radius;
  };
  void add_block(std::size_t first, std::size_t end);

  double longest_ = 0;
  std::vector<Miller> hkl_;
  std::vector<float> x_, y_, z_, strength_, length_;
  std::vector<Block> blocks_;
};

}  // namespace colonnade
