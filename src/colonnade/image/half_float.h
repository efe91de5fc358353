// SPDX-License-Identifier: GPL-3.0-or-later
// IEEE 754 binary16 numbers as their bits, to and from float; ties round to even.
#pragma once

#include <bit>
#include <cstdint>

namespace colonnade {

inline constexpr float largest_half = 65504.0F;

inline float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = std::uint32_t(half & 0x8000U) << 16;
  const std::uint32_t rest = std::uint32_t(half & 0x7FFFU) << 13;
  const bool special = (half & 0x7C00U) == 0x7C00U;
  // The exponent is rebiased by a multiplication, which makes subnormal numbers right as well.
  const float scaled = std::bit_cast<float>(rest) * 0x1p112F;
  const std::uint32_t bits = special ? rest | 0x7F800000U : std::bit_cast<std::uint32_t>(scaled);
  return std::bit_cast<float>(bits | sign);
}

/// Values beyond the range become infinity.
inline std::uint16_t float_to_half(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint16_t sign = std::uint16_t((bits >> 16) & 0x8000U);
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  if (magnitude > 0x7F800000U) return sign | 0x7E00U;   // NaN
  if (magnitude >= 0x477FF000U) return sign | 0x7C00U;  // 65520 and above
  if (magnitude < 0x38800000U) {                        // below 2^-14: steps of 2^-24; adding 0.5 aligns and rounds
    const float aligned = std::bit_cast<float>(magnitude) + 0.5F;
    return std::uint16_t(sign | (std::bit_cast<std::uint32_t>(aligned) - 0x3F000000U));
  }
  const std::uint32_t rounded = magnitude - 0x38000000U + 0xFFFU + ((magnitude >> 13) & 1U);
  return std::uint16_t(sign | (rounded >> 13));
}

}  // namespace colonnade
