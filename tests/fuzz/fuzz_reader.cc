// SPDX-License-Identifier: GPL-3.0-or-later
// libFuzzer's entry into one reader (FUZZ_<reader> says which): whatever the bytes, it either gives signals that can be
// read as far as they are described, or throws Error with one line.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <unistd.h>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/image/formats/blo.h"
#include "colonnade/image/formats/bmp.h"
#include "colonnade/image/formats/digital_micrograph.h"
#include "colonnade/image/formats/emi.h"
#include "colonnade/image/formats/hdf5_signals.h"
#include "colonnade/image/formats/image_file.h"
#include "colonnade/image/formats/jpeg.h"
#include "colonnade/image/formats/mib.h"
#include "colonnade/image/formats/mrc.h"
#include "colonnade/image/formats/nion.h"
#include "colonnade/image/formats/npy.h"
#include "colonnade/image/formats/npz.h"
#include "colonnade/image/formats/png.h"
#include "colonnade/image/formats/ser.h"
#include "colonnade/image/formats/signal_form.h"
#include "colonnade/image/formats/zarr_store.h"

namespace {

namespace fs = std::filesystem;
using namespace colonnade;

#if defined(FUZZ_zspy)
/// A store whose members are pieces of the input: sums of ZIP files would keep what is inside from ever being changed.
ZarrStore store_of(const std::string& bytes) {
  std::size_t at = 0;
  const auto piece = [&] {
    if (at + 2 > bytes.size()) return std::string();
    const std::size_t size = std::uint8_t(bytes[at]) + 256U * std::uint8_t(bytes[at + 1]);
    std::string text = bytes.substr(at + 2, size);
    at = std::min(bytes.size(), at + 2 + size);
    return text;
  };
  const std::string group = "Experiments/a", array = piece(), axis = piece(), chunk = bytes.substr(at);
  auto members = std::make_shared<std::map<std::string, std::string>>(std::map<std::string, std::string>{
      {".zgroup", R"({"zarr_format": 2})"},
      {".zattrs", R"({"file_format": "ZSPY"})"},
      {group + "/.zgroup", "{}"},
      {group + "/axis-0/.zattrs", axis},
      {group + "/axis-1/.zattrs", axis},
      {group + "/data/.zarray", array},
  });
  for (const char* name : {"0.0", "0.1", "1.0", "1.1", "0/0", "0/1", "0", "1"}) {
    (*members)[group + "/data/" + name] = chunk;
  }
  ZarrStore store;
  store.where = "store";
  for (const auto& [key, text] : *members) store.keys.insert(key);
  store.read = [members](const std::string& key) { return members->at(key); };
  store.size = [members](const std::string& key) { return std::uint64_t(members->at(key).size()); };
  return store;
}
#endif

std::vector<StoredSignal> signals_of(const fs::path& path) {
#if defined(FUZZ_npy)
  return signals_of_npy(path);
#elif defined(FUZZ_npz)
  return signals_of_npz(path);
#elif defined(FUZZ_nion)
  return signals_of_nion(path);
#elif defined(FUZZ_png)
  return signals_of_png(path);
#elif defined(FUZZ_jpeg)
  return signals_of_jpeg(path);
#elif defined(FUZZ_bmp)
  return signals_of_bmp(path);
#elif defined(FUZZ_mrc)
  return signals_of_mrc(path);
#elif defined(FUZZ_blo)
  return signals_of_blo(path);
#elif defined(FUZZ_mib)
  return signals_of_mib(path);
#elif defined(FUZZ_dm)
  return signals_of_digital_micrograph(path);
#elif defined(FUZZ_ser)
  return signals_of_ser(path);
#elif defined(FUZZ_emi)
  for (const auto& object : objects_of_emi(path)) metadata_of_emi(object);  // the numbers are in SER files
  return {};
#elif defined(FUZZ_zspy)
  return signals_of_zspy(store_of(read_file(path)));
#elif defined(FUZZ_hdf5) || defined(FUZZ_velox)
  return signals_of_hdf5(path);
#else  // by the door, which knows it by its first bytes
  return read_signals(path);
#endif
}

/// A file in memory where the system has such a place.
fs::path scratch_file() {
  const fs::path memory = "/dev/shm";
  const fs::path folder = fs::is_directory(memory) ? memory : fs::temp_directory_path();
  return folder / ("colonnade-fuzz-" FUZZ_READER "-" + std::to_string(getpid()));
}

void put(const fs::path& path, const std::uint8_t* bytes, std::size_t size) {
  const int file = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
  if (file < 0 || write(file, bytes, size) != ssize_t(size)) std::abort();
  close(file);
}

/// So many numbers are read at most: a sound description of a large array is no fault.
constexpr std::int64_t most_values = 1 << 22;

void read_ends(const StoredSignal& signal) {
  if (!signal.read || signal.axes.empty()) return;
  std::int64_t entry = 1;
  for (std::size_t i = 1; i < signal.axes.size(); ++i) {
    const std::int64_t size = signal.axes[i].size;
    if (size <= 0 || size > most_values / entry) return;
    entry *= size;
  }
  const std::int64_t entries = signal.axes.front().size;
  if (entries <= 0) return;
  const std::int64_t some = std::min<std::int64_t>(entries, std::max<std::int64_t>(1, most_values / entry));
  const auto first = signal.read(0, some);
  const auto last = signal.read(entries - 1, 1);
  if (first.size() != std::size_t(some * entry) || last.size() != std::size_t(entry)) {
    std::fprintf(stderr, "%zu and %zu values in place of %lld and %lld\n", first.size(), last.size(),
                 static_cast<long long>(some * entry), static_cast<long long>(entry));
    std::abort();
  }
}

void read_all(const fs::path& path) {
  for (const StoredSignal& signal : signals_of(path)) {
    describe_form(signal);
    signal.metadata.dump(-1, ' ', true, nlohmann::json::error_handler_t::strict);
    signal.original.dump(-1, ' ', true, nlohmann::json::error_handler_t::strict);
    try {
      pixel_size(signal, path.string());
    } catch (const Error&) {  // pixels that are not square: the numbers can still be read
    }
    if (signal.refusal.empty()) read_ends(signal);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const fs::path path = [] {
    static fs::path made = scratch_file();
    std::atexit([] { std::remove(made.c_str()); });
    return made;
  }();
  put(path, bytes, size);
  try {
    read_all(path);
  } catch (const colonnade::Error& error) {
    const std::string message = error.what();
    if (message.empty() || message.find('\n') != std::string::npos) {
      std::fprintf(stderr, "not one line: %s\n", message.c_str());
      std::abort();
    }
  }
  return 0;
}
