// SPDX-License-Identifier: GPL-3.0-or-later
// Zarr, version 2 (https://zarr-specs.readthedocs.io): arrays in chunks, a file each, in a folder or a ZIP file.
// Chunks may be plain or packed by blosc, zlib, gzip or zstd; a chunk that is missing holds the fill value.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "colonnade/image/formats/stored_signal.h"
#include "colonnade/image/formats/value_box.h"
#include "colonnade/image/formats/zip_file.h"

namespace colonnade {

/// Files of a store by their paths in it ("Experiments/a/data/.zarray").
struct ZarrStore {
  std::string where;
  std::set<std::string> keys;
  std::function<std::string(const std::string& key)> read;
  std::function<std::uint64_t(const std::string& key)> size;

  bool has(const std::string& key) const { return keys.contains(key); }
  /// JSON of a file; null where it is missing or broken.
  nlohmann::json json(const std::string& key) const;
  /// Names of what lies directly below a group.
  std::set<std::string> members(const std::string& group) const;
  /// Attributes of the group and of the groups below it.
  nlohmann::json tree(const std::string& group, int depth = 0) const;
};

ZarrStore zarr_folder(const std::filesystem::path& path);
ZarrStore zarr_zip(const std::filesystem::path& path);
/// Whether the folder or the ZIP file is a store of version 2 or 3.
bool is_zarr_folder(const std::filesystem::path& path);
bool is_zarr_zip(const ZipFile& zip);

/// A signal of the array: type, axes without names and units, read().
StoredSignal signal_of_zarr(const ZarrStore& store, const std::string& array);

/// HyperSpy's .zspy; fails on any other store.
std::vector<StoredSignal> signals_of_zspy(const ZarrStore& store);

}  // namespace colonnade
