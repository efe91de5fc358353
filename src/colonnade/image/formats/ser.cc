// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/ser.h"

#include <charconv>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/byte_cursor.h"
#include "colonnade/image/formats/byte_text.h"
#include "colonnade/image/formats/emi.h"
#include "colonnade/image/formats/signal_form.h"
#include "colonnade/image/formats/value_box.h"

namespace colonnade {

namespace {

using namespace std::string_view_literals;
using Path = std::filesystem::path;

constexpr std::int32_t spectra = 0x4120, images = 0x4122;  // what the elements of a series are
constexpr std::int32_t tags_with_positions = 0x4142;
constexpr std::int64_t longest_side = 1 << 20;

/// One step of a series.
struct Dimension {
  std::int64_t size = 0;
  double offset = 0, step = 1;
  std::string unit;
};

struct Header {
  std::int32_t data_type = 0, tag_type = 0;
  bool big_endian = false;
  std::int64_t valid = 0;              ///< elements that were recorded
  std::vector<Dimension> dimensions;   ///< as in the file
  std::vector<std::uint64_t> offsets;  ///< of the valid elements
  std::vector<std::uint64_t> tags;
};

/// One element: its axes (y, x) or (channel), and where its numbers begin.
struct Element {
  std::vector<SignalAxis> axes;
  std::int16_t type = 0;
  std::uint64_t data = 0;
  bool same_kind(const Element& other) const {
    if (type != other.type || axes.size() != other.axes.size()) return false;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      if (axes[i].size != other.axes[i].size) return false;
    }
    return true;
  }
};

[[noreturn]] void damaged(const Path& path, const std::string& what) {
  fail("{}: damaged SER file: {}; copy it again", path.string(), what);
}

std::vector<std::uint64_t> read_offsets(ByteCursor& cursor, std::int64_t count, bool wide, bool big) {
  std::vector<std::uint64_t> offsets;
  for (std::int64_t i = 0; i < count; ++i) {
    offsets.push_back(wide ? cursor.number<std::uint64_t>(big) : cursor.number<std::uint32_t>(big));
  }
  return offsets;
}

std::string read_text(ByteCursor& cursor, bool big, const Path& path) {
  const auto length = cursor.number<std::int32_t>(big);
  if (length < 0 || length > 4096) damaged(path, fmt::format("a text of {} letters", length));
  return sound_utf8(cursor.bytes(std::uint64_t(length)));
}

Header read_header(ByteCursor& cursor, const Path& path) {
  Header header;
  header.big_endian = cursor.bytes(2) == "MM";
  const bool big = header.big_endian;
  cursor.skip(2);
  const auto version = cursor.number<std::uint16_t>(big);
  if (version != 0x210 && version != 0x220) fail("{}: SER version {:#x} is not known", path.string(), version);
  const bool wide = version == 0x220;
  header.data_type = cursor.number<std::int32_t>(big);
  header.tag_type = cursor.number<std::int32_t>(big);
  const std::int64_t total = cursor.number<std::int32_t>(big);
  header.valid = cursor.number<std::int32_t>(big);
  const std::uint64_t table = wide ? cursor.number<std::uint64_t>(big) : cursor.number<std::uint32_t>(big);
  const auto dimensions = cursor.number<std::int32_t>(big);
  if (header.data_type != spectra && header.data_type != images) damaged(path, "elements of an unknown kind");
  if (header.valid < 0 || header.valid > total) damaged(path, fmt::format("{} of {} elements", header.valid, total));
  if (dimensions < 0 || dimensions > 8) damaged(path, fmt::format("{} dimensions", dimensions));
  const std::uint64_t entry = wide ? 8 : 4;
  if (table > cursor.size() || std::uint64_t(total) > (cursor.size() - table) / entry) {
    fail("{}: truncated: a table of {} elements at position {}, the file has {} bytes; copy it again", path.string(),
         total, table, cursor.size());
  }
  for (std::int32_t i = 0; i < dimensions; ++i) {
    Dimension dimension;
    dimension.size = cursor.number<std::int32_t>(big);
    dimension.offset = cursor.number<double>(big);
    dimension.step = cursor.number<double>(big);
    const auto element = cursor.number<std::int32_t>(big);  // which has the offset
    dimension.offset -= element * dimension.step;
    read_text(cursor, big, path);  // what it is
    dimension.unit = read_text(cursor, big, path);
    header.dimensions.push_back(dimension);
  }
  cursor.move_to(table);
  header.offsets = read_offsets(cursor, header.valid, wide, big);
  if (header.tag_type == tags_with_positions && header.valid > 1) {
    cursor.move_to(table + std::uint64_t(total) * entry);
    header.tags = read_offsets(cursor, 2, wide, big);
  }
  return header;
}

/// SI units, which cannot be told by name: a pixel is far below a metre, its reciprocal far above.
void settle_length(SignalAxis& axis) {
  const double step = std::abs(axis.scale);
  const double factor = step > 0 && step < 1 ? 1e9 : step > 1 ? 1e-9 : 0;
  if (factor == 0 || !std::isfinite(step)) {
    axis.scale = 1;
    axis.offset = 0;
    return;
  }
  axis.unit = step < 1 ? "nm" : "1/nm";
  axis.scale *= factor;
  axis.offset *= factor;
}

Element read_element(ByteCursor& cursor, const Header& header, std::size_t index, const Path& path) {
  const bool big = header.big_endian, flat = header.data_type == images;
  cursor.move_to(header.offsets[index]);
  Element element;
  for (const char* name : flat ? std::vector<const char*>{"x", "y"} : std::vector<const char*>{"energy"}) {
    SignalAxis axis;
    axis.name = name;
    axis.offset = cursor.number<double>(big);
    axis.scale = cursor.number<double>(big);
    axis.offset -= cursor.number<std::int32_t>(big) * axis.scale;
    if (!std::isfinite(axis.offset)) axis.offset = 0;
    axis.unit = flat ? "" : "eV";
    if (flat) settle_length(axis);
    element.axes.insert(element.axes.begin(), axis);
  }
  element.type = cursor.number<std::int16_t>(big);
  for (std::size_t i = element.axes.size(); i-- > 0;) {
    element.axes[i].size = cursor.number<std::int32_t>(big);
    if (element.axes[i].size < 1 || element.axes[i].size > longest_side) {
      damaged(path, fmt::format("an element with a side of {}", element.axes[i].size));
    }
  }
  element.data = cursor.position();
  return element;
}

SampleType type_of(std::int16_t type, std::string& refusal) {
  static constexpr SampleType types[] = {SampleType::uint8,   SampleType::uint16, SampleType::uint32,
                                         SampleType::int8,    SampleType::int16,  SampleType::int32,
                                         SampleType::float32, SampleType::float64};
  if (type >= 1 && type <= 8) return types[type - 1];
  refusal = type == 9 || type == 10 ? "its numbers are complex; save the modulus or the phase"
                                    : fmt::format("its data type {} is not known", type);
  return SampleType::float32;
}

/// Elements do not overlap, so all of them together fit in the file.
void require_room(const Header& header, const Element& first, SampleType type, const Path& path) {
  double claimed = double(header.valid) * double(byte_size(type));
  for (const SignalAxis& axis : first.axes) claimed *= double(axis.size);
  const auto held = double(std::filesystem::file_size(path));
  if (claimed > held) {
    fail("{}: truncated: {:.0f} bytes of values are claimed, the file has {:.0f}; copy it again", path.string(),
         claimed, held);
  }
}

/// True where the second point of the scan lies below the first, not beside it.
bool runs_down(ByteCursor& cursor, const Header& header) {
  if (header.tags.size() < 2) return false;
  double x[2], y[2];
  for (std::size_t i = 0; i < 2; ++i) {
    cursor.move_to(header.tags[i] + 8);  // kind and time
    x[i] = cursor.number<double>(header.big_endian);
    y[i] = cursor.number<double>(header.big_endian);
  }
  return x[0] == x[1] && y[0] != y[1];
}

/// The axes of the series, slowest first, that hold `valid` elements; a broken series keeps its whole lines.
std::vector<SignalAxis> series_axes(const Header& header, bool down) {
  std::vector<SignalAxis> axes;
  std::int64_t total = 1;
  for (const Dimension& dimension : header.dimensions) {
    SignalAxis axis{
        "", dimension.unit == "meters" ? "m" : dimension.unit, dimension.size, dimension.step, dimension.offset, true};
    if (axis.unit == "m") settle_length(axis);
    axes.insert(down ? axes.end() : axes.begin(), axis);
    total = axis.size > 0 && total < (std::int64_t(1) << 40) / axis.size ? total * axis.size : 0;
  }
  if (!axes.empty() && total > header.valid) {
    axes.front().size = header.valid / std::max<std::int64_t>(1, total / axes.front().size);
  }
  if (axes.empty() || axes.front().size < 1 || total < header.valid) {
    axes = {{"frame", "", header.valid, 1, 0, true}};
  }
  if (axes.size() > 1 || axes.front().unit == "nm") {
    axes.back().name = "x";
    if (axes.size() > 1) axes[axes.size() - 2].name = "y";
  }
  return axes;
}

/// The values of one element, rows from above.
std::vector<float> element_values(const Path& path, const Header& header, std::size_t index, const Element& first,
                                  SampleType type) {
  ByteCursor cursor(path);
  const Element element = read_element(cursor, header, index, path);
  if (!element.same_kind(first)) damaged(path, fmt::format("element {} is not like the first", index + 1));
  BoxIndex shape;
  for (const SignalAxis& axis : element.axes) shape.push_back(axis.size);
  std::vector<float> values =
      raw_box({path, element.data, type, header.big_endian, shape})(BoxIndex(shape.size(), 0), shape);
  if (shape.size() == 2) {
    for (std::int64_t y = 0; y < shape[0] / 2; ++y) {
      const auto row = values.begin() + y * shape[1], other = values.begin() + (shape[0] - 1 - y) * shape[1];
      std::swap_ranges(row, row + shape[1], other);
    }
  }
  return values;
}

void add_reader(StoredSignal& signal, const Path& path, const Header& header, const Element& first) {
  const SampleType type = signal.type;
  const bool series = signal.axes.size() > first.axes.size();
  std::int64_t entry = 1;  // elements in each entry of the first axis
  for (std::size_t i = 1; i + first.axes.size() < signal.axes.size(); ++i) entry *= signal.axes[i].size;
  signal.read = [=](std::int64_t from, std::int64_t count) {
    std::vector<float> values;
    if (series) {
      for (std::int64_t i = from * entry; i < (from + count) * entry; ++i) {
        const auto part = element_values(path, header, std::size_t(i), first, type);
        values.insert(values.end(), part.begin(), part.end());
      }
      return values;
    }
    values = element_values(path, header, 0, first, type);
    const auto row = std::int64_t(values.size()) / first.axes.front().size;
    return std::vector<float>(values.begin() + from * row, values.begin() + (from + count) * row);
  };
}

/// Metadata from NAME.emi for NAME_2.ser: its second object.
void add_metadata(StoredSignal& signal, const Path& path) {
  const std::string stem = path.stem().string();
  const auto mark = stem.rfind('_');
  std::size_t number = 0;
  if (mark == std::string::npos) return;
  std::from_chars(stem.data() + mark + 1, stem.data() + stem.size(), number);
  const Path beside = path.parent_path() / (stem.substr(0, mark) + ".emi");
  std::error_code ignored;
  if (number == 0 || !std::filesystem::is_regular_file(beside, ignored)) return;
  const auto objects = objects_of_emi(beside);
  if (number > objects.size()) return;
  signal.original = objects[number - 1];
  signal.metadata.update(metadata_of_emi(objects[number - 1]), true);
}

}  // namespace

bool is_ser(std::string_view head) { return head.starts_with("II\x97\x01"sv) || head.starts_with("MM\x01\x97"sv); }

std::vector<StoredSignal> signals_of_ser(const Path& path) {
  ByteCursor cursor(path);
  const Header header = read_header(cursor, path);
  if (header.valid == 0) fail("{}: the SER file holds no image: its recording was broken off", path.string());
  const Element first = read_element(cursor, header, 0, path);
  StoredSignal signal;
  signal.title = path.stem().string();
  signal.metadata["format"] = "SER";
  signal.metadata["Signal"]["signal_type"] = "";
  signal.type = type_of(first.type, signal.refusal);
  require_room(header, first, signal.type, path);
  const bool down = runs_down(cursor, header);
  if (header.valid > 1) signal.axes = series_axes(header, down);
  signal.axes.insert(signal.axes.end(), first.axes.begin(), first.axes.end());
  add_reader(signal, path, header, first);
  add_metadata(signal, path);
  return {signal};
}

}  // namespace colonnade
