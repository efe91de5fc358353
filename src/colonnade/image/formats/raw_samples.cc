// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/raw_samples.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "colonnade/core/error.h"
#include "colonnade/image/half_float.h"

namespace colonnade {

namespace {

template <class T>
T take(const char* bytes, bool swap) {
  std::array<char, sizeof(T)> copy;
  std::memcpy(copy.data(), bytes, sizeof(T));
  if (swap) std::reverse(copy.begin(), copy.end());
  return std::bit_cast<T>(copy);
}

template <class T>
std::vector<float> convert(std::string_view bytes, bool big_endian) {
  const bool swap = big_endian != (std::endian::native == std::endian::big);
  std::vector<float> values(bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = float(take<T>(bytes.data() + i * sizeof(T), swap));
  return values;
}

std::vector<float> convert_halves(std::string_view bytes, bool big_endian) {
  const bool swap = big_endian != (std::endian::native == std::endian::big);
  std::vector<float> values(bytes.size() / 2);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = half_to_float(take<std::uint16_t>(bytes.data() + 2 * i, swap));
  }
  return values;
}

}  // namespace

std::size_t byte_size(SampleType type) {
  switch (type) {
    case SampleType::boolean:
    case SampleType::int8:
    case SampleType::uint8:
      return 1;
    case SampleType::int16:
    case SampleType::uint16:
    case SampleType::float16:
      return 2;
    case SampleType::int32:
    case SampleType::uint32:
    case SampleType::float32:
      return 4;
    default:
      return 8;
  }
}

std::vector<float> to_floats(std::string_view bytes, SampleType type, bool big_endian) {
  switch (type) {
    case SampleType::int8:
      return convert<std::int8_t>(bytes, big_endian);
    case SampleType::boolean:
    case SampleType::uint8:
      return convert<std::uint8_t>(bytes, big_endian);
    case SampleType::int16:
      return convert<std::int16_t>(bytes, big_endian);
    case SampleType::uint16:
      return convert<std::uint16_t>(bytes, big_endian);
    case SampleType::int32:
      return convert<std::int32_t>(bytes, big_endian);
    case SampleType::uint32:
      return convert<std::uint32_t>(bytes, big_endian);
    case SampleType::int64:
      return convert<std::int64_t>(bytes, big_endian);
    case SampleType::uint64:
      return convert<std::uint64_t>(bytes, big_endian);
    case SampleType::float16:
      return convert_halves(bytes, big_endian);
    case SampleType::float32:
      return convert<float>(bytes, big_endian);
    case SampleType::float64:
      return convert<double>(bytes, big_endian);
  }
  return {};
}

ImageShape image_shape(const std::string& where, std::vector<std::int64_t> shape) {
  const std::string text = fmt::format("({})", fmt::join(shape, ", "));
  while (shape.size() > 2 && shape.front() == 1) shape.erase(shape.begin());
  if (shape.size() != 2) fail("{}: shape {} is not one image; save one image of two dimensions", where, text);
  if (shape[0] <= 0 || shape[1] <= 0) fail("{}: shape {} holds no pixels", where, text);
  const std::int64_t limit = std::int64_t(1) << 31;
  if (shape[0] > std::numeric_limits<int>::max() || shape[1] > limit / shape[0]) {
    fail("{}: shape {} is beyond the limit of 2^31 pixels", where, text);
  }
  return {int(shape[0]), int(shape[1])};
}

}  // namespace colonnade
