// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers as files store them, turned into floats; and which shapes are one image.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace colonnade {

enum class SampleType { boolean, int8, uint8, int16, uint16, int32, uint32, int64, uint64, float16, float32, float64 };

std::size_t byte_size(SampleType type);
/// As many numbers as `bytes` holds whole.
std::vector<float> to_floats(std::string_view bytes, SampleType type, bool big_endian);

struct ImageShape {
  int height = 0, width = 0;
  std::size_t pixels() const { return std::size_t(height) * std::size_t(width); }
};

/// Height and width once leading dimensions of 1 are dropped; fails, naming the shape and `where`, unless two remain,
/// neither is empty and the image has at most 2^31 pixels.
ImageShape image_shape(const std::string& where, std::vector<std::int64_t> shape);

}  // namespace colonnade
