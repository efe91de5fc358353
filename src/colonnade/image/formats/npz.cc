// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/npz.h"

#include <algorithm>

#include "colonnade/core/error.h"

namespace colonnade {

namespace {

constexpr std::uint64_t head_size = 1 << 16;

bool is_array(const ZipFile::Member& member) { return member.name.ends_with(".npy"); }

}  // namespace

bool is_npz(const ZipFile& zip) { return std::any_of(zip.members().begin(), zip.members().end(), is_array); }

StoredSignal npz_signal(const std::filesystem::path& path, const ZipFile& zip, const ZipFile::Member& member) {
  LoadedBytes loaded;
  loaded.size = member.size;
  loaded.load = [zip, name = member.name, kept = std::shared_ptr<const std::string>()]() mutable {
    if (!kept) kept = std::make_shared<const std::string>(zip.read(name));
    return kept;
  };
  ByteSource head(path, std::make_shared<const std::string>(zip.read(member.name, head_size)));
  StoredSignal signal = npy_signal(head, loaded);
  signal.title = member.name.substr(0, member.name.rfind(".npy"));
  return signal;
}

std::vector<StoredSignal> signals_of_npz(const std::filesystem::path& path) {
  const ZipFile zip(path);
  std::vector<StoredSignal> signals;
  for (const ZipFile::Member& member : zip.members()) {
    if (!is_array(member)) continue;
    if (!is_npy(zip.read(member.name, 6))) fail("{}: '{}' is no NPY array", path.string(), member.name);
    signals.push_back(npz_signal(path, zip, member));
    signals.back().metadata["format"] = "NPZ";
  }
  if (signals.empty()) fail("{}: a ZIP file without arrays; unpack it and give the file inside", path.string());
  return signals;
}

}  // namespace colonnade
