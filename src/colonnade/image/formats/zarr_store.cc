// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/zarr_store.h"

#include <memory>

#include "colonnade/core/error.h"
#include "colonnade/image/formats/byte_source.h"
#include "colonnade/image/formats/hyperspy.h"

namespace colonnade {

namespace {

using Json = nlohmann::json;
using Path = std::filesystem::path;

constexpr std::size_t most_files = 1000000;
constexpr int deepest_group = 24;
constexpr std::uint64_t longest_json = 1 << 26;

}  // namespace

Json ZarrStore::json(const std::string& key) const {
  if (!has(key) || size(key) > longest_json) return nullptr;
  Json parsed = Json::parse(read(key), nullptr, false);
  return parsed.is_discarded() ? Json() : parsed;
}

std::set<std::string> ZarrStore::members(const std::string& group) const {
  const std::string prefix = group.empty() ? "" : group + "/";
  std::set<std::string> found;
  for (auto key = keys.lower_bound(prefix); key != keys.end() && key->starts_with(prefix); ++key) {
    const auto end = key->find('/', prefix.size());
    if (end != std::string::npos) found.insert(key->substr(prefix.size(), end - prefix.size()));
  }
  return found;
}

Json ZarrStore::tree(const std::string& group, int depth) const {
  Json found = json(group + "/.zattrs");
  if (!found.is_object()) found = Json::object();
  if (depth > deepest_group) return found;
  for (const std::string& member : members(group)) {
    const std::string name = group + "/" + member;
    if (has(name + "/.zgroup")) found[member] = tree(name, depth + 1);
  }
  return found;
}

ZarrStore zarr_folder(const Path& path) {
  ZarrStore store;
  store.where = path.string();
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry.depth() > 2 * deepest_group) entry.disable_recursion_pending();
    if (entry->is_regular_file()) store.keys.insert(entry->path().lexically_relative(path).generic_string());
    if (store.keys.size() > most_files) fail("{}: more than {} files", store.where, most_files);
  }
  if (error) fail("{}: cannot be listed: {}", store.where, error.message());
  store.read = [path](const std::string& key) {
    ByteSource source(path / key);
    return source.read(0, source.size());
  };
  store.size = [path](const std::string& key) { return ByteSource(path / key).size(); };
  return store;
}

ZarrStore zarr_zip(const Path& path) {
  const auto zip = std::make_shared<const ZipFile>(path);
  ZarrStore store;
  store.where = path.string();
  std::map<std::string, std::uint64_t> sizes;
  for (const ZipFile::Member& member : zip->members()) {
    store.keys.insert(member.name);
    sizes[member.name] = member.size;
  }
  store.read = [zip](const std::string& key) { return zip->read(key); };
  store.size = [sizes](const std::string& key) { return sizes.at(key); };
  return store;
}

bool is_zarr_folder(const Path& path) {
  for (const char* name : {".zgroup", ".zarray", "zarr.json"}) {
    if (std::filesystem::exists(path / name)) return true;
  }
  return false;
}

bool is_zarr_zip(const ZipFile& zip) { return zip.has(".zgroup") || zip.has(".zarray") || zip.has("zarr.json"); }

std::vector<StoredSignal> signals_of_zspy(const ZarrStore& store) {
  if (store.has("zarr.json")) fail("{}: Zarr of version 3 is not read; save it as .hspy or in version 2", store.where);
  std::vector<StoredSignal> signals;
  for (const std::string& name : store.members("Experiments")) {
    const std::string group = "Experiments/" + name;
    if (!store.has(group + "/data/.zarray")) continue;
    StoredSignal signal = signal_of_zarr(store, group + "/data");
    describe_by_hyperspy(signal, store.tree(group), name);
    signals.push_back(std::move(signal));
  }
  if (signals.empty()) fail("{}: the Zarr store holds no signal of HyperSpy's", store.where);
  return signals;
}

}  // namespace colonnade
