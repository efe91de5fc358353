// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/raw_records.h"

#include "colonnade/core/error.h"
#include "colonnade/image/formats/byte_source.h"

namespace colonnade {

namespace {

constexpr std::int64_t most_values = std::int64_t(1) << 40;

std::uint64_t run_size(const RawRecords& records) {
  return std::uint64_t(records.run_values) * byte_size(records.type);
}

std::uint64_t distance(const RawRecords& records) { return records.stride ? records.stride : run_size(records); }

ByteSource open(const RawRecords& records) {
  if (!records.loaded.load) return ByteSource(records.path);
  return {records.path, records.loaded.load()};
}

/// The numbers of `count` entries without what stands between the runs.
std::string packed(ByteSource& source, const RawRecords& records, std::int64_t first, std::int64_t count) {
  const std::uint64_t step = distance(records), size = run_size(records);
  const auto runs = std::uint64_t(count * records.runs);
  const std::uint64_t start = records.offset + std::uint64_t(first * records.runs) * step;
  std::string bytes = source.read(start, runs == 0 ? 0 : (runs - 1) * step + size);
  if (step == size) return bytes;
  for (std::uint64_t run = 1; run < runs; ++run) bytes.replace(run * size, size, bytes, run * step, size);
  bytes.resize(runs * size);
  return bytes;
}

}  // namespace

void require_whole(const RawRecords& records) {
  const std::string where = records.path.string();
  std::int64_t values = 1;
  for (const std::int64_t factor : {records.entries, records.runs, records.run_values}) {
    if (factor <= 0)
      fail("{}: holds no numbers ({} x {} x {})", where, records.entries, records.runs, records.run_values);
    if (factor > most_values / values) {
      fail("{}: claims {} x {} x {} numbers, more than the limit of 2^40", where, records.entries, records.runs,
           records.run_values);
    }
    values *= factor;
  }
  const std::uint64_t size = records.loaded.load ? records.loaded.size : ByteSource(records.path).size();
  const std::uint64_t step = distance(records);
  const auto gaps = std::uint64_t(records.entries * records.runs - 1);
  const bool fits = step <= size && records.offset <= size && (gaps == 0 || step <= (size - records.offset) / gaps) &&
                    run_size(records) <= size - records.offset - gaps * step;
  if (!fits) {
    fail(
        "{}: truncated: {} x {} x {} numbers of {} bytes from position {} on are needed, the file has {} bytes; copy "
        "it "
        "again",
        where, records.entries, records.runs, records.run_values, byte_size(records.type), records.offset, size);
  }
}

void require_entries(const std::filesystem::path& path, std::int64_t first, std::int64_t count, std::int64_t entries) {
  if (first < 0 || count < 0 || first > entries || count > entries - first) {
    fail("{}: entries {} to {} are beyond the {} there are", path.string(), first, first + count, entries);
  }
}

std::function<std::vector<float>(std::int64_t, std::int64_t)> reader_of(const RawRecords& records) {
  require_whole(records);
  return [records](std::int64_t first, std::int64_t count) {
    require_entries(records.path, first, count, records.entries);
    ByteSource source = open(records);
    return to_floats(packed(source, records, first, count), records.type, records.big_endian);
  };
}

}  // namespace colonnade
