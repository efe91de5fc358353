// SPDX-License-Identifier: GPL-3.0-or-later
// Parts of an array that stays in its file, for StoredSignal::read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "colonnade/image/formats/raw_samples.h"

namespace colonnade {

/// Indices or sizes, slowest axis first.
using BoxIndex = std::vector<std::int64_t>;
/// The values of a box of an array, row-major. `start` and `count` have an entry per axis.
using ReadBox = std::function<std::vector<float>(const BoxIndex& start, const BoxIndex& count)>;

/// Numbers that lie in a file one after another, row-major.
struct RawArray {
  std::filesystem::path path;
  std::uint64_t offset = 0;
  SampleType type = SampleType::float32;
  bool big_endian = false;
  BoxIndex shape;
};
/// Fails, naming the file as truncated, where the array leaves it.
ReadBox raw_box(RawArray array);

/// StoredSignal::read of an array whose axes are in the signal's order.
std::function<std::vector<float>(std::int64_t, std::int64_t)> entries_of(ReadBox box, BoxIndex shape);
/// The same for an array whose first axis is the signal's last one (spectra stored plane by plane).
std::function<std::vector<float>(std::int64_t, std::int64_t)> entries_with_first_axis_last(ReadBox box, BoxIndex shape);
/// The same for an array whose last axis is the signal's first one (frames stored as the fastest axis).
std::function<std::vector<float>(std::int64_t, std::int64_t)> entries_with_last_axis_first(ReadBox box, BoxIndex shape);

/// The product of the sizes; fails, naming `where`, on a negative one and beyond 2^40.
std::int64_t checked_product(const BoxIndex& shape, const std::string& where);

}  // namespace colonnade
