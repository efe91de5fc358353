// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/mrc.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/units.h"
#include "colonnade/image/formats/byte_source.h"
#include "colonnade/image/formats/raw_samples.h"

namespace colonnade {

namespace {

constexpr std::size_t header_size = 1024;

/// Words of the header in the byte order that makes sense of them.
struct Header {
  std::string_view bytes;
  bool big_endian = false;

  std::int32_t integer(std::size_t offset) const {
    char word[4];
    std::memcpy(word, bytes.data() + offset, 4);
    if (big_endian != (std::endian::native == std::endian::big)) std::reverse(word, word + 4);
    std::int32_t value = 0;
    std::memcpy(&value, word, 4);
    return value;
  }
  float number(std::size_t offset) const { return std::bit_cast<float>(integer(offset)); }
  int columns() const { return integer(0); }
  int rows() const { return integer(4); }
  int sections() const { return integer(8); }
  int mode() const { return integer(12); }
  std::int32_t extended_size() const { return integer(92); }
};

bool makes_sense(const Header& header) {
  const int mode = header.mode();
  const bool known_mode = (mode >= 0 && mode <= 6) || mode == 12 || mode == 16 || mode == 101;
  return header.columns() > 0 && header.rows() > 0 && header.sections() > 0 && known_mode;
}

bool axes_are_named(const Header& header) {
  std::int32_t axes[3] = {header.integer(64), header.integer(68), header.integer(72)};
  std::sort(axes, axes + 3);
  return axes[0] == 1 && axes[1] == 2 && axes[2] == 3;
}

/// Where both byte orders make sense (mode 0 of small images), the machine stamp decides, else the smaller image.
Header parse(std::string_view bytes) {
  const Header little{bytes, false}, big{bytes, true};
  if (!makes_sense(big)) return little;
  if (!makes_sense(little)) return big;
  if (bytes[212] == 0x44 || bytes[212] == 0x11) return bytes[212] == 0x11 ? big : little;
  return big.columns() < little.columns() ? big : little;
}

/// Mode 0 is signed, but IMOD's files say so by a flag (bit 0 of the word at 156) and mean unsigned without it.
SampleType byte_type(const Header& header) {
  const std::int32_t imod_stamp = 1146047817;
  const bool is_unsigned = header.integer(152) == imod_stamp && (header.integer(156) & 1) == 0;
  return is_unsigned ? SampleType::uint8 : SampleType::int8;
}

SampleType sample_type(const Header& header, const std::string& where) {
  switch (header.mode()) {
    case 0:
      return byte_type(header);
    case 1:
      return SampleType::int16;
    case 2:
      return SampleType::float32;
    case 6:
      return SampleType::uint16;
    case 12:
      return SampleType::float16;
    default:
      fail("{}: MRC mode {} (complex or packed) is not read; export as TIFF", where, header.mode());
  }
}

double pixel_size_nm(const Header& header, const std::string& where) {
  const double cell_x = header.number(40), cell_y = header.number(44);
  const int steps_x = header.integer(28), steps_y = header.integer(32);
  const bool stated = cell_x > 0 && cell_y > 0 && std::isfinite(cell_x) && std::isfinite(cell_y) && steps_x > 0;
  if (!stated || steps_y <= 0) return 0;
  const double across = cell_x / steps_x / angstrom_per_nm, down = cell_y / steps_y / angstrom_per_nm;
  if (std::abs(across - down) > 0.005 * across) {
    fail("{}: pixels of {:.6g} x {:.6g} nm are not square; resample the image first", where, across, down);
  }
  return across;
}

}  // namespace

bool is_mrc(std::string_view head) {
  if (head.size() < header_size) return false;
  const Header header = parse(head);
  if (!makes_sense(header)) return false;
  return head.substr(208, 3) == "MAP" || axes_are_named(header);
}

Image read_mrc(const std::filesystem::path& path) {
  ByteSource source(path);
  const std::string where = path.string();
  const std::string head = source.read(0, header_size);
  const Header header = parse(head);
  if (!makes_sense(header)) fail("{}: the MRC header is damaged", where);
  const ImageShape shape = image_shape(where, {header.rows(), header.columns()});
  const SampleType type = sample_type(header, where);
  if (header.extended_size() < 0) fail("{}: the MRC header is damaged (extended header of negative size)", where);
  const std::uint64_t offset = header_size + std::uint64_t(header.extended_size());
  const std::uint64_t section = shape.pixels() * byte_size(type);
  if (offset > source.size() || std::uint64_t(header.sections()) > (source.size() - offset) / section) {
    fail("{}: truncated: {} section(s) of {} bytes behind {} bytes of header, the file has {}; copy it again", where,
         header.sections(), section, offset, source.size());
  }
  if (header.sections() > 1) warn("{}: holds {} sections; the first is read", where, header.sections());
  Image image;
  image.height = shape.height;
  image.width = shape.width;
  image.data = to_floats(source.read(offset, section), type, header.big_endian);
  image.pixel_size_nm = pixel_size_nm(header, where);
  image.metadata["format"] = "MRC";
  image.metadata["scale_source"] = image.pixel_size_nm > 0 ? "cell dimensions in the MRC header" : "none in the file";
  return image;
}

}  // namespace colonnade
