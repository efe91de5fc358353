// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/npy.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <fmt/ranges.h>
#include <fstream>
#include <map>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/image/formats/byte_source.h"
#include "colonnade/image/formats/byte_text.h"
#include "colonnade/image/formats/raw_records.h"

namespace colonnade {

namespace {

constexpr std::size_t longest_header = std::size_t(1) << 20;
constexpr std::int64_t most_values = std::int64_t(1) << 40;

struct Header {
  std::string descr;
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
  std::uint64_t data_offset = 0;
};

/// The text behind 'key': in the header's dictionary, without leading blanks.
std::string_view value_of(std::string_view header, const std::string& key, const std::string& where) {
  auto at = header.find("'" + key + "'");
  if (at == std::string_view::npos) at = header.find("\"" + key + "\"");
  if (at != std::string_view::npos) at = header.find(':', at);
  if (at != std::string_view::npos) at = header.find_first_not_of(" \t", at + 1);
  if (at == std::string_view::npos) fail("{}: the NPY header states no '{}'", where, key);
  return header.substr(at);
}

std::string parse_type(std::string_view value, const std::string& where) {
  const auto end = value.empty() ? std::string_view::npos : value.find(value.front(), 1);
  if (end == std::string_view::npos || (value.front() != '\'' && value.front() != '"')) {
    fail("{}: holds records or objects, not plain numbers; save one numeric array", where);
  }
  return std::string(value.substr(1, end - 1));
}

std::vector<std::int64_t> parse_shape(std::string_view value, const std::string& where) {
  const auto end = value.find(')');
  if (value.empty() || value.front() != '(' || end == std::string_view::npos) {
    fail("{}: the shape in the NPY header cannot be read", where);
  }
  std::vector<std::int64_t> shape;
  const char* at = value.data() + 1;
  const char* const last = value.data() + end;
  while (at != last) {
    if (*at == ' ' || *at == ',') {
      ++at;
      continue;
    }
    std::int64_t size = 0;
    const auto [next, error] = std::from_chars(at, last, size);
    if (error != std::errc()) fail("{}: the shape in the NPY header cannot be read", where);
    shape.push_back(size);
    at = next != last && *next == 'L' ? next + 1 : next;  // NumPy under Python 2 wrote 512L
  }
  return shape;
}

Header read_header(ByteSource& source) {
  const std::string where = source.path().string();
  const std::string start = source.read(0, 10);
  const auto byte = [](const std::string& text, std::size_t i) {
    return std::uint32_t(static_cast<unsigned char>(text[i]));
  };
  const std::uint32_t version = byte(start, 6);
  if (version < 1 || version > 3) fail("{}: NPY version {} is unknown; versions 1 to 3 are read", where, version);
  std::size_t length = byte(start, 8) | byte(start, 9) << 8;
  std::size_t offset = 10;
  if (version > 1) {
    const std::string more = source.read(10, 2);
    length |= std::size_t(byte(more, 0)) << 16 | std::size_t(byte(more, 1)) << 24;
    offset = 12;
  }
  if (length > longest_header) fail("{}: the NPY header claims {} bytes", where, length);
  const std::string text = source.read(offset, length);
  Header header;
  header.descr = parse_type(value_of(text, "descr", where), where);
  header.fortran_order = value_of(text, "fortran_order", where).starts_with("True");
  header.shape = parse_shape(value_of(text, "shape", where), where);
  header.data_offset = offset + length;
  return header;
}

SampleType sample_type(const std::string& descr, const std::string& where) {
  static const std::map<std::string, SampleType> types = {
      {"b1", SampleType::boolean}, {"i1", SampleType::int8},    {"u1", SampleType::uint8},
      {"i2", SampleType::int16},   {"u2", SampleType::uint16},  {"i4", SampleType::int32},
      {"u4", SampleType::uint32},  {"i8", SampleType::int64},   {"u8", SampleType::uint64},
      {"f2", SampleType::float16}, {"f4", SampleType::float32}, {"f8", SampleType::float64}};
  const bool has_order = !descr.empty() && std::string_view("<>|=").find(descr.front()) != std::string_view::npos;
  const auto found = types.find(has_order ? descr.substr(1) : descr);
  if (found == types.end()) fail("{}: NPY numbers of type '{}' are not read; save as float32", where, one_line(descr));
  return found->second;
}

/// Fortran order: the first index runs fastest.
std::vector<float> to_row_major(const std::vector<float>& values, const std::vector<std::int64_t>& shape) {
  std::vector<float> rows(values.size());
  std::vector<std::int64_t> index(shape.size(), 0), strides(shape.size(), 1);
  for (std::size_t i = 1; i < shape.size(); ++i) strides[i] = strides[i - 1] * shape[i - 1];
  std::int64_t at = 0;
  for (float& value : rows) {
    value = values[std::size_t(at)];
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return rows;
}

/// The file does not say what its axes are: the last two are taken as an image's, those before as frames.
std::vector<SignalAxis> guessed_axes(const std::vector<std::int64_t>& shape) {
  std::vector<SignalAxis> axes;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::size_t from_last = shape.size() - 1 - i;
    const char* const name = from_last == 0 ? "x" : from_last == 1 ? "y" : "frame";
    axes.push_back({name, "", shape[i], 1, 0, from_last > 1});
  }
  return axes;
}

std::function<std::vector<float>(std::int64_t, std::int64_t)> reader_of_transposed(
    const RawRecords& records, const std::vector<std::int64_t>& shape) {
  const auto read = reader_of(records);
  return [=](std::int64_t first, std::int64_t count) {
    require_entries(records.path, first, count, records.entries);
    const auto values = to_row_major(read(0, records.entries), shape);
    const std::int64_t size = records.run_values;
    return std::vector<float>(values.begin() + first * size, values.begin() + (first + count) * size);
  };
}

}  // namespace

bool is_npy(std::string_view head) { return head.starts_with("\x93NUMPY"); }

StoredSignal npy_signal(ByteSource& source, const LoadedBytes& loaded) {
  const std::string where = source.path().string();
  const Header header = read_header(source);
  const SampleType type = sample_type(header.descr, where);
  RawRecords records{source.path(), header.data_offset, type, header.descr.front() == '>'};
  records.loaded = loaded;
  records.entries = header.shape.empty() ? 1 : header.shape.front();
  for (std::size_t i = 1; i < header.shape.size(); ++i) {
    const std::int64_t size = header.shape[i];
    if (size <= 0) fail("{}: shape ({}) holds no numbers", where, fmt::join(header.shape, ", "));
    if (size > most_values / records.run_values) {
      fail("{}: shape ({}) is beyond the limit of 2^40 numbers", where, fmt::join(header.shape, ", "));
    }
    records.run_values *= size;
  }
  StoredSignal signal;
  signal.type = records.type;
  signal.axes = guessed_axes(header.shape.empty() ? std::vector<std::int64_t>{1} : header.shape);
  signal.metadata["format"] = "NPY";
  const bool transposed = header.fortran_order && header.shape.size() > 1;
  signal.read = transposed ? reader_of_transposed(records, header.shape) : reader_of(records);
  return signal;
}

std::vector<StoredSignal> signals_of_npy(const std::filesystem::path& path) {
  ByteSource source(path);
  StoredSignal signal = npy_signal(source);
  if (signal.axes.size() == 3 && signal.axes.front().size > 1) {
    warn("{}: an NPY file does not say what its first axis is; its {} planes are taken as frames of one image",
         path.string(), signal.axes.front().size);
  }
  return {signal};
}

std::string npy_header(const std::vector<std::int64_t>& shape) {
  static_assert(std::endian::native == std::endian::little, "the floats behind it are written as they lie in memory");
  // A shape of one number ends in a comma, as Python's tuples do.
  const std::string sizes = fmt::format("{}{}", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
  std::string header = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", sizes);
  header.resize((10 + header.size() + 1 + 63) / 64 * 64 - 10, ' ');  // data begin at a multiple of 64
  header.back() = '\n';
  return std::string("\x93NUMPY\x01\x00", 8) + char(header.size() & 0xFF) + char(header.size() >> 8) + header;
}

void write_npy(const std::filesystem::path& path, const Image& image) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << npy_header({image.height, image.width});
  file.write(reinterpret_cast<const char*>(image.data.data()), std::streamsize(image.data.size() * sizeof(float)));
  file.close();
  if (!file) fail("{}: writing failed; is the disk full?", path.string());
}

}  // namespace colonnade
