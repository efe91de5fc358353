// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/mrc.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "colonnade/core/error.h"
#include "colonnade/core/units.h"
#include "colonnade/image/formats/byte_source.h"
#include "colonnade/image/formats/mrc_extended.h"
#include "colonnade/image/formats/raw_records.h"

namespace colonnade {

namespace {

constexpr std::size_t header_size = 1024;
constexpr int packed_mode =
    101;  // two pixels of 4 bits in a byte, the first in the low half; rows of whole bytes (IMOD)

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
    case packed_mode:
      return SampleType::uint8;
    default:
      fail("{}: MRC mode {} ({}) is not read; export as TIFF", where, header.mode(),
           header.mode() == 16 ? "colours" : "complex numbers");
  }
}

/// Step of the cell along an axis, nm; 0: not stated.
double cell_step(const Header& header, int axis) {
  const double cell = header.number(std::size_t(40 + 4 * axis));
  const int steps = header.integer(std::size_t(28 + 4 * axis));
  if (!(cell > 0) || !std::isfinite(cell) || steps <= 0) return 0;
  return cell / steps / angstrom_per_nm;
}

/// Bytes of one row in the file.
std::int64_t row_bytes(const Header& header, SampleType type) {
  if (header.mode() == packed_mode) return (std::int64_t(header.columns()) + 1) / 2;
  return std::int64_t(header.columns()) * std::int64_t(byte_size(type));
}

/// Volumes have a space group (1 and up; 401 and up are stacks of volumes); the sections of the others are frames.
bool is_volume(const Header& header) {
  const std::int32_t space_group = header.integer(88);
  return header.sections() > 1 && space_group >= 1 && space_group < 401;
}

std::vector<float> unpacked(const std::vector<float>& bytes, int columns) {
  const std::size_t width = (std::size_t(columns) + 1) / 2, rows = bytes.size() / width;
  std::vector<float> values;
  values.reserve(rows * std::size_t(columns));
  for (std::size_t y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x) {
      const auto pair = static_cast<unsigned>(bytes[y * width + std::size_t(x) / 2]);
      values.push_back(float(x % 2 ? pair >> 4 : pair & 15));
    }
  }
  return values;
}

std::function<std::vector<float>(std::int64_t, std::int64_t)> reader(const std::filesystem::path& path,
                                                                     const Header& header, SampleType type) {
  RawRecords records{path, header_size + std::uint64_t(header.extended_size()), type, header.big_endian};
  const bool single = header.sections() == 1;
  records.entries = single ? header.rows() : header.sections();
  records.runs = single ? 1 : header.rows();
  records.run_values = row_bytes(header, type) / std::int64_t(byte_size(type));
  auto read = reader_of(records);
  if (header.mode() != packed_mode) return read;
  return [read, columns = header.columns()](std::int64_t first, std::int64_t count) {
    return unpacked(read(first, count), columns);
  };
}

std::vector<SignalAxis> axes_of(const Header& header, double fei_pixel_nm) {
  const auto axis = [&](const char* name, int size, double step, bool navigation) {
    return SignalAxis{name, step > 0 ? "nm" : "", size, step > 0 ? step : 1, 0, navigation};
  };
  const bool has_cell = cell_step(header, 0) > 0 && cell_step(header, 1) > 0;
  const auto step = [&](int which) {
    return fei_pixel_nm > 0 ? fei_pixel_nm : has_cell ? cell_step(header, which) : 0;
  };
  std::vector<SignalAxis> axes;
  if (is_volume(header)) axes.push_back(axis("depth", header.sections(), cell_step(header, 2), true));
  if (header.sections() > 1 && axes.empty()) axes.push_back(axis("frame", header.sections(), 0, true));
  axes.push_back(axis("y", header.rows(), step(1), false));
  axes.push_back(axis("x", header.columns(), step(0), false));
  return axes;
}

/// Labels that programs leave in the header.
nlohmann::json labels_of(const Header& header) {
  nlohmann::json labels = nlohmann::json::array();
  for (int i = 0; i < std::clamp(header.integer(220), 0, 10); ++i) {
    std::string text;
    for (const char letter : header.bytes.substr(std::size_t(224 + 80 * i), 80)) {
      if (letter >= ' ' && letter <= '~') text += letter;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    labels.push_back(text);
  }
  return labels;
}

}  // namespace

bool is_mrc(std::string_view head) {
  if (head.size() < header_size) return false;
  const Header header = parse(head);
  if (!makes_sense(header)) return false;
  return head.substr(208, 3) == "MAP" || axes_are_named(header);
}

std::vector<StoredSignal> signals_of_mrc(const std::filesystem::path& path) {
  ByteSource source(path);
  const std::string where = path.string();
  const std::string head = source.read(0, header_size);
  const Header header = parse(head);
  if (!makes_sense(header)) fail("{}: the MRC header is damaged", where);
  image_shape(where, {header.rows(), header.columns()});
  if (header.extended_size() < 0) fail("{}: the MRC header is damaged (extended header of negative size)", where);
  StoredSignal signal;
  signal.type = sample_type(header, where);
  signal.read = reader(path, header, signal.type);
  const std::string record = source.read_at_most(header_size, std::min<std::uint64_t>(header.extended_size(), 1024));
  const MrcExtended extended = parse_mrc_extended(std::string_view(head).substr(104, 4), record);
  signal.axes = axes_of(header, extended.pixel_size_nm);
  signal.metadata = extended.metadata;
  signal.metadata["format"] = "MRC";
  if (signal.axes.back().unit == "nm") {
    signal.metadata["scale_source"] =
        extended.pixel_size_nm > 0 ? "FEI's extended header" : "cell dimensions in the MRC header";
  }
  signal.title = signal.metadata.value(nlohmann::json::json_pointer("/General/title"), "");
  signal.original = {{"mode", header.mode()}, {"labels", labels_of(header)}};
  if (!extended.original.empty()) signal.original["extended_header"] = extended.original;
  return {signal};
}

}  // namespace colonnade
