// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/bmp.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/byte_source.h"
#include "colonnade/image/formats/screen_image.h"

namespace colonnade {

namespace {

static_assert(std::endian::native == std::endian::little, "the fields below are taken as they lie in the file");

struct Header {
  std::uint32_t data_offset = 0, info_size = 0;
  std::int32_t width = 0;
  std::int64_t height = 0;
  bool bottom_up = true;
  int bits = 0;
  std::uint32_t compression = 0, colours = 0;

  std::int64_t row_bytes() const { return (std::int64_t(width) * bits + 31) / 32 * 4; }
};

template <class T>
T take(const std::string& bytes, std::size_t offset) {
  T value{};
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

Header read_header(ByteSource& source) {
  const std::string where = source.path().string();
  const std::string bytes = source.read(0, 54);
  Header header;
  header.data_offset = take<std::uint32_t>(bytes, 10);
  header.info_size = take<std::uint32_t>(bytes, 14);
  if (header.info_size < 40 || header.info_size > 124) {
    fail("{}: not a readable BMP: information of {} bytes; export as TIFF", where, header.info_size);
  }
  header.width = take<std::int32_t>(bytes, 18);
  const std::int64_t height = take<std::int32_t>(bytes, 22);
  header.bottom_up = height > 0;
  header.height = std::abs(height);
  header.bits = take<std::uint16_t>(bytes, 28);
  header.compression = take<std::uint32_t>(bytes, 30);
  header.colours = take<std::uint32_t>(bytes, 46);
  const bool plain = header.compression == 0 || (header.compression == 3 && header.bits == 32);
  const bool known_bits =
      header.bits == 1 || header.bits == 4 || header.bits == 8 || header.bits == 24 || header.bits == 32;
  if (!plain || !known_bits) {
    fail("{}: BMP of {} bits (compression {}) is not read; export as TIFF", where, header.bits, header.compression);
  }
  return header;
}

/// Grey values of a palette; fails on colours.
std::vector<float> read_palette(ByteSource& source, const Header& header) {
  const std::uint32_t most = 1U << header.bits;
  const std::uint32_t count = header.colours == 0 || header.colours > most ? most : header.colours;
  const std::string bytes = source.read(14 + header.info_size, std::uint64_t(count) * 4);
  std::vector<float> grey(most, 0.0F);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (bytes[4 * i] != bytes[4 * i + 1] || bytes[4 * i] != bytes[4 * i + 2]) {
      fail("{}: colour image: export as greyscale", source.path().string());
    }
    grey[i] = float(static_cast<unsigned char>(bytes[4 * i]));
  }
  return grey;
}

void unpack_indices(const unsigned char* row, const Header& header, const std::vector<float>& palette, float* target) {
  const int per_byte = 8 / header.bits, mask = (1 << header.bits) - 1;
  for (int x = 0; x < header.width; ++x) {
    const int shift = header.bits * (per_byte - 1 - x % per_byte);
    target[x] = palette[std::size_t(row[x / per_byte] >> shift & mask)];
  }
}

void unpack_colours(const unsigned char* row, const Header& header, const std::string& where, float* target) {
  const int bytes = header.bits / 8;
  for (int x = 0; x < header.width; ++x) {
    const unsigned char* const pixel = row + std::ptrdiff_t(x) * bytes;
    if (pixel[0] != pixel[1] || pixel[0] != pixel[2]) fail("{}: colour image: export as greyscale", where);
    target[x] = float(pixel[0]);
  }
}

}  // namespace

bool is_bmp(std::string_view head) {
  // Two letters are too few to go by: the size of the information behind them must be one of those in use.
  if (head.size() < 18 || !head.starts_with("BM")) return false;
  return static_cast<unsigned char>(head[14]) >= 12 && static_cast<unsigned char>(head[14]) <= 124 && head[15] == 0 &&
         head[16] == 0 && head[17] == 0;
}

std::vector<StoredSignal> signals_of_bmp(const std::filesystem::path& path) {
  ByteSource source(path);
  const Header header = read_header(source);
  const ImageShape shape = image_shape(path.string(), {header.height, header.width});
  const auto palette = header.bits <= 8 ? read_palette(source, header) : std::vector<float>();
  const std::uint64_t row_bytes = std::uint64_t(header.row_bytes());
  const std::string bytes = source.read(header.data_offset, row_bytes * std::uint64_t(shape.height));
  std::vector<float> values(shape.pixels());
  for (int y = 0; y < shape.height; ++y) {
    const int stored = header.bottom_up ? shape.height - 1 - y : y;
    const auto* row = reinterpret_cast<const unsigned char*>(bytes.data()) + row_bytes * std::uint64_t(stored);
    float* const target = values.data() + std::size_t(y) * std::size_t(shape.width);
    if (header.bits <= 8) {
      unpack_indices(row, header, palette, target);
    } else {
      unpack_colours(row, header, path.string(), target);
    }
  }
  return {screen_image(path, "BMP", shape, SampleType::uint8, std::move(values))};
}

}  // namespace colonnade
