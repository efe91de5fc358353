// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/zip_signals.h"

#include "colonnade/core/error.h"
#include "colonnade/image/formats/hdf5_signals.h"
#include "colonnade/image/formats/nion.h"
#include "colonnade/image/formats/npz.h"
#include "colonnade/image/formats/signal_formats.h"
#include "colonnade/image/formats/zarr_store.h"
#include "colonnade/image/formats/zip_file.h"

namespace colonnade {

namespace {

/// Velox' files, as people pack them to send them. Their signals carry the file's name where there are several.
std::vector<StoredSignal> signals_of_packed_hdf5(const ZipFile& zip, const std::filesystem::path& path) {
  std::vector<std::string> names;
  for (const ZipFile::Member& member : zip.members()) {
    if (member.size > 0 && is_hdf5(zip.read(member.name, recognised_head))) names.push_back(member.name);
  }
  std::vector<StoredSignal> signals;
  for (const std::string& name : names) {
    for (StoredSignal& signal : signals_of_hdf5_bytes(zip.read(name), path / name)) {
      if (names.size() > 1) signal.title = fmt::format("{}/{}", name, signal.title);
      signals.push_back(std::move(signal));
    }
  }
  return signals;
}

}  // namespace

std::vector<StoredSignal> signals_of_zip(const std::filesystem::path& path) {
  const ZipFile zip(path);
  if (is_nion(zip)) return signals_of_nion(path);
  if (is_npz(zip)) return signals_of_npz(path);
  if (is_zarr_zip(zip)) return signals_of_zspy(zarr_zip(path));
  if (auto signals = signals_of_packed_hdf5(zip, path); !signals.empty()) return signals;
  fail("{}: ZIP without arrays is not read; unpack it and give the file inside", path.string());
}

}  // namespace colonnade
