// SPDX-License-Identifier: GPL-3.0-or-later
// Arrays of zarr_store.h: their chunks, unpacked and put together.
#include <algorithm>
#include <blosc.h>
#include <cmath>
#include <numeric>
#include <optional>
#include <zlib.h>
#include <zstd.h>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/json_access.h"
#include "colonnade/image/formats/zarr_store.h"

namespace colonnade {

namespace {

using Json = nlohmann::json;

struct Array {
  ZarrStore store;
  std::string name;
  BoxIndex shape, chunks;
  SampleType type = SampleType::float32;
  bool big_endian = false, column_major = false;
  std::string packing, separator = ".";
  float fill = 0;
  std::string refusal;

  std::string where() const { return fmt::format("{}: '{}'", store.where, name); }
  std::size_t chunk_bytes() const { return std::size_t(checked_product(chunks, where())) * byte_size(type); }
};

/// "<f4": byte order, kind, size.
std::optional<SampleType> type_of(const std::string& text) {
  static const std::map<std::string, SampleType> known{
      {"b1", SampleType::boolean}, {"i1", SampleType::int8},    {"u1", SampleType::uint8},
      {"i2", SampleType::int16},   {"u2", SampleType::uint16},  {"i4", SampleType::int32},
      {"u4", SampleType::uint32},  {"i8", SampleType::int64},   {"u8", SampleType::uint64},
      {"f2", SampleType::float16}, {"f4", SampleType::float32}, {"f8", SampleType::float64}};
  const auto found = text.size() == 3 ? known.find(text.substr(1)) : known.end();
  return found == known.end() ? std::nullopt : std::optional(found->second);
}

BoxIndex sizes_of(const Json& list, const std::string& where) {
  BoxIndex sizes;
  if (!list.is_array() || list.size() > 32) fail("{}: damaged: no shape", where);
  for (const Json& size : list) {
    if (!size.is_number_integer() || size.get<std::int64_t>() < 0) fail("{}: damaged: the size {}", where, size.dump());
    sizes.push_back(size.get<std::int64_t>());
  }
  return sizes;
}

Array parse(const ZarrStore& store, const std::string& name) {
  const Json description = store.json(name + "/.zarray");
  Array array;
  array.store = store;
  array.name = name;
  array.shape = sizes_of(json_at(description, {"shape"}), array.where());
  array.chunks = sizes_of(json_at(description, {"chunks"}), array.where());
  const bool sound = array.shape.size() == array.chunks.size() && !array.shape.empty() &&
                     std::find(array.chunks.begin(), array.chunks.end(), 0) == array.chunks.end();
  if (!sound) fail("{}: damaged: shape and chunks do not agree", array.where());
  const std::string type = json_text(description, {"dtype"});
  if (const auto known = type_of(type)) {
    array.type = *known;
  } else {
    array.refusal = fmt::format("numbers of type '{}' are not read", type);
  }
  array.big_endian = type.starts_with(">");
  array.column_major = json_text(description, {"order"}) == "F";
  array.packing = json_text(description, {"compressor", "id"});
  if (const std::string mark = json_text(description, {"dimension_separator"}); mark == "/") array.separator = mark;
  array.fill = float(json_number(description, {"fill_value"}).value_or(0));
  const Json& filters = json_at(description, {"filters"});
  if (filters.is_array() && !filters.empty()) array.refusal = "chunks behind filters are not read";
  static const std::set<std::string> readable{"", "blosc", "zlib", "gzip", "zstd"};
  if (!readable.contains(array.packing))
    array.refusal = fmt::format("chunks packed by '{}' are not read", array.packing);
  return array;
}

/// Fails where the chunks that are there cannot hold what is claimed.
void require_plausible(const Array& array) {
  const double harmless = 64e6, compression_at_most = 20000;
  const double claimed = double(checked_product(array.shape, array.where())) * double(byte_size(array.type));
  const double largest = std::max(claimed, double(array.chunk_bytes()));
  if (largest <= harmless) return;
  const std::string prefix = array.name + "/";
  double held = 0;
  for (auto key = array.store.keys.lower_bound(prefix); key != array.store.keys.end() && key->starts_with(prefix);
       ++key) {
    held += double(array.store.size(*key));
  }
  if (largest > compression_at_most * held) {
    fail("{}: claims {:.0f} bytes, more than its chunks can hold", array.where(), largest);
  }
}

std::string inflated(const std::string& packed, std::size_t size, int window) {
  z_stream stream{};
  if (inflateInit2(&stream, window) != Z_OK) return {};
  std::string plain(size, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = uInt(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = uInt(plain.size());
  const int result = inflate(&stream, Z_FINISH);
  const bool whole = result == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  return whole ? plain : std::string();
}

std::string unblosced(const std::string& packed, std::size_t size) {
  std::size_t claimed = 0;
  if (blosc_cbuffer_validate(packed.data(), packed.size(), &claimed) < 0 || claimed != size) return {};
  std::string plain(size, '\0');
  return blosc_decompress_ctx(packed.data(), plain.data(), size, 1) == int(size) ? plain : std::string();
}

/// The bytes of a chunk; empty where they are not what they should be.
std::string unpacked(const std::string& packed, const std::string& packing, std::size_t size) {
  if (packing.empty()) return packed.size() == size ? packed : std::string();
  if (packing == "blosc") return unblosced(packed, size);
  if (packing == "zlib") return inflated(packed, size, 15);
  if (packing == "gzip") return inflated(packed, size, 15 + 16);
  std::string plain(size, '\0');
  const std::size_t result = ZSTD_decompress(plain.data(), size, packed.data(), packed.size());
  return ZSTD_isError(result) == 0 && result == size ? plain : std::string();
}

std::optional<std::vector<float>> chunk_values(const Array& array, const BoxIndex& place) {
  const std::string key = fmt::format("{}/{}", array.name, fmt::join(place, array.separator));
  if (!array.store.has(key)) return std::nullopt;
  const std::string packed = array.store.read(key);
  const std::string bytes = unpacked(packed, array.packing, array.chunk_bytes());
  if (bytes.empty()) fail("{}: chunk {} is damaged or cut short", array.where(), key);
  return to_floats(bytes, array.type, array.big_endian);
}

/// Distances between neighbours along each axis of a box.
BoxIndex strides(const BoxIndex& shape, bool column_major) {
  BoxIndex steps(shape.size(), 1);
  if (column_major) {
    for (std::size_t i = 1; i < shape.size(); ++i) steps[i] = steps[i - 1] * shape[i - 1];
  } else {
    for (std::size_t i = shape.size() - 1; i-- > 0;) steps[i] = steps[i + 1] * shape[i + 1];
  }
  return steps;
}

/// Moves to the next place between `low` and `high` (exclusive), last axis first; false behind the last.
bool advance(BoxIndex& place, const BoxIndex& low, const BoxIndex& high) {
  for (std::size_t i = place.size(); i-- > 0;) {
    if (++place[i] < high[i]) return true;
    place[i] = low[i];
  }
  return false;
}

/// Copies what a chunk and a box have in common.
void paste(const Array& array, const BoxIndex& chunk, const std::vector<float>& values, const BoxIndex& start,
           const BoxIndex& count, std::vector<float>& target) {
  const std::size_t axes = start.size();
  BoxIndex low(axes), high(axes);
  for (std::size_t i = 0; i < axes; ++i) {
    low[i] = std::max(start[i], chunk[i] * array.chunks[i]);
    high[i] = std::min(start[i] + count[i], (chunk[i] + 1) * array.chunks[i]);
  }
  const BoxIndex from = strides(array.chunks, array.column_major), to = strides(count, false);
  BoxIndex place = low;
  do {
    std::int64_t source = 0, goal = 0;
    for (std::size_t i = 0; i < axes; ++i) {
      source += (place[i] - chunk[i] * array.chunks[i]) * from[i];
      goal += (place[i] - start[i]) * to[i];
    }
    target[std::size_t(goal)] = values[std::size_t(source)];
  } while (advance(place, low, high));
}

std::vector<float> read_box(const Array& array, const BoxIndex& start, const BoxIndex& count) {
  require_plausible(array);
  const std::int64_t total = checked_product(count, array.where());
  std::vector<float> values(std::size_t(total), array.fill);
  if (total == 0) return values;
  BoxIndex low(start.size()), high(start.size());
  for (std::size_t i = 0; i < start.size(); ++i) {
    if (start[i] < 0 || start[i] + count[i] > array.shape[i]) fail("{}: a box that leaves the array", array.where());
    low[i] = start[i] / array.chunks[i];
    high[i] = (start[i] + count[i] - 1) / array.chunks[i] + 1;
  }
  BoxIndex chunk = low;
  do {
    if (const auto part = chunk_values(array, chunk)) paste(array, chunk, *part, start, count, values);
  } while (advance(chunk, low, high));
  return values;
}

}  // namespace

StoredSignal signal_of_zarr(const ZarrStore& store, const std::string& name) {
  const Array array = parse(store, name);
  StoredSignal signal;
  signal.type = array.type;
  signal.refusal = array.refusal;
  for (const std::int64_t size : array.shape) signal.axes.push_back({"", "", size, 1, 0, false});
  if (checked_product(array.shape, array.where()) == 0) fail("{}: is empty", array.where());
  checked_product(array.chunks, array.where());
  signal.metadata["dataset"] = name;
  signal.read = entries_of(
      [array](const BoxIndex& start, const BoxIndex& count) { return read_box(array, start, count); }, array.shape);
  return signal;
}

}  // namespace colonnade
