// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers that lie in a file at regular distances: one dense array, or frames with a header before each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "colonnade/image/formats/raw_samples.h"

namespace colonnade {

/// Bytes that are not a file's own, such as an unpacked member of it: loaded when first needed.
struct LoadedBytes {
  std::uint64_t size = 0;
  std::function<std::shared_ptr<const std::string>()> load;
};

/// `entries` entries (of a signal's first axis) of `runs` runs of `run_values` numbers; runs begin `stride` bytes
/// apart.
struct RawRecords {
  std::filesystem::path path;
  std::uint64_t offset = 0;  ///< of the first number
  SampleType type = SampleType::float32;
  bool big_endian = false;
  std::int64_t entries = 1, runs = 1, run_values = 1;
  std::uint64_t stride = 0;  ///< 0: one run directly behind the other
  LoadedBytes loaded = {};   ///< where set, the numbers lie in these instead of the file
};

/// Fails, naming the file, where the numbers leave it or their count is absurd (beyond 2^40).
void require_whole(const RawRecords& records);
/// As StoredSignal::read; checks the whole at once.
std::function<std::vector<float>(std::int64_t first, std::int64_t count)> reader_of(const RawRecords& records);
/// Fails unless the entries from `first` on exist; for readers of other kinds.
void require_entries(const std::filesystem::path& path, std::int64_t first, std::int64_t count, std::int64_t entries);

}  // namespace colonnade
